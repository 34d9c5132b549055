import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { HostList } from '@rebootless/shared/contract/host.ts'
import { freePort } from '../process/free-port.ts'

const PASSWORD = 'only for this run, on loopback'
const READY_MS_MAX = 120_000
const serverFolder = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')

export interface ProgramUnderTest {
  readonly pid: number
  /** Where agents connect: `https://127.0.0.1:PORT`. */
  readonly agentAddress: string
  /** Asks as a signed-in page does. Rejects when the answer is no success. */
  ask(method: string, path: string, body?: object): Promise<Response>
  hosts(query: string): Promise<HostList>
  /** How it ended by itself, in words; undefined while it runs. */
  ended(): string | undefined
  /** Ends it, and removes all that it wrote. */
  stop(): Promise<void>
}

/** The built program with so many simulated hosts, on a database and in a folder of its own, and an administrator signed in. */
export const startProgramUnderTest = async (hosts: number): Promise<ProgramUnderTest> => {
  const data = await mkdtemp(path.join(tmpdir(), 'rebootless-bench-'))
  const [port, agentPort] = [await freePort(), await freePort()]
  const address = `http://127.0.0.1:${port}`
  const program = spawn(process.execPath, [path.join(serverFolder, 'dist', 'server.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...{ REBOOTLESS_DATA: data, PORT: `${port}`, AGENT_PORT: `${agentPort}`, REBOOTLESS_ADMIN_PASSWORD: PASSWORD },
      ...{ REBOOTLESS_RECORDED_HOSTS: '0', REBOOTLESS_SIMULATED_HOSTS: `${hosts}`, REBOOTLESS_SIMULATION_SEED: '1' },
    },
  })
  const ended = once(program, 'exit')
  let cookie = ''

  const stop = async () => {
    program.kill('SIGTERM')
    await ended
    // Where the database is, when the program was started as root and PostgreSQL's user cannot reach the data directory.
    const elsewhere = await readFile(path.join(data, 'postgres.location'), 'utf8').catch(() => null)
    for (const folder of [elsewhere?.trim() ?? data, data]) {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }

  const ask: ProgramUnderTest['ask'] = async (method, target, body) => {
    const answer = await fetch(`${address}${target}`, {
      method,
      headers: { cookie, origin: address, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${target} was answered ${answer.status}`)
    return answer
  }

  const ready = async () => {
    for (const deadline = Date.now() + READY_MS_MAX; Date.now() < deadline; await sleep(100)) {
      if (program.exitCode !== null) throw new Error(`the program ended with ${program.exitCode}`)
      const answer = await fetch(`${address}/readyz`).catch(() => undefined)
      if (answer?.ok) return
    }
    throw new Error('the program was not ready in time')
  }

  try {
    await ready()
    const signedIn = await ask('POST', '/api/v1/session', { username: 'admin', password: PASSWORD })
    cookie = signedIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
  } catch (error) {
    await stop()
    throw error
  }
  return {
    pid: program.pid ?? 0,
    agentAddress: `https://127.0.0.1:${agentPort}`,
    ask,
    ended: () =>
      program.exitCode === null && program.signalCode === null
        ? undefined
        : `the program ended with ${program.exitCode ?? program.signalCode}`,
    hosts: async (query) => HostList.parse(await (await ask('GET', `/api/v1/hosts?${query}`)).json()),
    stop,
  }
}
