import { type ChildProcess, spawn } from 'node:child_process'
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
  /** Another after `restart`. */
  readonly pid: number
  readonly dataDirectory: string
  /** Where browsers come: `http://127.0.0.1:PORT`. */
  readonly address: string
  /** Where agents connect: `https://127.0.0.1:PORT`. */
  readonly agentAddress: string
  /** Of the administrator's session. */
  readonly cookie: string
  /** Another session of the administrator takes its place. */
  signIn(): Promise<void>
  /** Asks as a signed-in page does; a Buffer goes as it is. Rejects when the answer is no success. */
  ask(method: string, path: string, body?: object): Promise<Response>
  hosts(query: string): Promise<HostList>
  /** Of the administrator's session, for a browser. */
  cookies(): { name: string; value: string; url: string }[]
  /** The address of its own database, with the rights that it has itself. */
  databaseUrl(): Promise<string>
  /** As power loss does it: SIGKILL to this process alone. */
  kill(): Promise<void>
  /** After `kill`, on the same data and ports; resolves when it is ready. */
  restart(): Promise<void>
  /** How it ended by itself, in words; undefined while it runs. */
  ended(): string | undefined
  /** Ends it, and removes all that it wrote. */
  stop(): Promise<void>
}

interface Surroundings {
  /** Beside what each program under test is told. */
  readonly environment?: Readonly<Record<string, string>>
  /** A folder that is not there yet; it is removed in the end. */
  readonly dataDirectory?: string
  /** Its log is not shown: what it complains of is what the test does to it. */
  readonly quiet?: boolean
}

const mediaOf = (body: object): string => `application/${Buffer.isBuffer(body) ? 'octet-stream' : 'json'}`

/** Asks at an address as a signed-in page does. Rejects when the answer is no success. */
export const askAt =
  (address: string, cookie: () => string): ProgramUnderTest['ask'] =>
  async (method, target, body) => {
    const answer = await fetch(`${address}${target}`, {
      method,
      headers: { cookie: cookie(), origin: address, ...(body && { 'content-type': mediaOf(body) }) },
      ...(body && { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${target} was answered ${answer.status}`)
    return answer
  }

/** The built program with so many simulated hosts, on a database and in a folder of its own, and an administrator signed in. */
export const startProgramUnderTest = async (
  hosts: number,
  { environment = {}, dataDirectory, quiet = false }: Surroundings = {},
): Promise<ProgramUnderTest> => {
  const data = dataDirectory ?? (await mkdtemp(path.join(tmpdir(), 'rebootless-bench-')))
  const [port, agentPort] = [await freePort(), await freePort()]
  const address = `http://127.0.0.1:${port}`
  const run = () => {
    // Both as `npm start` has them.
    const child = spawn(process.execPath, ['--v8-pool-size=1', path.join(serverFolder, 'dist', 'server.mjs')], {
      stdio: ['ignore', 'ignore', quiet ? 'ignore' : 'inherit'],
      env: {
        ...process.env,
        MALLOC_ARENA_MAX: '2',
        ...{ REBOOTLESS_DATA: data, PORT: `${port}`, AGENT_PORT: `${agentPort}`, REBOOTLESS_ADMIN_PASSWORD: PASSWORD },
        ...{ REBOOTLESS_RECORDED_HOSTS: '0', REBOOTLESS_SIMULATED_HOSTS: `${hosts}`, REBOOTLESS_SIMULATION_SEED: '1' },
        ...environment,
      },
    })
    return { child, ended: once(child, 'exit') }
  }
  let program = run()
  let cookie = ''

  const stop = async () => {
    program.child.kill('SIGTERM')
    await program.ended
    for (const folder of [await databaseHome(data), data]) {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }

  const ask = askAt(address, () => cookie)

  const ready = async () => {
    for (const deadline = Date.now() + READY_MS_MAX; Date.now() < deadline; await sleep(100)) {
      const how = endOf(program.child)
      if (how !== undefined) throw new Error(how)
      const answer = await fetch(`${address}/readyz`).catch(() => undefined)
      if (answer?.ok) return
    }
    throw new Error('the program was not ready in time')
  }

  const signIn = async () => {
    const signedIn = await ask('POST', '/api/v1/session', { username: 'admin', password: PASSWORD })
    cookie = signedIn.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ')
  }

  try {
    await ready()
    await signIn()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    get pid() {
      return program.child.pid ?? 0
    },
    dataDirectory: data,
    address,
    get cookie() {
      return cookie
    },
    signIn,
    agentAddress: `https://127.0.0.1:${agentPort}`,
    ask,
    async databaseUrl() {
      if (environment.DATABASE_URL !== undefined) return environment.DATABASE_URL
      const home = await databaseHome(data)
      const { application } = JSON.parse(await readFile(path.join(home, 'passwords.json'), 'utf8'))
      // PostgreSQL, "Database File Layout": the socket's folder is the fifth line.
      const sockets = (await readFile(path.join(home, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[4] ?? ''
      return `postgres://rebootless:${application}@localhost/rebootless?host=${encodeURIComponent(sockets)}`
    },
    async kill() {
      program.child.kill('SIGKILL')
      await program.ended
    },
    async restart() {
      program = run()
      await ready()
    },
    ended: () => endOf(program.child),
    cookies: () =>
      cookie.split('; ').map((one) => {
        const at = one.indexOf('=')
        return { name: one.slice(0, at), value: one.slice(at + 1), url: address }
      }),
    hosts: async (query) => HostList.parse(await (await ask('GET', `/api/v1/hosts?${query}`)).json()),
    stop,
  }
}

const endOf = ({ exitCode, signalCode }: ChildProcess): string | undefined =>
  exitCode === null && signalCode === null ? undefined : `the program ended with ${exitCode ?? signalCode}`

/** Elsewhere when the program was started as root and PostgreSQL's user cannot reach the data directory. */
const databaseHome = async (data: string): Promise<string> => {
  const elsewhere = await readFile(path.join(data, 'postgres.location'), 'utf8').catch(() => null)
  return elsewhere?.trim() ?? path.join(data, 'postgres')
}
