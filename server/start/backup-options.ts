import { type ArchiveKey, readIdentities, readPassphrase } from '../bff/backup/archive-keys.ts'

/** The command was not written as its usage says. */
export class WrongUse extends TypeError {}

export interface Say {
  out(line: string): void
  error(line: string): void
}

export const KEY_OPTIONS = { identity: { type: 'string' }, 'passphrase-file': { type: 'string' } } as const

/** Secrets come by files: arguments are seen by every user of the machine (threat-model T31). */
export const keyOf = async (values: {
  identity?: string | undefined
  'passphrase-file'?: string | undefined
}): Promise<ArchiveKey> => {
  const { identity, 'passphrase-file': passphraseFile } = values
  if (identity !== undefined && passphraseFile === undefined) {
    return { kind: 'identities', identities: await readIdentities(identity) }
  }
  if (passphraseFile !== undefined && identity === undefined) {
    return { kind: 'passphrase', passphrase: await readPassphrase(passphraseFile) }
  }
  throw new WrongUse('say --identity or --passphrase-file')
}

export const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }
