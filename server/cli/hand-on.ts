import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * Hands a command on to a program that is built beside this one on the server's machine alone; what approvers trust holds no code of
 * the server.
 * @returns its exit status
 */
export const handOn = async (name: 'console.mjs' | 'backup.mjs', args: readonly string[]): Promise<number> => {
  const program = fileURLToPath(new URL(`./${name}`, import.meta.url))
  if (!existsSync(program)) {
    console.error(`This works on the server's own machine, by server/dist/rebootless.mjs there: ${program} is missing.`)
    return 1
  }
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' })
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
