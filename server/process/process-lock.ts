import { randomBytes } from 'node:crypto'
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import * as z from 'zod'
import { identifyProcess, processRuns } from './process-identity.ts'

const Holder = z.object({ pid: z.number(), startTicks: z.string(), bootId: z.string(), released: z.boolean() })
type Holder = z.infer<typeof Holder>

export type ProcessLock =
  | { readonly held: true; release(): Promise<void> }
  /** Another process has it. */
  | { readonly held: false; readonly pid: number }

/**
 * Makes this process the one that holds a lock in a folder. Node has no flock(2), and a plain lock file can't be taken
 * over from a dead holder without a race. So each holder makes the next of `NAME.1`, `NAME.2`, …, which link(2) gives to
 * one process only; the highest is the one that counts, and is never removed.
 */
export async function takeProcessLock(folder: string, name: string): Promise<ProcessLock> {
  const self = await identifyProcess(process.pid)
  if (self === undefined) throw new Error('/proc is not mounted: processes cannot be told apart')
  for (;;) {
    const last = Math.max(0, ...(await generations(folder, name)))
    const holder = await livingHolder(folder, name, last)
    if (holder) return { held: false, pid: holder.pid }
    const mine = path.join(folder, `${name}.${last + 1}`)
    const draft = path.join(folder, `${name}-draft.${randomBytes(8).toString('hex')}`)
    const write = (released: boolean) =>
      writeFile(draft, JSON.stringify({ ...self, released } satisfies Holder), { mode: 0o644 })
    await write(false)
    const won = await link(draft, mine).then(
      () => true,
      () => false,
    )
    await rm(draft, { force: true })
    if (!won) continue
    // A slow reader may have looked before a higher one came and the lower ones went.
    const higher = (await generations(folder, name)).some((generation) => generation > last + 1)
    if (higher) {
      await rm(mine, { force: true })
      continue
    }
    for (const old of await generations(folder, name)) {
      if (old <= last) await rm(path.join(folder, `${name}.${old}`), { force: true })
    }
    const release = async () => {
      await write(true)
      await rename(draft, mine)
    }
    return { held: true, release }
  }
}

/** The process that holds the lock, by pid; undefined when none does. Changes nothing. */
export async function processLockHolder(folder: string, name: string): Promise<number | undefined> {
  const last = Math.max(0, ...(await generations(folder, name).catch(() => [])))
  return (await livingHolder(folder, name, last))?.pid
}

async function generations(folder: string, name: string): Promise<number[]> {
  const names = await readdir(folder)
  return names.flatMap((file) => {
    const generation = file.startsWith(`${name}.`) ? file.slice(name.length + 1) : ''
    return /^\d{1,15}$/.test(generation) ? [Number(generation)] : []
  })
}

/** A file that can't be read was torn by a power cut: its owner is dead. */
async function livingHolder(folder: string, name: string, generation: number): Promise<Holder | undefined> {
  try {
    const holder = Holder.parse(JSON.parse(await readFile(path.join(folder, `${name}.${generation}`), 'utf8')))
    return !holder.released && (await processRuns(holder)) ? holder : undefined
  } catch {
    return undefined
  }
}
