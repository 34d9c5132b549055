import { createHash } from 'node:crypto'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { isSignedBytes } from './ed25519.ts'
import { KeyError } from './key-error.ts'
import { publicKeyOfBlob, readBytes, sshString } from './ssh-wire.ts'

/** OpenSSH, PROTOCOL.sshsig: what follows is version 1 of a signature that `ssh-keygen -Y verify` checks. */
const MAGIC = Buffer.from('SSHSIG')
const VERSION = 1
const KIND = 'ssh-ed25519'
const HASHES = ['sha512', 'sha256']
const ARMOUR = /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n?$/
/** As ssh-keygen breaks them: sshbuf_dtob64. */
const LINE = /.{1,70}/g

export interface SshSignature {
  readonly publicKey: PublicKey
  /** What it is for: one made for something else does not count. */
  readonly namespace: string
  readonly hash: string
  /** Base64. */
  readonly signature: string
}

/** The public half in OpenSSH's spelling, as in `id_ed25519.pub` (RFC 8709, §4). */
export const openSshPublicKey = (publicKey: PublicKey): string => `${KIND} ${keyBlob(publicKey).toString('base64')}`

/** @throws KeyError for another kind of key, or none */
export const readOpenSshPublicKey = (text: string): PublicKey => {
  const [kind, base64 = ''] = text.trim().split(/\s+/)
  if (kind !== KIND) throw new KeyError(`No public key of OpenSSH that begins with ${KIND}.`)
  return readKeyBlob(Buffer.from(base64, 'base64'))
}

/** Signs a message's hash; the text is what goes into a `.sig` file. */
export const sshSign = async (
  key: { readonly publicKey: PublicKey; signBytes(bytes: Uint8Array): Promise<Uint8Array> },
  namespace: string,
  message: Uint8Array,
): Promise<string> => {
  const [hash = ''] = HASHES
  const signature = sshString(
    Buffer.concat([sshString(KIND), sshString(await key.signBytes(signedBytes({ namespace, hash }, message)))]),
  )
  const parts = [sshString(keyBlob(key.publicKey)), sshString(namespace), sshString(''), sshString(hash), signature]
  const base64 = Buffer.concat([MAGIC, uint32(VERSION), ...parts]).toString('base64')
  const lines = base64.match(LINE)?.join('\n') ?? ''
  return `-----BEGIN SSH SIGNATURE-----\n${lines}\n-----END SSH SIGNATURE-----\n`
}

/** @throws KeyError when it is none, or not by an Ed25519 key */
export const readSshSignature = (armoured: string): SshSignature => {
  const base64 = ARMOUR.exec(armoured)?.[1]
  if (base64 === undefined) throw new KeyError('This is no signature of OpenSSH.')
  const bytes = readBytes(Buffer.from(base64, 'base64'), 'The signature')
  if (!bytes.take(MAGIC.length).equals(MAGIC) || bytes.number() !== VERSION) {
    throw new KeyError('The signature has an unknown form.')
  }
  const publicKey = readKeyBlob(bytes.string())
  const namespace = bytes.string().toString()
  bytes.string() // reserved: "implementations should ignore the value"
  const hash = bytes.string().toString()
  const inner = readBytes(bytes.string(), 'The signature')
  if (!HASHES.includes(hash) || inner.string().toString() !== KIND) {
    throw new KeyError('The signature is of a kind that is not taken here.')
  }
  const signature = inner.string()
  if (bytes.left() + inner.left() > 0) throw new KeyError('The signature has something behind it.')
  return { publicKey, namespace, hash, signature: signature.toString('base64') }
}

/** Whether the key named in it signed the message, for that namespace: whose key it is remains to be asked. */
export const fitsMessage = (signature: SshSignature, namespace: string, message: Uint8Array): boolean =>
  signature.namespace === namespace && isSignedBytes(signature, signedBytes(signature, message))

/** PROTOCOL.sshsig, "Signed Data, of which the signature goes into the blob above". */
const signedBytes = ({ namespace, hash }: { namespace: string; hash: string }, message: Uint8Array): Buffer =>
  Buffer.concat([
    MAGIC,
    ...[namespace, '', hash].map((text) => sshString(text)),
    sshString(createHash(hash).update(message).digest()),
  ])

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const keyBlob = (publicKey: PublicKey): Buffer =>
  Buffer.concat([sshString(KIND), sshString(Buffer.from(publicKey, 'base64'))])

const readKeyBlob = (blob: Buffer): PublicKey => {
  const key = publicKeyOfBlob(blob)
  if (key === undefined) throw new KeyError('The public key is no Ed25519 key.')
  return key
}
