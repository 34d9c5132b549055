import { join } from 'node:path'
import { readIfThere, replaceFile } from './durable-file.ts'

const pathOf = (dataDirectory: string) => join(dataDirectory, 'epoch')

/**
 * The next epoch. A file that is lost or damaged must not send a known host back to 1, for then the server would hear
 * nothing new from it: the seconds since 1970 are beyond any count of starts.
 */
export const nextEpoch = (stored: string | undefined, nowMs: number): number => {
  const text = stored?.trim() ?? ''
  return /^\d{1,10}$/.test(text) ? Number(text) + 1 : Math.max(1, Math.floor(nowMs / 1000))
}

/** What the file can hold; a server that names a greater one is not to be followed. */
export const EPOCH_MAX = 9_999_999_999

/**
 * Raises the epoch, if need be beyond `above`, and has it on the disk before anything is sent under it (threat-model
 * T19).
 */
export const raiseEpoch = async (dataDirectory: string, nowMs: number, above = 0): Promise<number> => {
  const epoch = Math.max(nextEpoch(await readIfThere(pathOf(dataDirectory)), nowMs), above + 1)
  await replaceFile(pathOf(dataDirectory), `${epoch}\n`, { durable: true })
  return epoch
}

/**
 * At enrolment: from here on, a missing file is a lost one. A count that is there goes on, for the agent that runs
 * under it may be the one that enrols again.
 */
export const beginEpochs = async (dataDirectory: string): Promise<void> => {
  if ((await readIfThere(pathOf(dataDirectory))) === undefined) {
    await replaceFile(pathOf(dataDirectory), '0\n', { durable: true })
  }
}
