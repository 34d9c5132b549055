import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildCli } from '../build/build-cli.ts'

export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly said: string
}

/** The bundled program, run as a process of its own in an empty home. */
export const startCliBench = async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-cli-'))
  const program = await buildCli(path.join(folder, 'rebootless.mjs'))
  return {
    folder,
    run: (args: readonly string[], environment: Record<string, string> = {}, input = ''): Promise<Ran> =>
      new Promise((resolve) => {
        const env = { PATH: process.env.PATH ?? '', HOME: folder, ...environment }
        const child = spawn(process.execPath, [program, ...args], { env })
        let [out, said] = ['', '']
        child.stdout.on('data', (piece) => {
          out += piece
        })
        child.stderr.on('data', (piece) => {
          said += piece
        })
        child.on('close', (status) => resolve({ status, out, said }))
        child.stdin.on('error', () => undefined)
        child.stdin.end(input)
      }),
    async file(name: string, text: string, mode = 0o600): Promise<string> {
      const at = path.join(folder, name)
      await writeFile(at, text)
      await chmod(at, mode)
      return at
    },
    end: () => rm(folder, { recursive: true, force: true }),
  }
}
export type CliBench = Awaited<ReturnType<typeof startCliBench>>
