import { KeyError } from './signing-key.ts'

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

export const sshString = (text: string | Uint8Array): Buffer => {
  const content = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}
