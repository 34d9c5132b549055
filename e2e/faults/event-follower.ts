import { setTimeout as sleep } from 'node:timers/promises'
import { openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import type { ProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { FleetEvent } from '@rebootless/shared/contract/event.ts'

/** As pages do: told by `retry` of the stream, within which a lost one is opened again. */
const AGAIN_MS = 2_000

export interface EventFollower {
  /** Ids of events that stand in the table and were told neither themselves nor by a later one of the same thing. */
  missed(): Promise<string[]>
  /** How many were told. */
  told(): number
  /** How often the page was told to fetch all anew, since too much was missed. */
  resets(): number
  readonly isOpen: boolean
  stop(): Promise<void>
}

/** What two events must share so that the later one says all that the earlier did: bff/events/read-events.ts. */
const thingOf = (event: FleetEvent): string => {
  const of = 'host' in event ? event.host.id : 'hostId' in event ? event.hostId : undefined
  const other = 'userId' in event ? event.userId : 'rolloutId' in event ? event.rolloutId : null
  return `${event.type} ${of ?? other}`
}

/** A page's event stream, as a browser keeps it: opened again after each loss from where it was (HTML standard, 9.2.4). */
export const followEvents = async (program: ProgramUnderTest): Promise<EventFollower> => {
  const stopping = new AbortController()
  const newest = new Map<string, bigint>()
  let [first, last, told, resets, isOpen]: [bigint | undefined, string | undefined, number, number, boolean] = [
    undefined,
    undefined,
    0,
    0,
    false,
  ]
  const take = (block: string): void => {
    const lines = block.split('\n')
    const id = lines.find((line) => line.startsWith('id: '))?.slice(4)
    const data = lines.find((line) => line.startsWith('data: '))?.slice(6)
    if (id !== undefined) {
      last = id
      first ??= BigInt(id)
    }
    if (data === undefined) return
    const event = FleetEvent.parse(JSON.parse(data))
    told += 1
    if (event.type === 'reset') resets += 1
    else newest.set(thingOf(event), BigInt(id ?? 0))
  }
  const followOnce = async (): Promise<void> => {
    const headers = { cookie: program.cookie, ...(last !== undefined && { 'last-event-id': last }) }
    const answer = await fetch(`${program.address}/api/v1/events`, { headers, signal: stopping.signal })
    if (!answer.ok || answer.body === null) throw new Error(`the stream was answered ${answer.status}`)
    isOpen = true
    let text = ''
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + part).split('\n\n')
      text = blocks.pop() ?? ''
      blocks.forEach(take)
    }
  }
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await followOnce().catch(() => undefined)
      isOpen = false
      await sleep(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  })()
  for (; first === undefined; ) await sleep(20)
  const begun = first
  return {
    told: () => told,
    resets: () => resets,
    get isOpen() {
      return isOpen
    },
    async missed() {
      const database = await openBenchDatabase(program)
      try {
        const query = database.kysely.selectFrom('events').select(['id', 'type', 'host_id', 'user_id', 'rollout_id'])
        const rows = await query.where('id', '>', String(begun)).orderBy('id').execute()
        // What is on its way is not missed: what was stored up to now has a while to come.
        const deadline = performance.now() + 10_000
        const open = () =>
          rows.filter(
            (row) =>
              (newest.get(`${row.type} ${row.host_id ?? row.user_id ?? row.rollout_id}`) ?? -1n) < BigInt(row.id),
          )
        while (open().length > 0 && performance.now() < deadline) await sleep(100)
        return open().map(({ id, type }) => `${id} ${type}`)
      } finally {
        await database.close()
      }
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}
