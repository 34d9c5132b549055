import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import { type ArchiveLock, openLock } from './archive-keys.ts'
import { readArchive } from './archive-reader.ts'
import { ARCHIVE_VERSION, type ArchiveManifest, ENTRY_BYTES_MAX } from './archive-schema.ts'
import { type ArchiveWriter, writeArchive } from './archive-writer.ts'
import { BackupError } from './backup-error.ts'
import { keyFiles, missingKeys, moduleFile, openDataFile } from './data-files.ts'
import { dumpTable, inSnapshot, readSequences } from './dump-database.ts'

export interface BackupRequest {
  /** Connected as a role that may read every table. */
  readonly client: Client
  readonly dataFolder: string
  /** REBOOTLESS_SECRETS_KEY is set. */
  readonly secretsKeyGiven: boolean
  readonly lock: ArchiveLock
  readonly program: string
  /** Must not be there yet. */
  readonly file: string
}

/**
 * Writes all of one moment of the database, and the files that belong to it, into one encrypted archive, and reads it back
 * before it gets its name. The program may run and write meanwhile.
 * @throws BackupError; nothing of the archive is left then
 */
export const makeBackup = async (request: BackupRequest): Promise<ArchiveManifest> => {
  const { encrypter, readBack } = await openLock(request.lock)
  return writeArchive(
    request.file,
    encrypter,
    (writer) => writeAll(writer, request),
    async (draft, written) => {
      const { manifest } = await readArchive(draft, readBack)
      if (JSON.stringify(manifest) !== JSON.stringify(written)) {
        throw new BackupError('The archive was read back and is not what was written: check the disk.')
      }
    },
  )
}

const writeAll = (writer: ArchiveWriter, { client, dataFolder, secretsKeyGiven, program }: BackupRequest) =>
  inSnapshot(client, async ({ tables, at, migrations }) => {
    const id = randomUUID()
    await writer.header({
      ...{ format: 'rebootless backup', version: ARCHIVE_VERSION, id, at: at.toISOString(), program },
      ...{ migrations: [...migrations], tables: [...tables] },
    })
    for (const table of tables) await writer.table(table.name, dumpTable(client, table))
    const keys = await keyFiles(dataFolder)
    const missing = missingKeys(keys, secretsKeyGiven)
    const modules = tables.some(({ name }) => name === 'artefacts') ? await moduleNames(client) : []
    for (const name of [...keys, ...modules]) {
      if (!(await writeFile(writer, dataFolder, name))) missing.push(`${name}: the database names it, and it is gone.`)
    }
    return await writer.finish({ id, sequences: await readSequences(client), missing })
  })

const moduleNames = async (client: Client): Promise<string[]> => {
  const { rows } = await client.query<{ sha256: string }>(
    `select sha256 from artefacts where sha256 ~ '^[0-9a-f]{64}$' order by sha256`,
  )
  return rows.map(({ sha256 }) => moduleFile(sha256))
}

/** @returns false: there is none */
const writeFile = async (writer: ArchiveWriter, dataFolder: string, name: string): Promise<boolean> => {
  const found = await openDataFile(dataFolder, name)
  if (found === undefined) return false
  const { handle, size } = found
  try {
    if (size > ENTRY_BYTES_MAX) throw new BackupError(`${name} has ${size} bytes, more than a module may have.`)
    await writer.file(name, size, handle.createReadStream({ autoClose: false, end: Math.max(0, size - 1) }))
    return true
  } finally {
    await handle.close()
  }
}
