import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CliCommand } from '../main.ts'

/** Built beside this program on the server's machine alone; what approvers trust holds no code of the server. */
const consoleBeside = () => fileURLToPath(new URL('./console.mjs', import.meta.url))

/** `rebootless people`: for whoever has the server's machine, when nobody can do it on the page. */
export const peopleCommand: CliCommand = {
  about: "on the server's machine: turn off a lost second factor, make a sign-in link",
  usage: `Usage: rebootless people reset-second-factor USERNAME --reason TEXT
       rebootless people sign-in-link USERNAME`,
  async run(args) {
    const program = consoleBeside()
    if (!existsSync(program)) {
      console.error(
        `This works on the server's own machine, by server/dist/rebootless.mjs there: ${program} is missing.`,
      )
      return 1
    }
    const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code) => resolve(code ?? 1))
    })
  },
}
