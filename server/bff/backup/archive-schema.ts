import * as z from 'zod'

/** Of the archive's own form; one with a greater number is refused with words. */
export const ARCHIVE_VERSION = 1
/** A table is cut into pieces of about so many bytes, so that neither end holds more of it in memory. */
export const PIECE_BYTES = 1024 * 1024
/** An entry that is read whole may have so many at the most: what is read may have been made by anybody. */
export const ENTRY_BYTES_MAX = 64 * 1024 * 1024

export const HEADER_ENTRY = 'header.json'
export const MANIFEST_ENTRY = 'manifest.json'

const Identifier = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/)
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const Count = z.int().min(0)
/** Below the data folder: a file of it, or a module. */
const FileName = z.string().regex(/^(artefacts\/[0-9a-f]{64}\.ko|[a-z][a-z0-9-]{0,62}\.(pem|key|json|jsonl))$/)

/** Read alone, so that an archive of a newer form is told from a damaged one. */
export const ArchiveForm = z.object({ format: z.literal('rebootless backup'), version: z.int().min(1) })

/** First entry of an archive. */
export const ArchiveHeader = z.strictObject({
  ...ArchiveForm.shape,
  id: z.uuid(),
  /** Of the database's snapshot, by the database's clock. */
  at: z.iso.datetime(),
  program: z.string().min(1).max(64),
  /** What the schema had had, oldest first. */
  migrations: z.array(z.string().min(1).max(200)).max(10_000),
  tables: z.array(z.strictObject({ name: Identifier, columns: z.array(Identifier).min(1).max(1600) })).max(10_000),
})
export type ArchiveHeader = z.infer<typeof ArchiveHeader>

/** Last entry: what all that came before it must be. */
export const ArchiveManifest = z.strictObject({
  id: z.uuid(),
  tables: z.array(z.strictObject({ name: Identifier, rows: Count, bytes: Count, sha256: Sha256 })),
  sequences: z.array(z.strictObject({ name: Identifier, last: z.string().regex(/^\d{1,19}$/), called: z.boolean() })),
  files: z.array(z.strictObject({ name: FileName, bytes: Count, sha256: Sha256 })),
  /** What a restored server will lack, in sentences. */
  missing: z.array(z.string().max(1000)).max(100_000),
})
export type ArchiveManifest = z.infer<typeof ArchiveManifest>

/** Text of COPY (PostgreSQL manual, "COPY", "Text Format"): a line a row, line breaks in values written as `\n`. */
export const pieceEntry = (table: string, number: number): string =>
  `tables/${table}/${String(number).padStart(6, '0')}.copy`
export const fileEntry = (name: string): string => `files/${name}`

const PIECE = /^tables\/([a-z_][a-z0-9_]{0,62})\/(\d{6,9})\.copy$/

export type EntryKind =
  | { readonly kind: 'piece'; readonly table: string; readonly number: number }
  | { readonly kind: 'file'; readonly name: string }

/** Undefined: no entry of such a name is known. */
export const entryKind = (name: string): EntryKind | undefined => {
  const piece = PIECE.exec(name)
  if (piece !== null) return { kind: 'piece', table: piece[1] ?? '', number: Number(piece[2]) }
  const file = name.startsWith('files/') ? FileName.safeParse(name.slice('files/'.length)) : undefined
  return file?.success ? { kind: 'file', name: file.data } : undefined
}
