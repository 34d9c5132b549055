import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

/**
 * rpm has xz check its payload by SHA-256, which the decoder here does not know. So the stream is wrapped anew without a
 * check, for the decoder, and the sums that it bore are held against what comes out. Sources: the .xz file format 1.2.1, §2
 * to §4; for the chunks of LZMA2 the kernel's lib/xz/xz_dec_lzma2.c.
 */
const STREAM_HEADER_BYTES = 12
const CHECK_SHA256 = 0x0a
const SHA256_BYTES = 32
const NO_CHECK = Buffer.from([0, 0])
const SHA256_CHECK = Buffer.from([0, CHECK_SHA256])

export const isCheckedBySha256 = (head: Buffer): boolean => head[7] === CHECK_SHA256

export interface CheckedBlock {
  readonly size: number
  readonly sha256: Buffer
}

/** Null when it is no such stream, or one that ends too early; what is wrong inside of a block is the decoder's to find. */
export const withoutSha256 = (stream: Buffer): { stream: Buffer; blocks: CheckedBlock[] } | null => {
  const parts: Buffer[] = [stream.subarray(0, 6), NO_CHECK, word(crc32(NO_CHECK))]
  const blocks: CheckedBlock[] = []
  const records: { unpadded: number; size: number }[] = []
  let at = STREAM_HEADER_BYTES
  // A size of zero is where the index begins.
  for (let headerSize = stream[at]; headerSize !== 0; headerSize = stream[at]) {
    if (headerSize === undefined) return null
    const data = chunksFrom(stream, at + (headerSize + 1) * 4)
    if (data === null) return null
    const unpadded = data.end - at
    const checkAt = at + unpadded + padding(unpadded)
    const sha256 = stream.subarray(checkAt, checkAt + SHA256_BYTES)
    if (sha256.length < SHA256_BYTES) return null
    parts.push(stream.subarray(at, checkAt))
    blocks.push({ size: data.size, sha256 })
    records.push({ unpadded, size: data.size })
    at = checkAt + SHA256_BYTES
  }
  if (!stream.subarray(at).equals(endOf(records, SHA256_BYTES, SHA256_CHECK))) return null
  return { stream: Buffer.concat([...parts, endOf(records, 0, NO_CHECK)]), blocks }
}

/** Index and footer. */
const endOf = (
  records: readonly { readonly unpadded: number; readonly size: number }[],
  checkBytes: number,
  check: Buffer,
): Buffer => {
  const numbers = records.flatMap(({ unpadded, size }) => [variable(unpadded + checkBytes), variable(size)])
  const entries = Buffer.concat([Buffer.from([0]), variable(records.length), ...numbers])
  const index = Buffer.concat([entries, Buffer.alloc(padding(entries.length))])
  const footer = Buffer.concat([word((index.length + 4) / 4 - 1), check])
  return Buffer.concat([index, word(crc32(index)), word(crc32(footer)), footer, Buffer.from('YZ')])
}

/** Goes over the chunks of LZMA2 to the one that ends them: where they end, and how much comes out of them. */
const chunksFrom = (stream: Buffer, from: number): { end: number; size: number } | null => {
  let size = 0
  for (let at = from; ; ) {
    const control = stream[at]
    if (control === undefined) return null
    if (control === 0) return { end: at + 1, size }
    const packed = control >= 0x80
    if (at + 6 > stream.length || (!packed && control > 2)) return null
    const low = stream.readUInt16BE(at + 1)
    size += packed ? ((control & 0x1f) << 16) + low + 1 : low + 1
    // Behind the sizes stand the properties, where they are new.
    at += packed ? (control >= 0xc0 ? 6 : 5) + stream.readUInt16BE(at + 3) + 1 : 3 + low + 1
  }
}

/** Holds what comes out, in order, against the sums of the blocks. */
export class BlockSums {
  readonly #blocks: readonly CheckedBlock[]
  #block = 0
  #hash = createHash('sha256')
  #hashed = 0

  constructor(blocks: readonly CheckedBlock[]) {
    this.#blocks = blocks
  }

  /** False: a block is not what it was packed from. */
  take(piece: Buffer): boolean {
    let rest = piece
    for (;;) {
      const block = this.#blocks[this.#block]
      if (block === undefined) return rest.length === 0
      const part = rest.subarray(0, block.size - this.#hashed)
      this.#hash.update(part)
      this.#hashed += part.length
      rest = rest.subarray(part.length)
      if (this.#hashed < block.size) return true
      if (!this.#hash.digest().equals(block.sha256)) return false
      this.#block += 1
      this.#hash = createHash('sha256')
      this.#hashed = 0
    }
  }
}

const padding = (bytes: number): number => (4 - (bytes % 4)) % 4

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const variable = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Buffer.from([...bytes, rest])
}
