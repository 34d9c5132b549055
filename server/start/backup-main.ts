import { printable } from '@rebootless/shared/domain/printable.ts'
import pg from 'pg'
import { BackupError } from '../bff/backup/backup-error.ts'
import { DatabaseUnusableError } from '../bff/database/database-error.ts'
import { SettingsError } from '../bff/settings.ts'
import { BACKUP_USAGE, runBackup } from './backup-console.ts'
import { WrongUse } from './backup-options.ts'
import { RESTORE_USAGE, runRestore } from './restore-console.ts'

/** `backup` or `restore`, and their words. An expected failure is one sentence and no stack. */
const [verb, ...args] = process.argv.slice(2)
const say = {
  out: (line: string) => console.log(printable(line)),
  error: (line: string) => console.error(printable(line)),
}
try {
  process.exitCode = await (verb === 'restore' ? runRestore : runBackup)(args, process.env, say)
} catch (error) {
  if (isWrongUse(error)) {
    console.error(`${printable(error.message)}\n\n${verb === 'restore' ? RESTORE_USAGE : BACKUP_USAGE}`)
    process.exitCode = 2
  } else {
    const expected =
      error instanceof BackupError || error instanceof DatabaseUnusableError || error instanceof SettingsError
    // A row's values stand in its detail, and may be secret (threat-model T31).
    const ofDatabase = error instanceof pg.DatabaseError ? `PostgreSQL refused it (${error.code}).` : undefined
    console.error(ofDatabase ?? (expected ? printable(error.message) : error))
    process.exitCode = 1
  }
}

function isWrongUse(error: unknown): error is Error {
  return error instanceof WrongUse || String((error as { code?: unknown } | null)?.code).startsWith('ERR_PARSE_ARGS')
}
