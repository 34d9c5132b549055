import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { HEARTBEAT_INTERVAL_MS } from '@rebootless/shared/contract/agent-message.ts'
import { HostList } from '@rebootless/shared/contract/host.ts'
import { freePort } from '../process/free-port.ts'
import { type ProcessUse, processTree } from './process-tree.ts'

/**
 * What a simulated fleet costs, and whether the backend keeps up with it: the built program with so many hosts (default
 * 60) on a database of its own. Arguments: hosts, seconds of measuring. Prints median, p99, and the ratio to a bare
 * limit: for CPU an empty Node process, for contact the heartbeats' interval.
 */
const [hosts = 60, seconds = 60] = process.argv.slice(2).map(Number)
const SETTLE_MS = 30_000
const RAMP_UP_MS_MAX = 30 * 60_000
const HOSTS_LOOKED_AT = 500
const PASSWORD = 'only for this run, on loopback'
const serverFolder = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')

const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((left, right) => left - right)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0

const row = (what: string, values: readonly number[], unit: string, bare: readonly number[]) => {
  const [median, p99] = [quantile(values, 0.5), quantile(values, 0.99)]
  const [bareMedian, bareP99] = [quantile(bare, 0.5), quantile(bare, 0.99)]
  const number = (value: number) => value.toFixed(value < 10 ? 2 : 1)
  const ratio = bareP99 === 0 ? '–' : `×${number(p99 / bareP99)}`
  console.log(
    `${what.padEnd(44)} median ${number(median)} ${unit}, p99 ${number(p99)} ${unit}; ` +
      `bare limit ${number(bareMedian)}, ${number(bareP99)}; ratio of p99 ${ratio}`,
  )
}

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
const empty = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
process.once('SIGINT', () => program.kill('SIGTERM'))

try {
  await ready()
  const cookie = await signIn()
  const rampUpMs = await rampUp(cookie)
  console.log(
    `${hosts} hosts enrolled and told their first snapshot in ${(rampUpMs / 1_000).toFixed(0)} s, ${(hosts / (rampUpMs / 1_000)).toFixed(0)} a second`,
  )
  await sleep(SETTLE_MS)
  await measure(cookie)
} finally {
  empty.kill()
  program.kill('SIGTERM')
  if (program.exitCode === null && program.signalCode === null) await once(program, 'exit')
  // Where the database is, when the program was started as root and PostgreSQL's user cannot reach the data directory.
  const elsewhere = await readFile(path.join(data, 'postgres.location'), 'utf8').catch(() => null)
  for (const folder of [elsewhere?.trim() ?? data, data]) {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function ready(): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) {
    if (program.exitCode !== null) throw new Error(`the program ended with ${program.exitCode}`)
    const answer = await fetch(`${address}/readyz`).catch(() => undefined)
    if (answer?.ok) return
  }
  throw new Error('the program was not ready after a minute')
}

async function signIn(): Promise<string> {
  const answer = await fetch(`${address}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: address },
    body: JSON.stringify({ username: 'admin', password: PASSWORD }),
  })
  if (!answer.ok) throw new Error(`sign-in was answered ${answer.status}`)
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
}

async function look(cookie: string, query: string): Promise<HostList> {
  const answer = await fetch(`${address}/api/v1/hosts?${query}`, { headers: { cookie } })
  if (!answer.ok) throw new Error(`hosts were answered ${answer.status}`)
  return HostList.parse(await answer.json())
}

/** @returns milliseconds until every host has told its kernel, or was lost by a fault of its own */
async function rampUp(cookie: string): Promise<number> {
  const startedAt = Date.now()
  for (;;) {
    const { total } = await look(cookie, 'filter=origin:simulated+kernel:*&limit=1')
    if (total >= hosts) return Date.now() - startedAt
    if (Date.now() - startedAt > RAMP_UP_MS_MAX) throw new Error(`only ${total} of ${hosts} hosts came`)
    await sleep(500)
  }
}

async function measure(cookie: string): Promise<void> {
  const parts: readonly (readonly [string, (use: ProcessUse) => boolean])[] = [
    ['simulated hosts', ({ command }) => command.includes('simulated-fleet.mjs')],
    ['backend', ({ pid }) => pid === program.pid],
    ['database', ({ command }) => command.includes('postgres')],
  ]
  const shares = parts.map((): number[] => [])
  const bare: number[] = []
  const agesS: number[] = []
  let last = await usage()
  for (let second = 0; second < seconds; second += 1) {
    await sleep(1_000)
    const now = await usage()
    const passed = now.atMs - last.atMs
    const share = (name: (use: ProcessUse) => boolean) => {
      const before = new Map(last.uses.map(({ pid, cpuMs }) => [pid, cpuMs]))
      const spent = now.uses.filter(name).reduce((sum, { pid, cpuMs }) => sum + cpuMs - (before.get(pid) ?? cpuMs), 0)
      return (spent / passed) * 100
    }
    for (const [index, [, isPart]] of parts.entries()) shares[index]?.push(share(isPart))
    bare.push(share(({ pid }) => pid === empty.pid))
    last = now
    if (second % 5 !== 0) continue
    const { items, asOf } = await look(cookie, `filter=origin:simulated&limit=${HOSTS_LOOKED_AT}&sort=name`)
    for (const { connected, lastSeenAt } of items) {
      if (connected && lastSeenAt !== null) agesS.push((Date.parse(asOf) - Date.parse(lastSeenAt)) / 1_000)
    }
  }
  for (const [index, [name]] of parts.entries()) row(`CPU of ${name}, of one core`, shares[index] ?? [], '%', bare)
  const evenly = Array.from({ length: 100 }, (_, part) => (part * HEARTBEAT_INTERVAL_MS) / 100_000)
  row('age of the last word of a connected host', agesS, 's', evenly)
  for (const [name, isPart] of parts) {
    const bytes = last.uses.filter(isPart).reduce((sum, { residentBytes }) => sum + residentBytes, 0)
    console.log(`memory of ${name}: ${(bytes / 1e6).toFixed(0)} MB`)
  }
}

async function usage(): Promise<{ atMs: number; uses: ProcessUse[] }> {
  return {
    atMs: performance.now(),
    uses: [...(await processTree(program.pid ?? 0)), ...(await processTree(empty.pid ?? 0))],
  }
}
