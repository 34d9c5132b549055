import { pipeline, Readable } from 'node:stream'
import { extract as extractTar } from 'tar-stream'
import yauzl from 'yauzl'
import { type Bytes, packingOf, UnpackBudget, unpacked } from '../patches/module/unpack.ts'
import { FeedFileError } from './feed-files.ts'
import { DOCUMENT_BYTES_MAX } from './feeds/read-document.ts'

/** vulns.git has 45,000 documents in some 500 MiB; all of Red Hat's VEX have 6 GiB. */
export const ARCHIVE_LIMITS = { entries: 400_000, unpackedBytes: 8 * 1024 * 1024 * 1024 } as const

/** The name of an archive's file in front of that of what is in it. */
export const nameInside = (archive: string, name: string): string => `${archive}/${name}`

export interface InnerDocument {
  readonly name: string
  readonly bytes: Uint8Array
}

const PIECE_BYTES = 256 * 1024
const BLOCK_BYTES = 512

/**
 * What is in a zip or a tar, packed or not, as far as `isWanted` by its name; null: these bytes are no archive. It is told by what
 * the bytes are, never by their name. Nothing is written anywhere, so that a name inside leads nowhere; links are passed over.
 * @throws FeedFileError in a sentence, where it is damaged or larger than any feed
 */
export const openArchive = async (
  bytes: Uint8Array,
  isWanted: (name: string) => boolean,
  limits: { readonly entries: number; readonly unpackedBytes: number } = ARCHIVE_LIMITS,
): Promise<AsyncIterable<InnerDocument> | null> => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isZip(buffer)) return zipped(buffer, isWanted, limits)
  const packing = packingOf(buffer)
  const stream = () =>
    packing === null
      ? pieces(buffer)
      : unpacked(pieces(buffer), buffer, packing, new UnpackBudget(limits.unpackedBytes))
  return isTar(await firstBlock(stream())) ? untarred(stream(), isWanted, limits.entries) : null
}

/** APPNOTE.TXT, 4.3.7 and 4.3.16: a local file header, or the end of an empty one. */
const isZip = (head: Buffer): boolean =>
  head.length >= 4 && (head.readUInt32BE(0) === 0x504b_0304 || head.readUInt32BE(0) === 0x504b_0506)

/** POSIX.1, pax, "ustar Interchange Format". */
const isTar = (block: Buffer): boolean => block.length === BLOCK_BYTES && block.toString('latin1', 257, 262) === 'ustar'

async function* pieces(bytes: Buffer): Bytes {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}

/** Empty where it does not unpack: then it is no archive, and whoever reads it as a document tells what is wrong. */
const firstBlock = async (stream: Bytes): Promise<Buffer> => {
  let head = Buffer.alloc(0)
  try {
    for await (const piece of stream) {
      head = Buffer.concat([head, piece])
      if (head.length >= BLOCK_BYTES) break
    }
  } catch {
    return Buffer.alloc(0)
  }
  return head.subarray(0, BLOCK_BYTES)
}

const damaged = () => new FeedFileError('The archive is cut or damaged, or unpacks to more than any feed has.')
const tooMany = (entries: number) => new FeedFileError(`The archive has more than ${entries} files.`)
const tooLarge = (name: string) =>
  new FeedFileError(`The archive has a document that is larger than any of a feed: ${name.slice(0, 200)}.`)

async function* untarred(
  source: Bytes,
  isWanted: (name: string) => boolean,
  entriesMax: number,
): AsyncGenerator<InnerDocument> {
  const extract = extractTar()
  // What goes wrong in the source comes out of the loop below.
  pipeline(Readable.from(source), extract, () => undefined)
  let entries = 0
  try {
    for await (const entry of extract) {
      const { name, type, size = 0 } = entry.header
      entries += 1
      if (entries > entriesMax) throw tooMany(entriesMax)
      if (type !== 'file' || !isWanted(name)) {
        entry.resume()
        continue
      }
      if (size > DOCUMENT_BYTES_MAX) throw tooLarge(name)
      const parts: Buffer[] = []
      for await (const part of entry) parts.push(part as Buffer)
      yield { name, bytes: Buffer.concat(parts) }
    }
  } catch (error) {
    throw error instanceof FeedFileError ? error : damaged()
  }
}

async function* zipped(
  bytes: Buffer,
  isWanted: (name: string) => boolean,
  limits: { readonly entries: number; readonly unpackedBytes: number },
): AsyncGenerator<InnerDocument> {
  let left = limits.unpackedBytes
  try {
    const zip = await yauzl.fromBufferPromise(bytes, { lazyEntries: true })
    if (zip.entryCount > limits.entries) throw tooMany(limits.entries)
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName
      if (name.endsWith('/') || !isWanted(name)) continue
      if (entry.uncompressedSize > DOCUMENT_BYTES_MAX) throw tooLarge(name)
      left -= entry.uncompressedSize
      if (left < 0) throw damaged()
      const parts: Buffer[] = []
      for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer)
      yield { name, bytes: Buffer.concat(parts) }
    }
  } catch (error) {
    throw error instanceof FeedFileError ? error : damaged()
  }
}
