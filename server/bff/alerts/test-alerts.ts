import { AlertChanged } from '@rebootless/shared/contract/channel-messages.ts'
import type { NewChannel } from '@rebootless/shared/contract/channels.ts'
import type { Kysely } from 'kysely'
import { SERVER } from '../access/doer.ts'
import { createChannel } from '../channels/channels.ts'
import { addTestHost } from '../commands/test-fleet.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase } from '../database/test-database.ts'
import { createIngest } from '../ingest/ingest.ts'
import { createSecretBox } from '../secrets/secret-box.ts'
import { type AlertEngine, createAlertEngine } from './engine.ts'
import type { DueDates, OwnFacts } from './ports.ts'

export const WELL: OwnFacts = { disks: [], database: null, lagMs: 0, authorities: [] }
const ALL: NewChannel['events'] = {
  ...{ decisions: [], auditHeads: null },
  alerts: { severityAtLeast: 'info', rules: 'all' },
}

/** Hosts whose messages go through the real ingest, an engine over the real database, and a clock that a test moves. */
export const startAlertBench = async (startsAt = Date.parse('2026-11-24T12:10:00.000Z')) => {
  const database = await createTestDatabase()
  const { kysely } = database
  const box = createSecretBox(Buffer.alloc(32, 5))
  const engines: AlertEngine[] = []
  const warned: unknown[] = []
  let nowMs = startsAt
  let sequence = 100
  const state: { own: OwnFacts; due: DueDates } = { own: WELL, due: { exposures: [], exceptions: [] } }
  const now = () => new Date(nowMs)
  const ingest = createIngest({ database: kysely, clock: { now }, changesEveryMs: 0 })
  const who = () => ({ ...SERVER, now: now(), username: 'ann' })

  const engineOver = (over: Kysely<DatabaseSchema> = kysely): AlertEngine => {
    const engine = createAlertEngine({
      ...{ database: over, now, version: '0.1.0', rareEveryMs: 0 },
      ...{ readOwnFacts: async () => state.own, readDueDates: async () => state.due },
      log: { info: () => undefined, warn: (...words: unknown[]) => void warned.push(words) },
    })
    engines.push(engine)
    return engine
  }
  const channel = async (change: Partial<Pick<NewChannel, 'events' | 'scope' | 'name'>> = {}): Promise<string> => {
    const wanted = {
      kind: 'webhook',
      name: 'hook',
      address: 'https://hook.example/',
      events: ALL,
      scope: null,
    } as const
    return (await createChannel(kysely, box, { ...wanted, ...change } as NewChannel, who())).channel.id
  }
  /** What a channel is to be sent, in order. */
  const sent = async (id: string) => {
    const all = kysely.selectFrom('channel_deliveries').select('body').where('channel_id', '=', id)
    return (await all.orderBy('number').execute()).map(({ body }) => AlertChanged.parse(JSON.parse(body)).data)
  }
  return {
    ...{ database, kysely, state, now, who, ingest, engineOver, channel, sent, warned },
    order: () => {
      sequence += 1
      return { epoch: 1, sequence }
    },
    advance: (minutes: number) => {
      nowMs += minutes * 60_000
    },
    addHost: (name: string, labels: Record<string, string> = {}) => addTestHost(kysely, { name, labels, now: now() }),
    leaseRunsOut: () =>
      kysely
        .updateTable('leases')
        .set({ until: new Date(0) })
        .execute(),
    async end() {
      for (const engine of engines) await engine.close()
      await database.drop()
    },
  }
}
export type AlertBench = Awaited<ReturnType<typeof startAlertBench>>
