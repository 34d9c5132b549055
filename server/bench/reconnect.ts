import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AuthorisationDetail, CommandList } from '@rebootless/shared/contract/commands-api.ts'
import type { AgentIdentity } from '../agent/link/identity.ts'
import type { Tally } from './bare-agents.ts'
import { type BareFleet, startBareFleet } from './bare-fleet.ts'
import { makeBareHosts } from './bare-hosts.ts'
import { type BareLimit, startBareLimit } from './bare-limit.ts'
import { processTree } from './process-tree.ts'
import { type ProgramUnderTest, startProgramUnderTest } from './program-under-test.ts'
import { startReport } from './report/bench-report.ts'

/**
 * How a fleet comes back (threat-model T39): the built program is killed under so many linked agents and started again, and
 * all of them dial as agents do. Meanwhile a page asks for the hosts, and commands wait. Argument: agents (default 10000).
 * Exit status 1: they were not all back within 90 s, a command was lost or came twice, or the page was not served.
 */
const [count = 10_000] = process.argv.slice(2).map(Number)
const BACK_MS_MAX = 90_000
const GIVEN_UP_MS = 10 * 60_000
const COMMANDS = Math.min(500, count)
/** After the kill: in the midst of the storm. */
const COMMANDS_AFTER_MS = 20_000
const PAGE_HOSTS = 500
const EVERY_MS = 250

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal: stop.signal })
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

/** @returns milliseconds until every agent has been welcomed */
const untilAllLinked = async (agents: BareFleet): Promise<number> => {
  for (const startedAt = Date.now(); ; ) {
    const { linked, refused } = await agents.tally()
    const ms = Date.now() - startedAt
    if (linked === count) return ms
    if (ms > GIVEN_UP_MS) throw new Error(`${linked} of ${count} are linked: ${JSON.stringify(refused)}`)
    await pause(EVERY_MS)
  }
}

/** How many the server itself shows as connected and read. */
const connectedHosts = async (program: ProgramUnderTest): Promise<number> => {
  let [connected, cursor] = [0, '']
  do {
    const page = await program.hosts(`filter=name:bare-*+kernel:*&limit=${PAGE_HOSTS}&sort=name${cursor}`)
    connected += page.items.filter((host) => host.connected).length
    cursor = page.nextCursor === null ? '' : `&cursor=${encodeURIComponent(page.nextCursor)}`
  } while (cursor !== '')
  return connected
}
const untilAllConnected = async (program: ProgramUnderTest): Promise<void> => {
  for (const startedAt = Date.now(); (await connectedHosts(program)) < count; await pause(EVERY_MS))
    if (Date.now() - startedAt > GIVEN_UP_MS) throw new Error('the server does not show all as connected')
}

/** A page that goes on asking until `over`; what each answer took, beside an answer of as many bytes made of nothing. */
const followPage = async (program: ProgramUnderTest, bare: BareLimit, over: AbortSignal) => {
  const [answersMs, bareMs, failures]: [number[], number[], string[]] = [[], [], []]
  while (!over.aborted) {
    const startedAt = performance.now()
    try {
      const text = await (await program.ask('GET', '/api/v1/hosts')).text()
      answersMs.push(performance.now() - startedAt)
      bareMs.push(await bare.answerMs(Buffer.byteLength(text)))
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
    await pause(EVERY_MS)
  }
  return { answersMs, bareMs, failures }
}

const residentBytes = async (program: ProgramUnderTest, agents: BareFleet): Promise<number> => {
  const tree = await processTree(program.pid)
  return tree.find(({ pid }) => pid === program.pid && pid !== agents.pid)?.residentBytes ?? 0
}
const watchMemory = async (program: ProgramUnderTest, agents: BareFleet, over: AbortSignal): Promise<number> => {
  let most = 0
  for (; !over.aborted; await pause(EVERY_MS)) most = Math.max(most, await residentBytes(program, agents))
  return most
}

const requestCommands = async (program: ProgramUnderTest, identities: readonly AgentIdentity[]): Promise<string> => {
  const notBefore = new Date(Date.now() + COMMANDS_AFTER_MS).toISOString()
  const hosts = identities.slice(0, COMMANDS).map(({ hostId: id }) => ({ id, notBefore }))
  const body = { action: 'refresh', reason: 'they wait while the server is down', hosts }
  const answer = await program.ask('POST', '/api/v1/authorisations', body)
  return AuthorisationDetail.parse(await answer.json()).id
}
const untilCommandsEnded = async (program: ProgramUnderTest, agents: BareFleet): Promise<Tally> => {
  for (const startedAt = Date.now(); ; await pause(1000)) {
    const tally = await agents.tally()
    if (tally.commands >= COMMANDS || Date.now() - startedAt > GIVEN_UP_MS || program.ended() !== undefined)
      return tally
  }
}

/** @returns what was not as it has to be */
const run = async (program: ProgramUnderTest, bare: BareLimit, folder: string): Promise<string[]> => {
  const madeAt = Date.now()
  const identities = await makeBareHosts(program, count)
  console.log(`${count} hosts with certificates made in ${seconds(Date.now() - madeAt)}`)
  const agents = await startBareFleet(folder, identities, stop)
  try {
    console.log(`first linked after ${seconds(await untilAllLinked(agents))}`)
    await untilAllConnected(program)
    const before = await residentBytes(program, agents)
    const authorisation = await requestCommands(program, identities)

    await program.kill()
    const killedAt = Date.now()
    await program.restart()
    const readyAt = Date.now()
    const over = new AbortController()
    const [paging, watching] = [followPage(program, bare, over.signal), watchMemory(program, agents, over.signal)]
    const attemptsBefore = (await agents.tally()).attempts
    await untilAllLinked(agents)
    const linkedAfterMs = Date.now() - readyAt
    await untilAllConnected(program)
    const backAfterMs = Date.now() - readyAt
    over.abort()
    const [page, most] = [await paging, await watching]
    const tally = await untilCommandsEnded(program, agents)
    const ended = await statesOf(program, authorisation)

    const one = (what: string, unit: string, value: number, atMost?: number) =>
      report.row({ what, unit, values: [value], ...(atMost !== undefined && { budget: { of: 'median', atMost } }) })
    one('killed, until ready again', 's', (readyAt - killedAt) / 1000)
    one('ready, until all are welcomed', 's', linkedAfterMs / 1000)
    one('ready, until all are shown as connected', 's', backAfterMs / 1000, BACK_MS_MAX / 1000)
    one('attempts of agents', '', tally.attempts - attemptsBefore)
    const beside = { name: 'bare answer', values: page.bareMs }
    report.row({ what: 'GET /api/v1/hosts meanwhile', unit: 'ms', values: page.answersMs, beside })
    one('of them failed', '', page.failures.length, 0)
    one('commands that were lost', '', COMMANDS - tally.commands, 0)
    one('commands that came twice', '', tally.again, 0)
    one('memory of the backend before', 'MB', before / 1e6)
    one('memory of the backend, at most', 'MB', most / 1e6)
    report.note(`${count} agents, ${COMMANDS} commands that waited.`)
    console.log(`ends of links: ${JSON.stringify(tally.refused)}; commands: ${JSON.stringify(ended)}`)
    for (const failure of page.failures.slice(0, 3)) console.log(failure)
    await report.end()
    return [
      ...(backAfterMs > BACK_MS_MAX ? [`not all were back within ${seconds(BACK_MS_MAX)}`] : []),
      ...(tally.commands !== COMMANDS || tally.again > 0 ? ['a command was lost, or came twice'] : []),
      ...(page.failures.length > 0 ? ['the page was not always served'] : []),
    ]
  } finally {
    agents.kill()
  }
}

/** How many of the list's commands, at most its newest, are in which state. */
const statesOf = async (program: ProgramUnderTest, authorisation: string): Promise<Record<string, number>> => {
  const states: Record<string, number> = {}
  const answer = await program.ask('GET', `/api/v1/commands?authorisation=${authorisation}`)
  for (const { state } of CommandList.parse(await answer.json()).items) states[state] = (states[state] ?? 0) + 1
  return states
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
