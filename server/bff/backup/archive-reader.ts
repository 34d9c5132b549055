import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { type ArchiveKey, decrypterOf } from './archive-keys.ts'
import {
  ARCHIVE_VERSION,
  ArchiveForm,
  ArchiveHeader,
  ArchiveManifest,
  ENTRY_BYTES_MAX,
  entryKind,
  HEADER_ENTRY,
  MANIFEST_ENTRY,
} from './archive-schema.ts'
import { linesOf } from './archive-writer.ts'
import { BackupError, messageOf } from './backup-error.ts'

/** What is done with what is read, in the archive's order. None of it is proven before `readArchive` resolves. */
export interface ArchiveVisitor {
  header?(header: ArchiveHeader): Promise<void>
  /** The next piece of a table; tables come one after the other, and those without a row not at all. */
  piece?(table: string, bytes: Buffer): Promise<void>
  file?(name: string, content: Buffer): Promise<void>
}

/**
 * Reads an archive to its end and holds all of it against what its last entry says.
 * @returns what it holds
 * @throws BackupError: it is damaged, cut short, of a newer form, or of another key; whatever a visitor throws
 */
export const readArchive = async (
  file: string,
  key: ArchiveKey,
  visitor: ArchiveVisitor = {},
): Promise<{ header: ArchiveHeader; manifest: ArchiveManifest }> => {
  const source = createReadStream(file)
  try {
    const decrypter = decrypterOf(key)
    const plain = await decrypter
      .decrypt(Readable.toWeb(source) as globalThis.ReadableStream<Uint8Array>)
      .catch((error: unknown) => {
        throw whyNotOpened(file, error)
      })
    const entries = extract()
    const unpacking = pipeline(Readable.fromWeb(plain as ReadableStream), createGunzip(), entries)
    // Said below; until then nobody waits for it.
    unpacking.catch(() => undefined)
    const check = createCheck(file)
    try {
      for await (const entry of entries) {
        await visit(
          entry.header.name,
          await whole(file, entry.header.size, entry as AsyncIterable<Uint8Array>),
          check,
          visitor,
        )
      }
    } catch (error) {
      if (error instanceof Damage || error instanceof BackupError || !isOfStreams(error)) throw error
    }
    await unpacking
    return check.end()
  } catch (error) {
    if (error instanceof BackupError) throw error
    if (error instanceof Damage || isOfStreams(error)) throw damaged(file, messageOf(error))
    throw error
  } finally {
    source.destroy()
  }
}

/** The archive is not what was written; whoever reads is told by `damaged`. */
class Damage extends Error {}

/** What decrypting, unpacking and tar say of bytes that are not theirs, and Node of a file that ends or is not there. */
const isOfStreams = (error: unknown): boolean => {
  const { code = '', name = '', message = '' } = error as { code?: string; name?: string; message?: string }
  if (/^(Z_|ERR_STREAM|ERR_INVALID_STATE|ENOENT|EISDIR|EACCES|EIO)/.test(code)) return true
  return (
    name === 'AbortError' ||
    /invalid tag|final chunk is empty|Invalid tar header|Unexpected end|premature|STREAM_DESTROYED|destroyed/i.test(
      message,
    )
  )
}

const whyNotOpened = (file: string, error: unknown): BackupError => {
  const code = (error as { code?: unknown }).code
  if (code === 'ENOENT') return new BackupError(`There is no file ${file}.`)
  if (typeof code === 'string') return new BackupError(`${file} cannot be read: ${messageOf(error)}`)
  if (/no identity matched/.test(messageOf(error))) {
    return new BackupError(`${file} does not open with this key or passphrase: it was made for another.`)
  }
  return new BackupError(`${file} is no archive of \`rebootless backup\`, or its first bytes are damaged.`)
}

const damaged = (file: string, why: string): BackupError =>
  new BackupError(`${file} is damaged or cut short (${why}): nothing of it can be trusted. Take another backup.`)

const whole = async (file: string, size: number, content: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  if (size > ENTRY_BYTES_MAX + 1024 * 1024) throw damaged(file, `an entry says that it has ${size} bytes`)
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  return Buffer.concat(pieces)
}

type Check = ReturnType<typeof createCheck>

const createCheck = (file: string) => {
  let header: ArchiveHeader | undefined
  let manifest: ArchiveManifest | undefined
  const tables = new Map<string, { rows: number; bytes: number; hash: ReturnType<typeof createHash>; pieces: number }>()
  const files = new Map<string, { bytes: number; sha256: string }>()
  let last: string | undefined

  const known = (): ArchiveHeader => {
    if (header === undefined) throw new Damage('it does not begin with its header')
    if (manifest !== undefined) throw new Damage('something follows its end')
    return header
  }
  return {
    header(bytes: Buffer): ArchiveHeader {
      if (header !== undefined) throw new Damage('it has two headers')
      const json = parsed(bytes)
      const form = ArchiveForm.safeParse(json)
      if (!form.success) throw new Damage('its header is none')
      if (form.data.version > ARCHIVE_VERSION) {
        throw new BackupError(
          `${file} is of form ${form.data.version}, and this program reads ${ARCHIVE_VERSION}: restore it by the Rebootless that made it, or a newer one.`,
        )
      }
      header = strictly(ArchiveHeader, json, 'its header')
      return header
    },
    piece(table: string, number: number, bytes: Buffer): void {
      if (!known().tables.some(({ name }) => name === table)) throw new Damage(`its header names no table ${table}`)
      const sum = tables.get(table) ?? { rows: 0, bytes: 0, hash: createHash('sha256'), pieces: 0 }
      if (tables.has(table) && last !== table) throw new Damage(`pieces of ${table} are not together`)
      if (number !== sum.pieces + 1) throw new Damage(`a piece of ${table} is missing`)
      sum.hash.update(bytes)
      tables.set(table, {
        ...{ hash: sum.hash, pieces: number },
        ...{ rows: sum.rows + linesOf(bytes), bytes: sum.bytes + bytes.length },
      })
      last = table
    },
    file(name: string, bytes: Buffer): void {
      known()
      if (files.has(name)) throw new Damage(`it has two files ${name}`)
      files.set(name, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
    },
    manifest(bytes: Buffer): void {
      known()
      manifest = strictly(ArchiveManifest, parsed(bytes), 'its last entry')
    },
    /** @throws Damage */
    end(): { header: ArchiveHeader; manifest: ArchiveManifest } {
      if (header === undefined || manifest === undefined) throw new Damage('its end is missing')
      if (manifest.id !== header.id) throw new Damage('its end is that of another archive')
      const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).join()
      if (names(manifest.tables) !== names(header.tables)) throw new Damage('tables are missing')
      for (const { name, ...said } of manifest.tables) {
        const sum = tables.get(name)
        const found = {
          ...{ rows: sum?.rows ?? 0, bytes: sum?.bytes ?? 0 },
          sha256: (sum?.hash ?? createHash('sha256')).digest('hex'),
        }
        if (!same(said, found)) throw new Damage(`table ${name} is not what was written`)
      }
      if (manifest.files.length !== files.size) throw new Damage('files are missing')
      for (const { name, ...said } of manifest.files) {
        if (!same(said, files.get(name))) throw new Damage(`file ${name} is not what was written`)
      }
      return { header, manifest }
    },
  }
}

const same = (one: object, other: object | undefined): boolean => JSON.stringify(one) === JSON.stringify(other)

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Damage('an entry is no JSON')
  }
}

const strictly = <T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  json: unknown,
  what: string,
): T => {
  const result = schema.safeParse(json)
  if (!result.success) throw new Damage(`${what} does not follow the format`)
  return result.data
}

const visit = async (name: string, bytes: Buffer, check: Check, visitor: ArchiveVisitor): Promise<void> => {
  if (name === HEADER_ENTRY) {
    const header = check.header(bytes)
    return await visitor.header?.(header)
  }
  if (name === MANIFEST_ENTRY) return check.manifest(bytes)
  const entry = entryKind(name)
  if (entry === undefined) throw new Damage('it holds an entry that is not known')
  if (entry.kind === 'file') {
    check.file(entry.name, bytes)
    return await visitor.file?.(entry.name, bytes)
  }
  check.piece(entry.table, entry.number, bytes)
  await visitor.piece?.(entry.table, bytes)
}
