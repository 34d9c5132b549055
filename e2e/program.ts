import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@rebootless/server/process/free-port.ts'

const checkout = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

/** The built program as `npm start` runs it, with a data directory and ports of its own. */
export interface Program {
  readonly address: string
  readonly agentAddress: string
  readonly dataDirectory: string
  readonly pid: number
  /** The one-time link that this start printed; undefined when a password is set. */
  readonly signInLink: string | undefined
  readonly output: () => string
  /** As power loss does it: SIGKILL to this process alone. */
  kill(): Promise<void>
  /** The same data and ports again, after `kill` or `stop`. */
  restart(): Promise<Program>
  stop(): Promise<void>
  /** `stop`, and the data directory goes. */
  remove(): Promise<void>
}

/** How one of the built programs ended by itself. */
export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Without simulated hosts, unless they are asked for: most stories need none, and each costs a little time. */
export async function startProgram(environment: Record<string, string> = {}): Promise<Program> {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'rebootless-story-'))
  const [port, agentPort] = [await freePort(), await freePort()]
  return await run({
    ...{ REBOOTLESS_SIMULATED_HOSTS: '0', ...environment },
    ...{ REBOOTLESS_DATA: dataDirectory, PORT: `${port}`, AGENT_PORT: `${agentPort}` },
  })
}

async function run(environment: Record<string, string>): Promise<Program> {
  const { child, output } = spawnBuilt('server.mjs', [], environment)
  const address = `http://127.0.0.1:${environment.PORT}`
  const dataDirectory = environment.REBOOTLESS_DATA ?? ''
  const stop = () => end(child, 'SIGTERM')
  const remove = async () => {
    await stop()
    await removeData(dataDirectory)
  }
  try {
    await ready(child, address, output)
  } catch (error) {
    await remove()
    throw error
  }
  return {
    address,
    agentAddress: `https://127.0.0.1:${environment.AGENT_PORT}`,
    dataDirectory,
    pid: child.pid ?? 0,
    signInLink: output().match(/http:\S+\/sign-in#token=\S+/)?.[0],
    output,
    kill: () => end(child, 'SIGKILL'),
    restart: () => run(environment),
    stop,
    remove,
  }
}

/** Starts `server/dist/NAME`. What it prints, errors too, comes as one text. */
export function spawnBuilt(
  name: 'server.mjs' | 'agent.mjs',
  words: readonly string[],
  environment: Record<string, string> = {},
): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [`server/dist/${name}`, ...words], {
    cwd: checkout,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output += chunk.toString()
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return { child, output: () => output }
}

/** Runs one of the built programs to its end, which must come by itself. */
export async function runBuilt(...parameters: Parameters<typeof spawnBuilt>): Promise<Ended> {
  const { child, output } = spawnBuilt(...parameters)
  // `close` comes after the last of the output, `exit` may come before.
  return await new Promise((resolve) => child.once('close', (code) => resolve({ code, output: output() })))
}

/** Where a program that was started as root keeps its database, when PostgreSQL's user cannot reach the data directory. */
export async function databaseHome(dataDirectory: string): Promise<string> {
  const pointer = await readFile(path.join(dataDirectory, 'postgres.location'), 'utf8').catch(() => undefined)
  return pointer?.trim() ?? path.join(dataDirectory, 'postgres')
}

async function removeData(dataDirectory: string): Promise<void> {
  const home = await databaseHome(dataDirectory)
  for (const folder of [home, dataDirectory]) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Ready is when it says so and the page is there: the address is printed last. */
async function ready(child: ChildProcess, address: string, output: () => string): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}:\n${output()}`)
    const answer = await fetch(`${address}/readyz`).catch(() => undefined)
    if (answer?.ok && output().includes(`runs on ${address}`)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the program was not ready after a minute:\n${output()}`)
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
}
