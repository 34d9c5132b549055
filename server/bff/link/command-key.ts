import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import type { PublicKey, Signed } from '@rebootless/shared/contract/signed.ts'
import type { PayloadType } from '@rebootless/shared/domain/signing-bytes.ts'
import { publicKeyOf, signPayload } from '../../signing/ed25519.ts'
import { createOnce, readPrivateFile } from './private-file.ts'

/** The server's own Ed25519 key: agents learn its public half at enrolment, and take commands signed by it alone. */
export interface CommandKey {
  readonly publicKey: PublicKey
  /** One payload with this key's signature over its type and exact text (threat-model T23). */
  sign(type: PayloadType, payload: string): Signed
}

const newKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/**
 * Loads the key from the data directory, or makes it there (0600), beside the certificate authority's; of several
 * backends that start at once, one makes it. Throws when the file is damaged or open to others.
 */
export const openCommandKey = async (dataDirectory: string): Promise<CommandKey> => {
  const path = join(dataDirectory, 'command-key.pem')
  const text = (await readPrivateFile(path)) ?? (await createOnce(path, newKey()))
  const privateKey = parseKey(path, text)
  return {
    publicKey: publicKeyOf(privateKey),
    sign: (type, payload) => ({ type, payload, signatures: [signPayload(privateKey, type, payload)] }),
  }
}

const parseKey = (path: string, text: string) => {
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {}
  throw new Error(`${path} is damaged: restore it from a backup, or remove it and enrol every host anew`)
}
