import { setTimeout as sleep } from 'node:timers/promises'
import { AuthorisationDetail, CommandList } from '@rebootless/shared/contract/commands-api.ts'
import type { LinkDials, Tally } from './bare-agents.ts'
import type { BareFleet } from './bare-fleet.ts'
import { processTree } from './process-tree.ts'
import type { ProgramUnderTest } from './program-under-test.ts'

const GIVEN_UP_MS = 10 * 60_000
const PAGE_HOSTS = 500
const EVERY_MS = 250

export interface ReturnAsked {
  readonly program: ProgramUnderTest
  /** Linked, or about to be. */
  readonly agents: BareFleet
  readonly hostIds: readonly string[]
  /** How many of them are told to do something while the server is down. */
  readonly commands: number
  /** Since when those may be sent, from the kill. */
  readonly commandsAfterMs: number
  /** How long the server stays down. */
  readonly downMs: number
  readonly signal: AbortSignal
  /** What an answer of so many bytes takes elsewhere, in milliseconds. */
  readonly beside?: (bytes: number) => Promise<number>
}

/** What one link did from the kill on. */
export interface LinkReturn {
  readonly dials: number
  readonly early: number
  /** From the server being ready until it was welcomed, and from its own first dial in that time. */
  readonly backMs: number
  readonly admittedMs: number
}

/** How a fleet came back after its server was killed under it (threat-model T39). Milliseconds; `back` and what follows from ready on. */
export interface FleetReturn {
  readonly firstLinkedMs: number
  readonly readyMs: number
  readonly welcomedMs: number
  readonly shownMs: number
  /** From the kill until the last was welcomed. */
  readonly outageMs: number
  readonly links: readonly LinkReturn[]
  readonly page: { readonly answersMs: number[]; readonly besideMs: number[]; readonly failures: string[] }
  readonly memoryBytes: { readonly before: number; readonly most: number }
  readonly attempts: number
  readonly commands: {
    readonly lost: number
    readonly again: number
    readonly states: Readonly<Record<string, number>>
  }
  /** How links ended, by reason. */
  readonly refused: Readonly<Record<string, number>>
}

/** The dials of one link behind the kill. */
export const returnOf = (
  { dialledAt, welcomedAt, early }: LinkDials,
  before: LinkDials,
  readyAt: number,
): LinkReturn => {
  const dials = dialledAt.slice(before.dialledAt.length)
  const [end, first] = [welcomedAt ?? Number.POSITIVE_INFINITY, dials.find((at) => at >= readyAt) ?? readyAt]
  // One that dialled just before the server said that it was ready may have been welcomed before.
  const backMs = Math.max(0, end - readyAt)
  return { dials: dials.length, early: early - before.early, backMs, admittedMs: Math.max(0, end - first) }
}

export const measureReturn = async (asked: ReturnAsked): Promise<FleetReturn> => {
  const { program, agents, hostIds, commands, signal } = asked
  const count = hostIds.length
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal })

  /** @returns milliseconds until every agent has been welcomed */
  const untilAllLinked = async (): Promise<number> => {
    for (const startedAt = Date.now(); ; await pause(EVERY_MS)) {
      const { linked, refused } = await agents.tally()
      const ms = Date.now() - startedAt
      if (linked === count) return ms
      if (ms > GIVEN_UP_MS) throw new Error(`${linked} of ${count} are linked: ${JSON.stringify(refused)}`)
    }
  }
  const untilAllShown = async (): Promise<void> => {
    for (const startedAt = Date.now(); (await connectedHosts(program)) < count; await pause(EVERY_MS))
      if (Date.now() - startedAt > GIVEN_UP_MS) throw new Error('the server does not show all as connected')
  }
  const untilCommandsEnded = async (): Promise<Tally> => {
    for (const startedAt = Date.now(); ; await pause(EVERY_MS)) {
      const tally = await agents.tally()
      const isOver = Date.now() - startedAt > GIVEN_UP_MS || program.ended() !== undefined
      if (tally.commands >= commands || isOver) return tally
    }
  }

  const firstLinkedMs = await untilAllLinked()
  await untilAllShown()
  const before = await residentBytes(program)
  const notBefore = new Date(Date.now() + asked.commandsAfterMs).toISOString()
  const hosts = hostIds.slice(0, commands).map((id) => ({ id, notBefore }))
  const body = { action: 'refresh', reason: 'they wait while the server is down', hosts }
  const answer = await program.ask('POST', '/api/v1/authorisations', body)
  const authorisation = AuthorisationDetail.parse(await answer.json()).id
  const [tallyBefore, dialsBefore] = [await agents.tally(), await agents.dials()]

  const killedAt = Date.now()
  await program.kill()
  await pause(asked.downMs)
  await program.restart()
  const readyAt = Date.now()
  const over = new AbortController()
  const paging = followPage(asked, over.signal, pause)
  const watching = watchMemory(program, over.signal, pause)
  await untilAllLinked()
  const welcomedMs = Date.now() - readyAt
  await untilAllShown()
  const shownMs = Date.now() - readyAt
  over.abort()
  const [page, most] = [await paging, await watching]
  const tally = await untilCommandsEnded()
  const dials = await agents.dials()
  const states: Record<string, number> = {}
  const list = await program.ask('GET', `/api/v1/commands?authorisation=${authorisation}`)
  for (const { state } of CommandList.parse(await list.json()).items) states[state] = (states[state] ?? 0) + 1
  return {
    ...{ firstLinkedMs, readyMs: readyAt - killedAt, welcomedMs, shownMs, outageMs: welcomedMs + readyAt - killedAt },
    links: dials.map((one, index) => returnOf(one, dialsBefore[index] ?? one, readyAt)),
    ...{ page, memoryBytes: { before, most }, attempts: tally.attempts - tallyBefore.attempts },
    commands: { lost: commands - tally.commands, again: tally.again, states },
    refused: tally.refused,
  }
}

type Pause = (milliseconds: number) => Promise<void>

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

/** A page that goes on asking until `over`; what each answer took, beside an answer of as many bytes made of nothing. */
const followPage = async ({ program, beside }: ReturnAsked, over: AbortSignal, pause: Pause) => {
  const [answersMs, besideMs, failures]: [number[], number[], string[]] = [[], [], []]
  for (; !over.aborted; await pause(EVERY_MS)) {
    const startedAt = performance.now()
    try {
      const text = await (await program.ask('GET', '/api/v1/hosts')).text()
      answersMs.push(performance.now() - startedAt)
      if (beside !== undefined) besideMs.push(await beside(Buffer.byteLength(text)))
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  return { answersMs, besideMs, failures }
}

const residentBytes = async (program: ProgramUnderTest): Promise<number> => {
  const tree = await processTree(program.pid)
  return tree.find(({ pid }) => pid === program.pid)?.residentBytes ?? 0
}
const watchMemory = async (program: ProgramUnderTest, over: AbortSignal, pause: Pause): Promise<number> => {
  let most = 0
  for (; !over.aborted; await pause(EVERY_MS)) most = Math.max(most, await residentBytes(program))
  return most
}
