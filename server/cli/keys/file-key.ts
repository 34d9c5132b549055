import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { open } from 'node:fs/promises'
import { publicKeyOf, signPayload } from '../../signing/ed25519.ts'
import { KeyError } from '../../signing/key-error.ts'
import { readBytes } from '../../signing/ssh-wire.ts'
import type { SigningKey } from './signing-key.ts'

const BYTES_MAX = 64 * 1024
/** PKCS #8 around a seed of Ed25519 (RFC 8410, §7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * A private key of Ed25519 in a file that nobody else may read: PKCS #8 as `rebootless keygen` writes it, or OpenSSH's own
 * form without a passphrase; one with a passphrase is for ssh-agent, which asks for it.
 * @throws KeyError
 */
export const readFileKey = async (path: string): Promise<SigningKey> => {
  const key = parseKey(path, await readPrivate(path))
  if (key.asymmetricKeyType !== 'ed25519')
    throw new KeyError(`${path} holds no Ed25519 key: make one by rebootless keygen.`)
  return {
    publicKey: publicKeyOf(key),
    where: `the file ${path}`,
    sign: async (type, payload) => signPayload(key, type, payload),
    signBytes: async (bytes) => sign(null, bytes, key),
  }
}

const readPrivate = async (path: string): Promise<string> => {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new KeyError(`${path} cannot be read: ${error.code ?? error.message}.`)
  })
  try {
    const { mode, size } = await file.stat()
    if ((mode & 0o077) !== 0)
      throw new KeyError(`${path} is open to others: run chmod 600 on it, and think who read it.`)
    if (size > BYTES_MAX) throw new KeyError(`${path} is no key: it is too large.`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

const parseKey = (path: string, text: string): KeyObject => {
  const openSsh = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/.exec(text)
  if (openSsh?.[1] !== undefined) return parseOpenSshKey(path, Buffer.from(openSsh[1], 'base64'))
  try {
    return createPrivateKey(text)
  } catch {
    const locked = text.includes('ENCRYPTED')
    throw new KeyError(locked ? withPassphrase(path) : `${path} holds no private key that can be read here.`)
  }
}

const withPassphrase = (path: string) =>
  `${path} has a passphrase: add it to ssh-agent by ssh-add, and use --ssh-agent instead.`

/** OpenSSH, PROTOCOL.key: "openssh-key-v1", with one key and no cipher. */
const parseOpenSshKey = (path: string, bytes: Buffer): KeyObject => {
  const what = `The OpenSSH key in ${path}`
  const outer = readBytes(bytes, what)
  if (outer.take(15).toString('latin1') !== 'openssh-key-v1\0') throw new KeyError(`${what} has an unknown form.`)
  if (outer.string().toString() !== 'none') throw new KeyError(withPassphrase(path))
  outer.string() // name of the key derivation
  outer.string() // its options
  if (outer.number() !== 1) throw new KeyError(`${what} is not one key.`)
  outer.string() // public half
  const inner = readBytes(outer.string(), what)
  const [one, other] = [inner.number(), inner.number()]
  if (one !== other) throw new KeyError(`${what} is damaged.`)
  if (inner.string().toString() !== 'ssh-ed25519') throw new KeyError(`${path} holds no Ed25519 key.`)
  const publicHalf = inner.string()
  const pair = inner.string()
  if (publicHalf.length !== 32 || pair.length !== 64 || !pair.subarray(32).equals(publicHalf)) {
    throw new KeyError(`${what} is damaged.`)
  }
  const der = Buffer.concat([PKCS8_HEAD, pair.subarray(0, 32)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  if (publicKeyOf(key) !== publicHalf.toString('base64')) throw new KeyError(`${what} is damaged.`)
  return key
}
