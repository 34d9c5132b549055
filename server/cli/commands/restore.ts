import { handOn } from '../hand-on.ts'
import type { CliCommand } from '../main.ts'

/** `rebootless restore`: docs/backup.md. */
export const restoreCommand: CliCommand = {
  about: 'on a new machine: make a server of an archive',
  usage: `Usage: rebootless restore FILE (--identity FILE | --passphrase-file FILE) (--revocations FILE | --without-revocations)`,
  options: ['--identity', '--passphrase-file', '--revocations', '--without-revocations'],
  run: (args) => handOn('backup.mjs', ['restore', ...args]),
}
