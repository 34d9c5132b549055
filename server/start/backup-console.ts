import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { counted } from '@rebootless/shared/domain/sentence.ts'
import { type ArchiveLock, makeIdentity, readPassphrase } from '../bff/backup/archive-keys.ts'
import { readArchive } from '../bff/backup/archive-reader.ts'
import type { ArchiveManifest } from '../bff/backup/archive-schema.ts'
import { BackupError } from '../bff/backup/backup-error.ts'
import { makeBackup } from '../bff/backup/make-backup.ts'
import { readSettings } from '../bff/settings.ts'
import serverPackage from '../package.json' with { type: 'json' }
import { takeProcessLock } from '../process/process-lock.ts'
import { openForBackup } from './backup-database.ts'
import { KEY_OPTIONS, keyOf, type Say, SILENT, WrongUse } from './backup-options.ts'

/** Also of `rebootless backup`, which hands all of it on to here. */
export const BACKUP_USAGE = `Usage: rebootless backup (--folder FOLDER [--keep NUMBER] | --output FILE) (--recipient age1… | --passphrase-file FILE)
       rebootless backup --check FILE (--identity FILE | --passphrase-file FILE)
       rebootless backup --new-key FILE

On the server's own machine, as the user of the server and with its REBOOTLESS_DATA or DATABASE_URL, beside the server while
it runs. The archive holds the whole database as of one moment, the server's keys and the modules, in age's format, and is
read back before it gets its name. --keep removes the oldest archives of the folder. --recipient may stand several times.
--check reads an archive to its end. --new-key writes a key to FILE, which belongs on another machine, and prints whom to
encrypt to.

Exit status: 0 done, 1 it could not be, 2 wrong use.`

/** @returns the exit status */
export const runBackup = async (args: readonly string[], environment: NodeJS.ProcessEnv, say: Say): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...KEY_OPTIONS,
      ...{ folder: { type: 'string' }, keep: { type: 'string' }, output: { type: 'string' } },
      ...{ check: { type: 'string' }, 'new-key': { type: 'string' }, recipient: { type: 'string', multiple: true } },
    },
  } as const)
  const { folder, output, check, recipient, 'new-key': newKey } = values
  const whatToDo = [folder, output, check, newKey].filter((one) => one !== undefined)
  if (whatToDo.length !== 1 || positionals.length > 0)
    throw new WrongUse('say one of --folder, --output, --check, --new-key')
  if (newKey !== undefined) {
    say.out(await makeIdentity(newKey))
    return 0
  }
  if (check !== undefined) {
    const { header, manifest } = await readArchive(check, await keyOf(values))
    say.out(`${check}: whole. ${contentsOf(manifest)}, of ${header.at}, by Rebootless ${header.program}.`)
    tellMissing(manifest, say)
    return 0
  }
  if (values.identity !== undefined) throw new WrongUse('encrypt to --recipient, the public half of the key')
  const keep = keptOf(values.keep, folder)
  const lock = await lockOf(recipient, values['passphrase-file'])
  const settings = readSettings(environment)
  const file = output ?? path.join(folder ?? '', `rebootless-${nameOfNow()}${SUFFIX}`)
  if (folder !== undefined) await mkdir(folder, { recursive: true, mode: 0o700 })
  await stat(settings.dataFolder).catch(() => {
    throw new BackupError(
      `There is no data directory ${settings.dataFolder}: set REBOOTLESS_DATA as the server has it.`,
    )
  })
  if (
    await stat(file).then(
      () => true,
      () => false,
    )
  )
    throw new BackupError(`${file} is there already, and is kept.`)
  const held = await takeProcessLock(settings.dataFolder, 'backup')
  if (!held.held) throw new BackupError(`Another backup of this server is being made, pid ${held.pid}.`)
  try {
    const database = await openForBackup(settings, SILENT)
    try {
      const manifest = await makeBackup({
        ...{ client: database.client, dataFolder: settings.dataFolder, lock, file, program: serverPackage.version },
        secretsKeyGiven: settings.secretsKey !== undefined,
      })
      const { size } = await stat(file)
      say.out(`${file}: written, read back and checked. ${contentsOf(manifest)}, ${size} bytes.`)
      tellMissing(manifest, say)
    } finally {
      await database.close()
    }
  } finally {
    await held.release()
  }
  if (folder !== undefined && keep !== undefined) await removeOldest(folder, keep)
  return 0
}

const SUFFIX = '.tar.gz.age'
const NAME = /^rebootless-\d{4}-\d\d-\d\dT\d{6}Z\.tar\.gz\.age$/

const nameOfNow = (): string => `${new Date().toISOString().slice(0, 19).replaceAll(':', '')}Z`

const keptOf = (keep: string | undefined, folder: string | undefined): number | undefined => {
  if (keep === undefined) return undefined
  if (folder !== undefined && /^[1-9]\d{0,4}$/.test(keep)) return Number(keep)
  throw new WrongUse('--keep takes a number of 1 or more, with --folder')
}

const lockOf = async (recipients: readonly string[] = [], passphraseFile?: string): Promise<ArchiveLock> => {
  if (recipients.length > 0 === (passphraseFile !== undefined)) {
    throw new WrongUse(
      'say --recipient or --passphrase-file: an archive holds every key of the server, and is encrypted',
    )
  }
  return passphraseFile === undefined
    ? { kind: 'recipients', recipients }
    : { kind: 'passphrase', passphrase: await readPassphrase(passphraseFile) }
}

const contentsOf = ({ tables, files }: ArchiveManifest): string => {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  return `${counted(tables.length, 'table')}, ${counted(rows, 'row')}, ${counted(files.length, 'file')}`
}

const tellMissing = ({ missing }: ArchiveManifest, say: Say): void => {
  for (const sentence of missing) say.error(`Missing: ${sentence}`)
}

/** Only what is named as ours; a new one is never among them. */
const removeOldest = async (folder: string, keep: number): Promise<void> => {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort()
  for (const name of names.slice(0, -keep)) await rm(path.join(folder, name))
}
