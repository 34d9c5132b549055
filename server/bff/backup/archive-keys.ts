import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption'
import { createOnce, readPrivateFile } from '../link/private-file.ts'
import { BackupError, messageOf } from './backup-error.ts'

/** Who can read an archive: the format is age's (age-encryption.org/v1). */
export type ArchiveLock =
  | { readonly kind: 'recipients'; readonly recipients: readonly string[] }
  /** `workFactor`: of scrypt, a power of two; left out: age's own, 18. */
  | { readonly kind: 'passphrase'; readonly passphrase: string; readonly workFactor?: number }
export type ArchiveKey =
  | { readonly kind: 'identities'; readonly identities: readonly string[] }
  | { readonly kind: 'passphrase'; readonly passphrase: string }

/** Shorter ones are guessed by whoever has the file; scrypt only slows him down. */
const PASSPHRASE_LETTERS_MIN = 16

const readSecret = async (file: string): Promise<string> => {
  const text = await readPrivateFile(file).catch((error: unknown) => {
    throw new BackupError(messageOf(error))
  })
  if (text === undefined) throw new BackupError(`There is no file ${file}.`)
  return text
}

/** @throws BackupError: there is none, it is open to others, or it is too short */
export const readPassphrase = async (file: string): Promise<string> => {
  const passphrase = (await readSecret(file)).trim()
  if (passphrase.length >= PASSPHRASE_LETTERS_MIN) return passphrase
  throw new BackupError(
    `${file} must hold a passphrase of ${PASSPHRASE_LETTERS_MIN} letters or more, as \`openssl rand -base64 24\` prints one.`,
  )
}

/** As `age-keygen` writes them: a key a line, comments behind `#`. @throws BackupError */
export const readIdentities = async (file: string): Promise<readonly string[]> => {
  const lines = (await readSecret(file)).split('\n').map((line) => line.trim())
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (identities.length > 0 && identities.every((line) => /^AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]+$/.test(line))) {
    return identities
  }
  throw new BackupError(`${file} holds no age key: a line that begins with AGE-SECRET-KEY-1.`)
}

/** Writes a new key, mode 0600, where no file is yet. @returns whom to encrypt to, which is no secret */
export const makeIdentity = async (file: string): Promise<string> => {
  const identity = await generateX25519Identity()
  const recipient = await identityToRecipient(identity)
  const text = `# public key: ${recipient}\n${identity}\n`
  const written = await createOnce(file, text).catch((error: unknown) => {
    throw new BackupError(`${file} cannot be written: ${messageOf(error)}`)
  })
  if (written !== text) throw new BackupError(`${file} is there already: a key is never written over.`)
  return recipient
}

/**
 * Encrypts for these readers. Whoever only has public keys could not read his archive back, so one more reader is added,
 * whose key lives in this process alone, and ends with it.
 * @throws BackupError: one of the recipients is none
 */
export const openLock = async (lock: ArchiveLock): Promise<{ encrypter: Encrypter; readBack: ArchiveKey }> => {
  const encrypter = new Encrypter()
  if (lock.kind === 'passphrase') {
    encrypter.setPassphrase(lock.passphrase)
    if (lock.workFactor !== undefined) encrypter.setScryptWorkFactor(lock.workFactor)
    return { encrypter, readBack: lock }
  }
  for (const recipient of lock.recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch {
      // Perhaps a secret key, by mistake: it is not said again.
      throw new BackupError('A recipient is the public half of an age key, age1…: `rebootless backup --new-key FILE`.')
    }
  }
  const own = await generateX25519Identity()
  encrypter.addRecipient(await identityToRecipient(own))
  return { encrypter, readBack: { kind: 'identities', identities: [own] } }
}

/** @throws BackupError: one of the keys is none */
export const decrypterOf = (key: ArchiveKey): Decrypter => {
  const decrypter = new Decrypter()
  if (key.kind === 'passphrase') {
    decrypter.addPassphrase(key.passphrase)
    return decrypter
  }
  try {
    for (const identity of key.identities) decrypter.addIdentity(identity)
  } catch {
    throw new BackupError('A key of the given file is mistyped: its checksum does not fit.')
  }
  return decrypter
}
