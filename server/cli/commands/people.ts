import { handOn } from '../hand-on.ts'
import type { CliCommand } from '../main.ts'

/** `rebootless people`: for whoever has the server's machine, when nobody can do it on the page. */
export const peopleCommand: CliCommand = {
  about: "on the server's machine: turn off a lost second factor, make a sign-in link",
  usage: `Usage: rebootless people reset-second-factor USERNAME --reason TEXT
       rebootless people sign-in-link USERNAME`,
  run: (args) => handOn('console.mjs', args),
}
