import { handOn } from '../hand-on.ts'
import type { CliCommand } from '../main.ts'

/** `rebootless backup`: docs/backup.md. */
export const backupCommand: CliCommand = {
  about: "on the server's machine: write an encrypted archive of all of it, or check one",
  usage: `Usage: rebootless backup (--folder FOLDER [--keep NUMBER] | --output FILE) (--recipient age1… | --passphrase-file FILE)
       rebootless backup --check FILE (--identity FILE | --passphrase-file FILE)
       rebootless backup --new-key FILE`,
  options: ['--folder', '--keep', '--output', '--recipient', '--passphrase-file', '--check', '--identity', '--new-key'],
  run: (args) => handOn('backup.mjs', ['backup', ...args]),
}
