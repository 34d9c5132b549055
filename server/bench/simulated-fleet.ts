import { setTimeout as sleep } from 'node:timers/promises'
import { HEARTBEAT_INTERVAL_MS } from '@rebootless/shared/contract/agent-message.ts'
import { STALE_AFTER_MS } from '@rebootless/shared/domain/host-state.ts'
import { type BareLimit, startBareLimit } from './bare-limit.ts'
import { type EventProbe, startEventProbe } from './event-probe.ts'
import { type ProcessUse, processTree } from './process-tree.ts'
import { type ProgramUnderTest, startProgramUnderTest } from './program-under-test.ts'
import { startReport } from './report/bench-report.ts'
import type { Measured } from './report/bench-row.ts'

/**
 * What simulated fleets cost, and whether the backend keeps up with them: the built program with each of so many hosts,
 * on a database of its own. Arguments: hosts (default 60,1000,10000), seconds of measuring (default 60). Prints median,
 * p99, and the ratio to a bare limit that is measured in the same run: for CPU and answers an otherwise empty Node
 * process, for the age of words the heartbeats' interval.
 */
const [sizes = '60,1000,10000', seconds = '60'] = process.argv.slice(2)
const SETTLE_MS = 45_000
const RAMP_UP_MS_MAX = 60 * 60_000
const PROGRESS_EVERY_MS = 60_000
const PAGE_HOSTS = 500
const ROLL_CALL_EVERY_S = 30

/** Whatever is running is ended in order, and what it wrote is removed. */
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

async function run(program: ProgramUnderTest, bare: BareLimit, size: number): Promise<void> {
  const rampUpMs = await rampUp(program, size)
  const values = [rampUpMs / 1_000]
  report.row({ what: `${size} hosts: enrolled, linked and told`, unit: 's', values })
  await pause(SETTLE_MS)
  const probe = await startEventProbe(program)
  try {
    await measure(program, bare, probe, size)
  } finally {
    await probe.stop()
  }
}

const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: stop.signal })

/** @returns milliseconds until every host has told its kernel */
async function rampUp(program: ProgramUnderTest, size: number): Promise<number> {
  const startedAt = Date.now()
  let saidAt = startedAt
  for (;;) {
    const { total } = await rampUpCount(program)
    if (total >= size) return Date.now() - startedAt
    if (Date.now() - startedAt > RAMP_UP_MS_MAX) throw new Error(`only ${total} of ${size} hosts came`)
    if (Date.now() - saidAt > PROGRESS_EVERY_MS) {
      saidAt = Date.now()
      console.log(`${total} hosts after ${((saidAt - startedAt) / 1_000).toFixed(0)} s`)
    }
    await pause(1_000)
  }
}

/** A machine that is too busy to answer once is asked again; what is measured comes later. */
const rampUpCount = (program: ProgramUnderTest): Promise<{ total: number }> =>
  program.hosts('filter=origin:simulated+kernel:*&limit=1').catch((error: Error) => {
    throwIfEnded(program)
    console.log(error.message)
    return { total: 0 }
  })

const throwIfEnded = (program: ProgramUnderTest): void => {
  const how = program.ended()
  if (how !== undefined) throw new Error(how)
}

const PARTS: readonly (readonly [string, (use: ProcessUse, program: number) => boolean])[] = [
  ['simulated hosts', ({ command }) => command.includes('simulated-fleet.mjs')],
  ['backend', ({ pid }, program) => pid === program],
  ['database', ({ command }) => command.includes('postgres')],
]

async function measure(program: ProgramUnderTest, bare: BareLimit, probe: EventProbe, size: number): Promise<void> {
  const shares = PARTS.map((): number[] => [])
  const [bareShares, bareAnswersMs, listsMs, changesMs]: number[][] = [[], [], [], []]
  const calls: RollCall[] = []
  const failures: string[] = []
  const startedAt = Date.now()
  let last = await usage(program, bare)
  for (let second = 0; (Date.now() - startedAt) / 1_000 < Number(seconds); second += 1) {
    await pause(1_000)
    try {
      const { bytes, ms } = await timedList(program)
      listsMs?.push(ms)
      bareAnswersMs?.push(await bare.answerMs(bytes))
      changesMs?.push(await probe.changeMs())
    } catch (error) {
      throwIfEnded(program)
      failures.push(error instanceof Error ? error.message : String(error))
    }
    const now = await usage(program, bare)
    const before = new Map(last.uses.map(({ pid, cpuMs }) => [pid, cpuMs]))
    const share = (isPart: (use: ProcessUse) => boolean) =>
      (now.uses.filter(isPart).reduce((sum, { pid, cpuMs }) => sum + cpuMs - (before.get(pid) ?? cpuMs), 0) /
        (now.atMs - last.atMs)) *
      100
    for (const [index, [, isPart]] of PARTS.entries()) shares[index]?.push(share((use) => isPart(use, program.pid)))
    bareShares?.push(share(({ pid }) => pid === bare.pid))
    last = now
    if (second % ROLL_CALL_EVERY_S === 0) calls.push(await callRoll(program))
  }
  calls.push(await callRoll(program))
  for (const failure of failures) console.log(`failed: ${failure}`)
  for (const call of calls) {
    const { total, fresh, cutOff, late } = call
    console.log(
      `${total} hosts: ${fresh} linked and fresh, ${cutOff} down or cut off by faults of their own, ${late} linked and late`,
    )
  }
  const evenly = Array.from({ length: 100 }, (_, part) => (part * HEARTBEAT_INTERVAL_MS) / 100_000)
  const ages = calls.flatMap(({ agesS }) => agesS)
  const row = (what: string, unit: string, values: readonly number[] = [], beside?: Measured['beside']) =>
    report.row({ what: `${size} hosts: ${what}`, unit, values, ...(beside && { beside }) })
  const answer = { name: 'bare answer', values: bareAnswersMs ?? [] }
  row('age of the last word of a linked host', 's', ages, { name: 'heartbeats evenly spread', values: evenly })
  row('GET /api/v1/hosts', 'ms', listsMs, answer)
  row('a change, from a host to the event stream', 'ms', changesMs, answer)
  for (const [index, [name]] of PARTS.entries()) {
    row(`processor of ${name}, of one core`, '%', shares[index], { name: 'bare Node', values: bareShares ?? [] })
  }
  for (const [name, isPart] of PARTS) {
    const bytes = last.uses
      .filter((use) => isPart(use, program.pid))
      .reduce((sum, { residentBytes }) => sum + residentBytes, 0)
    row(`memory of ${name}`, 'MB', [bytes / 1e6])
  }
}

const timedList = async (program: ProgramUnderTest): Promise<{ ms: number; bytes: number }> => {
  const startedAt = performance.now()
  const text = await (await program.ask('GET', '/api/v1/hosts')).text()
  return { ms: performance.now() - startedAt, bytes: Buffer.byteLength(text) }
}

interface RollCall {
  readonly total: number
  readonly fresh: number
  readonly cutOff: number
  /** With a link, and silent for longer than three heartbeats: the backend, or the fleet, does not keep up. */
  readonly late: number
  readonly agesS: readonly number[]
}

/** Looks at every simulated host, page by page. */
async function callRoll(program: ProgramUnderTest): Promise<RollCall> {
  const agesS: number[] = []
  let [total, cutOff, late, cursor] = [0, 0, 0, '']
  do {
    const page = await program.hosts(`filter=origin:simulated&limit=${PAGE_HOSTS}&sort=name${cursor}`)
    for (const { connected, lastSeenAt } of page.items) {
      total += 1
      const age = lastSeenAt === null ? Number.POSITIVE_INFINITY : Date.parse(page.asOf) - Date.parse(lastSeenAt)
      if (!connected) cutOff += 1
      else {
        agesS.push(age / 1_000)
        if (age > STALE_AFTER_MS) late += 1
      }
    }
    cursor = page.nextCursor === null ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`
  } while (cursor !== '')
  return { total, fresh: total - cutOff - late, cutOff, late, agesS }
}

async function usage(program: ProgramUnderTest, bare: BareLimit): Promise<{ atMs: number; uses: ProcessUse[] }> {
  return {
    atMs: performance.now(),
    uses: [...(await processTree(program.pid)), ...(await processTree(bare.pid))],
  }
}

const report = startReport('simulated-fleet')
for (const size of sizes.split(',').map(Number)) {
  if (stop.signal.aborted) break
  console.log(`\n${size} simulated hosts`)
  const bare = await startBareLimit()
  try {
    const program = await startProgramUnderTest(size)
    try {
      await run(program, bare, size)
    } catch (error) {
      if (!stop.signal.aborted) throw error
    } finally {
      await program.stop()
    }
  } finally {
    bare.stop()
  }
}
if (!stop.signal.aborted) await report.end()
process.exit(stop.signal.aborted ? 1 : 0)
