import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeBareHosts } from './bare-hosts.ts'
import { type EventProbe, startEventProbe } from './event-probe.ts'
import { quantile } from './figures.ts'
import { FLOODS, type FloodOrder, type FloodTally } from './floods.ts'
import { startProgramUnderTest } from './program-under-test.ts'
import { startReport } from './report/bench-report.ts'

/**
 * What one flooding host costs another (threat-model T20): how long a word of a calm host takes to a page's event stream
 * while it is quiet, and while another host floods, by turns, so that whatever else the machine does falls on both. Among
 * 200 linked hosts. Arguments: rounds for each kind of flood (default 6), seconds of each turn (default 10), and which kind
 * alone (default: all). Exit status 1: the median grew by more than a tenth.
 */
const [rounds = 6, turnSeconds = 10] = process.argv.slice(2, 4).map(Number)
const [only] = process.argv.slice(4)
const CALM_HOSTS = 200
const RATIO_MAX = 1.1
const SETTLE_MS = 500
/** Less often than a host may speak for long (link/agent-server.ts), or the probe would wait for itself. */
const BETWEEN_MS = 350

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: stop.signal })

const start = async (name: 'bare-agents' | 'flooder', folder: string, identities: object): Promise<ChildProcess> => {
  const file = path.join(folder, `${name}.json`)
  await writeFile(file, JSON.stringify(identities), { mode: 0o600 })
  const program = path.join(path.dirname(fileURLToPath(import.meta.url)), `${name}.ts`)
  return fork(program, [file], { execArgv: ['--import', 'tsx'] })
}
const tell = async (child: ChildProcess, order: FloodOrder): Promise<FloodTally> => {
  child.send(order)
  const [tally] = await once(child, 'message', { signal: stop.signal })
  return tally
}

const turn = async (probe: EventProbe): Promise<number[]> => {
  const takenMs: number[] = []
  await pause(SETTLE_MS)
  for (const end = Date.now() + turnSeconds * 1000; Date.now() < end; await pause(BETWEEN_MS))
    takenMs.push(await probe.changeMs())
  return takenMs
}

const measure = async (probe: EventProbe, flooder: ChildProcess, kind: number): Promise<void> => {
  const [quiet, flooded]: [number[], number[]] = [[], []]
  const [flood] = FLOODS.slice(kind)
  if (flood === undefined) throw new Error('there is no such flood')
  const before = await tell(flooder, { flood: null, host: 0 })
  for (let round = 0; round < rounds; round += 1) {
    quiet.push(...(await turn(probe)))
    // Another host each time: the last is held off still.
    await tell(flooder, { flood, host: kind * rounds + round })
    flooded.push(...(await turn(probe)))
    await tell(flooder, { flood: null, host: 0 })
  }
  const after = await tell(flooder, { flood: null, host: 0 })
  const perSecond = (key: keyof FloodTally) => ((after[key] - before[key]) / (rounds * turnSeconds)).toFixed(0)
  report.row({
    ...{ what: flood, unit: 'ms', values: flooded, budget: { of: 'ratio', atMost: RATIO_MAX } },
    beside: { name: 'quiet', values: quiet },
  })
  console.log(
    `p90 ×${(quantile(flooded, 0.9) / quantile(quiet, 0.9)).toFixed(2)}; a second ${perSecond('frames')} frames, ` +
      `${perSecond('links')} links, ${perSecond('turnedAway')} turned away`,
  )
}

const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-flood-'))
const program = await startProgramUnderTest(0)
const children: ChildProcess[] = []
const report = startReport('flood')
let asItHasToBe = false
try {
  const identities = await makeBareHosts(program, CALM_HOSTS + FLOODS.length * rounds)
  children.push(await start('bare-agents', folder, identities.slice(-CALM_HOSTS)))
  const flooder = await start('flooder', folder, identities.slice(0, -CALM_HOSTS))
  children.push(flooder)
  const probe = await startEventProbe(program)
  while ((await program.hosts('filter=name:bare-*+kernel:*&limit=1')).total < CALM_HOSTS) await pause(500)
  for (const [kind, name] of FLOODS.entries())
    if (only === undefined || only === name) await measure(probe, flooder, kind)
  asItHasToBe = await report.end()
  await probe.stop()
} catch (error) {
  if (!stop.signal.aborted) throw error
} finally {
  for (const child of children) child.kill()
  await program.stop()
  await rm(folder, { recursive: true })
}
process.exit(asItHasToBe ? 0 : 1)
