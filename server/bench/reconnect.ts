import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startBareFleet } from './bare-fleet.ts'
import { makeBareHosts } from './bare-hosts.ts'
import { type BareLimit, startBareLimit } from './bare-limit.ts'
import { measureReturn } from './fleet-return.ts'
import { type ProgramUnderTest, startProgramUnderTest } from './program-under-test.ts'
import { startReport } from './report/bench-report.ts'

/**
 * How a fleet comes back (threat-model T39): the built program is killed under so many linked agents and started again, and
 * all of them dial as agents do. Meanwhile a page asks for the hosts, and commands wait. Argument: agents (default 10000).
 * Exit status 1: they were not all back within 90 s, a command was lost or came twice, or the page was not served.
 */
const [count = 10_000] = process.argv.slice(2).map(Number)
const BACK_MS_MAX = 90_000
const COMMANDS = Math.min(500, count)
/** After the kill: in the midst of the storm. */
const COMMANDS_AFTER_MS = 20_000

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

/** @returns what was not as it has to be */
const run = async (program: ProgramUnderTest, bare: BareLimit, folder: string): Promise<string[]> => {
  const madeAt = Date.now()
  const identities = await makeBareHosts(program, count)
  console.log(`${count} hosts with certificates made in ${seconds(Date.now() - madeAt)}`)
  const agents = await startBareFleet(folder, identities, stop)
  try {
    const { page, memoryBytes, commands, ...came } = await measureReturn({
      ...{ program, agents, hostIds: identities.map(({ hostId }) => hostId), signal: stop.signal },
      ...{ commands: COMMANDS, commandsAfterMs: COMMANDS_AFTER_MS, downMs: 0, beside: bare.answerMs },
    })
    console.log(`first linked after ${seconds(came.firstLinkedMs)}`)
    const one = (what: string, unit: string, value: number, atMost?: number) =>
      report.row({ what, unit, values: [value], ...(atMost !== undefined && { budget: { of: 'median', atMost } }) })
    one('killed, until ready again', 's', came.readyMs / 1000)
    one('ready, until all are welcomed', 's', came.welcomedMs / 1000)
    one('ready, until all are shown as connected', 's', came.shownMs / 1000, BACK_MS_MAX / 1000)
    one('attempts of agents', '', came.attempts)
    const beside = { name: 'bare answer', values: page.besideMs }
    report.row({ what: 'GET /api/v1/hosts meanwhile', unit: 'ms', values: page.answersMs, beside })
    one('of them failed', '', page.failures.length, 0)
    one('commands that were lost', '', commands.lost, 0)
    one('commands that came twice', '', commands.again, 0)
    one('memory of the backend before', 'MB', memoryBytes.before / 1e6)
    one('memory of the backend, at most', 'MB', memoryBytes.most / 1e6)
    report.note(`${count} agents, ${COMMANDS} commands that waited.`)
    console.log(`ends of links: ${JSON.stringify(came.refused)}; commands: ${JSON.stringify(commands.states)}`)
    for (const failure of page.failures.slice(0, 3)) console.log(failure)
    await report.end()
    return [
      ...(came.shownMs > BACK_MS_MAX ? [`not all were back within ${seconds(BACK_MS_MAX)}`] : []),
      ...(commands.lost > 0 || commands.again > 0 ? ['a command was lost, or came twice'] : []),
      ...(page.failures.length > 0 ? ['the page was not always served'] : []),
    ]
  } finally {
    agents.kill()
  }
}

const report = startReport('reconnect')
console.log(`${count} agents`)
const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-reconnect-'))
const bare = await startBareLimit()
const program = await startProgramUnderTest(0)
let wrong: string[] = []
try {
  wrong = await run(program, bare, folder)
} catch (error) {
  if (!stop.signal.aborted) throw error
  wrong = ['stopped']
} finally {
  await program.stop()
  bare.stop()
  await rm(folder, { recursive: true })
}
for (const one of wrong) console.log(`NOT AS IT HAS TO BE: ${one}`)
process.exit(wrong.length === 0 ? 0 : 1)
