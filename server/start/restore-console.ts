import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { counted, listed } from '@rebootless/shared/domain/sentence.ts'
import type { RestoreReport } from '../bff/backup/after-restore.ts'
import { inspectArchive, restoreBackup, wasRestored } from '../bff/backup/restore-backup.ts'
import { claimFolder, endRestore } from '../bff/backup/restore-marker.ts'
import { type Revocation, readRevocations } from '../bff/backup/revocation-journal.ts'
import { migrations } from '../bff/database/migrations/index.ts'
import { readSettings } from '../bff/settings.ts'
import { openForRestore } from './backup-database.ts'
import { KEY_OPTIONS, keyOf, type Say, SILENT, WrongUse } from './backup-options.ts'

/** Also of `rebootless restore`, which hands all of it on to here. */
export const RESTORE_USAGE = `Usage: rebootless restore FILE (--identity FILE | --passphrase-file FILE) (--revocations FILE | --without-revocations)

On the server's machine, while no server runs, with the REBOOTLESS_DATA and DATABASE_URL that it is to have: an empty or new
folder and, without the embedded one, an empty database. The archive is read to its end before anything is touched.
--revocations, which may stand several times, is revocations.jsonl of the data directory that was lost, of each server; what was
revoked after the backup stays so. Without it API tokens end, and you are told whom to look at.
Afterwards sessions, links and approvals are void, rollouts are paused, and nothing waits to be sent.

Exit status: 0 done, 1 it could not be, 2 wrong use.`

/** @returns the exit status */
export const runRestore = async (
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  say: Say,
): Promise<number> => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...KEY_OPTIONS,
      ...{ revocations: { type: 'string', multiple: true }, 'without-revocations': { type: 'boolean' } },
    },
  } as const)
  const [file, ...rest] = positionals
  if (file === undefined || rest.length > 0) throw new WrongUse('say which archive')
  if ((values.revocations !== undefined) === (values['without-revocations'] === true)) {
    throw new WrongUse('say --revocations or --without-revocations: what was revoked since the backup must stay so')
  }
  const key = await keyOf(values)
  const settings = readSettings(environment)
  const revocations = await revocationsOf(values.revocations)
  const now = () => new Date()
  const { header, manifest } = await inspectArchive(file, key, { migrations, now })
  const { dataFolder } = settings
  const marker = await claimFolder(dataFolder, { restore: randomUUID(), archive: header.id })
  const database = await openForRestore(settings, SILENT)
  try {
    const { client } = database
    if (await wasRestored(client, marker.restore)) {
      say.out('The restore that was broken off had done its work: only its mark was left.')
    } else {
      const request = { client, dataFolder, file, key, migrations, id: marker.restore, revocations, now }
      tell(await restoreBackup(request), say)
    }
  } finally {
    await database.close()
  }
  await endRestore(dataFolder)
  for (const sentence of manifest.missing) say.error(`Missing: ${sentence}`)
  say.out(`Restored as of ${header.at}. Start the server; then read docs/backup.md, "After a restore".`)
  return 0
}

/** Of several servers of one database; the latest word on each counts. */
const revocationsOf = async (files: readonly string[] | undefined): Promise<Revocation[] | undefined> => {
  if (files === undefined) return undefined
  const all = (await Promise.all(files.map(readRevocations))).flat()
  all.sort((one, other) => (one.at < other.at ? -1 : 1))
  return [...new Map(all.map((one) => [`${one.kind} ${one.id}`, one])).values()]
}

const tell = (report: RestoreReport, say: Say): void => {
  say.out(
    `Ended: ${counted(report.sessionsEnded, 'session')}, ${counted(report.joinTokensEnded, 'join token')}, ` +
      `${counted(report.apiTokensEnded, 'API token')}. Void: ${counted(report.authorisationsVoid, 'authorisation')}. ` +
      `Not sent any more: ${counted(report.commandsCancelled, 'command')}. Epoch: ${report.epoch}.`,
  )
  if (report.rolloutsPaused.length > 0) say.out(`Paused: ${listed(report.rolloutsPaused)}.`)
  if (report.hostsUnderWay.length > 0) {
    say.out(
      `A command was under way, and the backup does not tell how it ended: look at ${named(report.hostsUnderWay)}.`,
    )
  }
  if (report.revoked !== undefined) {
    const kinds = Object.entries(report.revoked).map(([kind, number]) => `${kind} ${number}`)
    say.out(`Revoked after the backup, and revoked again: ${kinds.length === 0 ? 'nothing' : kinds.join(', ')}.`)
    return
  }
  say.error(
    'Without revocations, whoever was let in when the backup was made is let in now. Look whether one was revoked since:',
  )
  say.error(`Hosts: ${named(report.hostsTrusted)}.`)
  say.error(`Users: ${named(report.usersTrusted)}.`)
}

const NAMES_MAX = 1000

const named = (names: readonly string[]): string => {
  const more = names.length - NAMES_MAX
  const some = names.length === 0 ? 'none' : names.slice(0, NAMES_MAX).join(', ')
  return more > 0 ? `${some} and ${more} more, all that the page of hosts shows` : some
}
