import { KeyError } from './key-error.ts'

/** Reads SSH's wire format (RFC 4251, §5): numbers of four bytes, and strings that begin with their length. */
export const readBytes = (bytes: Buffer, what: string) => {
  let at = 0
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) throw new KeyError(`${what} is cut or damaged.`)
    at += length
    return bytes.subarray(at - length, at)
  }
  const number = () => take(4).readUInt32BE()
  return { number, string: () => take(number()), left: () => bytes.length - at, take }
}

/** The 32 bytes of an Ed25519 key in base64 (RFC 8709, §4); undefined: another kind of key. */
export const publicKeyOfBlob = (blob: Buffer): string | undefined => {
  const key = readBytes(blob, 'The public key')
  if (key.string().toString() !== 'ssh-ed25519') return undefined
  const bytes = key.string()
  return bytes.length === 32 ? bytes.toString('base64') : undefined
}

export const sshString = (text: string | Uint8Array): Buffer => {
  const content = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}
