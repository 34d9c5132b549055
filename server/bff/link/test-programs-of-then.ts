import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { expect } from 'vitest'
import { eventually } from './link-test-bench.ts'

const execute = promisify(execFile)

/** Programs of releases before (protocol-1, -2 and -4) as files, and agents as processes on this machine's own kernel. */
export const startProgramsOfThen = async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rebootless-versions-'))
  // What a host of class lab takes needs no approver.
  const config = path.join(folder, 'agent.json')
  await writeFile(config, JSON.stringify({ class: 'lab' }), { mode: 0o600 })
  const running = new Set<ChildProcess>()
  const endAll = () => {
    for (const child of running) child.kill('SIGKILL')
  }

  return {
    folder,
    endAll,
    async unpack(name: 'agent.mjs' | 'agent-server.mjs', protocol: 1 | 2 | 4): Promise<string> {
      const packed = await readFile(new URL(`protocol-${protocol}/${name}.br`, import.meta.url))
      const unpacked = path.join(folder, `${protocol}-${name}`)
      await writeFile(unpacked, await promisify(brotliDecompress)(packed))
      return unpacked
    },
    enrol: (agent: string, server: string, token: string, data: string) =>
      execute(process.execPath, [agent, 'enrol', '--server', server, '--token', token, '--data', data]),
    run(agent: string, data: string) {
      const child = spawn(process.execPath, [agent, 'run', '--data', data, '--config', config], {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      running.add(child)
      const said = { text: '' }
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said.text += text
      })
      const exited = once(child, 'exit').then(([code]) => {
        running.delete(child)
        return code
      })
      return {
        said: () => said.text,
        end: async () => {
          child.kill('SIGTERM')
          expect(await exited).toBe(0)
        },
      }
    },
    async end() {
      endAll()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Asks no faster than one session may. */
export const shown = (what: string, holds: () => Promise<boolean>) =>
  eventually(what, async () => (await holds()) || (await sleep(100, false)), 20_000)

export const hostIdOf = async (data: string): Promise<string> =>
  JSON.parse(await readFile(path.join(data, 'identity.json'), 'utf8')).hostId
