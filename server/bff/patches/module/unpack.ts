import { createRequire } from 'node:module'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { ZSTDDecoder } from 'zstddec/stream'
import { refused } from './module-file.ts'
import { BlockSums, isCheckedBySha256, withoutSha256 } from './xz-sha256.ts'

const { XzReadableStream } = createRequire(import.meta.url)('xz-decompress') as typeof import('xz-decompress')

export type Bytes = AsyncIterable<Buffer>

/** All that comes out of an upload, layer by layer: a package's content, and the module in it. */
export const UNPACKED_BYTES_MAX = 64 * 1024 * 1024

const PIECE_BYTES = 64 * 1024

export type Packing = 'gzip' | 'xz' | 'zstd'

/** By what a file begins with, never by what it is called. */
export const packingOf = (head: Buffer): Packing | null => {
  if (head.length >= 2 && head.readUInt16BE(0) === 0x1f_8b) return 'gzip'
  if (head.subarray(0, 6).equals(Buffer.from('fd377a585a00', 'hex'))) return 'xz'
  // Behind a frame of metadata, which the format calls skippable, zstd's own may begin (RFC 8878, §3.1).
  if (
    head.length >= 4 &&
    (head.readUInt32LE(0) === 0xfd2f_b528 || (head.readUInt32LE(0) & 0xffff_fff0) === 0x184d_2a50)
  )
    return 'zstd'
  return null
}

/** Whether a file is packed by something that is known and not read here. */
export const isOtherPacking = (head: Buffer): boolean =>
  head.subarray(0, 3).equals(Buffer.from('BZh')) ||
  head.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1')) ||
  head.subarray(0, 6).equals(Buffer.from('377abcaf271c', 'hex')) ||
  head.subarray(0, 3).equals(Buffer.from('5d0000', 'hex'))

/** What several layers of one upload may give together. */
export class UnpackBudget {
  #left: number

  constructor(bytesMax = UNPACKED_BYTES_MAX) {
    this.#left = bytesMax
  }

  take(bytes: number): void {
    this.#left -= bytes
    if (this.#left < 0) {
      throw refused(`It unpacks to more than ${UNPACKED_BYTES_MAX} bytes: unpack it, and upload the .ko itself.`)
    }
  }
}

/**
 * Unpacks as it is asked for: a bomb stops at the budget, with no more than a piece of it in memory.
 * @param head what the source begins with
 * @throws DomainError `artefact_refused`
 */
export async function* unpacked(source: Bytes, head: Buffer, packing: Packing, budget: UnpackBudget): Bytes {
  for await (const piece of STREAMS[packing](source, head)) {
    budget.take(piece.length)
    if (piece.length > 0) yield piece
  }
}

async function* gunzipped(source: Bytes): Bytes {
  const gunzip = createGunzip()
  // Its error comes out of the loop below; what the source refuses would come out as it is.
  pipeline(Readable.from(source), gunzip, () => undefined)
  try {
    for await (const piece of gunzip) yield piece as Buffer
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) throw damaged('gzip')
    throw error
  }
}

/** xz-embedded's results, by their number in its enum xz_ret: XZ_MEMLIMIT_ERROR, XZ_OPTIONS_ERROR. */
const XZ_NOT_READ = /error code [46]$/

async function* unxzed(source: Bytes, head: Buffer): Bytes {
  if (!isCheckedBySha256(head)) {
    yield* xzDecoded(source)
    return
  }
  const checked = withoutSha256(await gathered(source))
  if (checked === null) throw damaged('xz')
  const sums = new BlockSums(checked.blocks)
  for await (const piece of xzDecoded(Readable.from(piecesOf(checked.stream)))) {
    if (!sums.take(piece)) throw damaged('xz')
    yield piece
  }
}

async function* xzDecoded(source: Bytes): Bytes {
  let fault: unknown
  const iterator = source[Symbol.asyncIterator]()
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(new Uint8Array(value))
      } catch (error) {
        fault = error
        throw error
      }
    },
  })
  try {
    for await (const piece of new XzReadableStream(stream)) yield Buffer.from(piece)
  } catch (error) {
    // What the source refuses comes out as it is.
    if (fault !== undefined) throw fault
    throw XZ_NOT_READ.test(String(error))
      ? refused('It is packed by xz with options that are not read here: unpack it, and upload the .ko itself.')
      : damaged('xz')
  }
}

/** All of a packed stream, of which an upload has 64 MiB at most. */
const gathered = async (source: Bytes): Promise<Buffer> => {
  const pieces: Buffer[] = []
  for await (const piece of source) pieces.push(piece)
  return Buffer.concat(pieces)
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}

/** The decoder goes round on an error without a word and without a byte. */
const EMPTY_PIECES_MAX = 1000

async function* unzstded(source: Bytes): Bytes {
  const decoder = new ZSTDDecoder()
  await decoder.init()
  // It waits for nothing, so that it gets all at once.
  const output = decoder.decodeStreaming(piecesOf(await gathered(source)))
  let empty = 0
  for (;;) {
    const next = nextOf(output)
    if (next === null) return
    empty = next.length === 0 ? empty + 1 : 0
    if (empty > EMPTY_PIECES_MAX) throw damaged('zstd')
    yield next
  }
}

const nextOf = (output: Generator<Uint8Array>): Buffer | null => {
  try {
    const { done, value } = output.next()
    return done ? null : Buffer.from(value)
  } catch {
    throw damaged('zstd')
  }
}

const damaged = (packing: Packing) =>
  refused(
    packing === 'zstd'
      ? 'The file is cut or damaged: what zstd packed does not come out, or needs a window of more than 128 MiB.'
      : `The file is cut or damaged: what ${packing} packed does not come out.`,
  )

const STREAMS: Record<Packing, (source: Bytes, head: Buffer) => Bytes> = { gzip: gunzipped, xz: unxzed, zstd: unzstded }
