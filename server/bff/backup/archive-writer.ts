import { createHash, type Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { createGzip } from 'node:zlib'
import type { Encrypter } from 'age-encryption'
import { type Pack, pack } from 'tar-stream'
import {
  type ArchiveHeader,
  ArchiveManifest,
  fileEntry,
  HEADER_ENTRY,
  MANIFEST_ENTRY,
  PIECE_BYTES,
  pieceEntry,
} from './archive-schema.ts'
import { BackupError, messageOf } from './backup-error.ts'

export interface ArchiveWriter {
  header(header: ArchiveHeader): Promise<void>
  /** A whole table, as COPY gives it. */
  table(name: string, rows: AsyncIterable<Uint8Array>): Promise<void>
  /** @param bytes as many as it will be */
  file(name: string, bytes: number, content: AsyncIterable<Uint8Array>): Promise<void>
  /** Writes what the archive holds behind it, and ends it. */
  finish(rest: Pick<ArchiveManifest, 'id' | 'sequences' | 'missing'>): Promise<ArchiveManifest>
}

/**
 * Writes an archive beside `file` and gives it its name once it is whole, on the disk, and `check` has read it: a crash at any
 * moment leaves no file of that name. Never over another.
 * @throws BackupError
 */
export const writeArchive = async <T>(
  file: string,
  encrypter: Encrypter,
  write: (writer: ArchiveWriter) => Promise<T>,
  check: (draft: string, written: T) => Promise<void>,
): Promise<T> => {
  const draft = `${file}.part`
  // Of a backup that was killed: who makes backups of one data folder does so one at a time.
  await rm(draft, { force: true })
  const handle = await open(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600).catch(
    (error: unknown) => {
      throw new BackupError(`The backup cannot be written: ${messageOf(error)}`)
    },
  )
  const tar = pack()
  const streams: Promise<void>[] = []
  try {
    const gzip = createGzip()
    const plain = new PassThrough()
    const packed = pipeline(tar as AsyncIterable<Buffer>, gzip, plain)
    const sealed = await encrypter.encrypt(Readable.toWeb(plain) as globalThis.ReadableStream<Uint8Array>)
    const out = new Writable({
      write: (bytes: Buffer, _encoding, done) => {
        handle.writeFile(bytes).then(() => done(), done)
      },
    })
    streams.push(packed, pipeline(Readable.fromWeb(sealed as ReadableStream), out))
    // Whichever fails first is the reason; the others only follow from it.
    const [written] = await Promise.all([write(writerOf(tar)), ...streams])
    await handle.sync()
    await check(draft, written)
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      throw new BackupError(
        error.code === 'EEXIST' ? `${file} is there already, and is kept.` : `${file}: ${messageOf(error)}`,
      )
    })
    return written
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOSPC') throw error
    throw new BackupError(`The disk of ${file} is full: nothing of the backup was kept.`, { cause: error })
  } finally {
    tar.destroy()
    await Promise.allSettled(streams)
    await handle.close()
    await rm(draft, { force: true })
    const folder = await open(path.dirname(file), 'r')
    await folder.sync().finally(() => folder.close())
  }
}

const writerOf = (tar: Pack): ArchiveWriter => {
  const tables: ArchiveManifest['tables'] = []
  const files: ArchiveManifest['files'] = []
  const entry = (name: string, bytes: Buffer): Promise<void> =>
    stream(
      tar,
      name,
      bytes.length,
      (async function* () {
        yield bytes
      })(),
    )

  return {
    header: (header) => entry(HEADER_ENTRY, jsonOf(header)),
    async table(name, rows) {
      const hash = createHash('sha256')
      const total = { rows: 0, bytes: 0 }
      let number = 0
      for await (const piece of inPieces(rows)) {
        hash.update(piece)
        total.rows += linesOf(piece)
        total.bytes += piece.length
        number += 1
        await entry(pieceEntry(name, number), piece)
      }
      tables.push({ name, ...total, sha256: hash.digest('hex') })
    },
    async file(name, bytes, content) {
      const hash = createHash('sha256')
      await stream(tar, fileEntry(name), bytes, hashed(content, hash))
      files.push({ name, bytes, sha256: hash.digest('hex') })
    },
    async finish(rest) {
      const manifest = ArchiveManifest.parse({ ...rest, tables, files })
      await entry(MANIFEST_ENTRY, jsonOf(manifest))
      tar.finalize()
      return manifest
    },
  }
}

const jsonOf = (value: object): Buffer => Buffer.from(`${JSON.stringify(value)}\n`)

const stream = async (tar: Pack, name: string, size: number, content: AsyncIterable<Uint8Array>): Promise<void> => {
  const packed = new Promise<void>((resolve, reject) => {
    const sink = tar.entry({ name, size, mode: 0o600, mtime: new Date(0) }, (error) =>
      error ? reject(error) : resolve(),
    )
    pipeline(content, sink).catch(reject)
  })
  await packed
}

const hashed = async function* (content: AsyncIterable<Uint8Array>, hash: Hash) {
  for await (const bytes of content) {
    hash.update(bytes)
    yield bytes
  }
}

/** Of nothing it is nothing. */
const inPieces = async function* (rows: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let [some, size]: [Uint8Array[], number] = [[], 0]
  for await (const bytes of rows) {
    some.push(bytes)
    size += bytes.length
    if (size < PIECE_BYTES) continue
    yield Buffer.concat(some, size)
    ;[some, size] = [[], 0]
  }
  if (size > 0) yield Buffer.concat(some, size)
}

const LINE_FEED = 0x0a

/** How many rows of COPY's text end in these bytes. */
export const linesOf = (bytes: Uint8Array): number => {
  let lines = 0
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1
  return lines
}
