// Goal: what is stored does not depend on how messages travelled. Method: fast-check makes a host's life and what a bad
// network does to it; one host hears it in order, another as it travelled, and all that is stored of both is compared.
import type { ReadingMessage } from '@rebootless/shared/contract/agent-message.ts'
import { AgentMessage as AgentMessageSchema } from '@rebootless/shared/contract/agent-message.ts'
import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'
import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import type { Ingest } from '../link/ports.ts'
import { createIngest } from './ingest.ts'
import { enrolTestHost } from './test-host.ts'
import * as make from './test-messages.ts'

const NOW = new Date(make.START + 3_600_000)
let database: TestDatabase
let ingest: Ingest
beforeAll(async () => {
  database = await createTestDatabase()
  ingest = createIngest({
    database: database.kysely,
    clock: { now: () => NOW },
    heartbeatsEveryMs: 0,
    changesEveryMs: 0,
  })
})
afterAll(() => database.drop())

const kernelEvent = (sequence: number): KernelEvent => ({
  sequence,
  at: make.at(sequence),
  kind: sequence % 5 === 0 ? 'enable_failed' : 'transition_started',
  patch: `lp_${sequence % 2}`,
  direction: 'patching',
  object: null,
  text: `livepatch: record ${sequence}`,
})

/** One thing that a host may say; its place in the order is given later. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('hello' as const), name: fc.constantFrom('web-01', 'db-02', '') }),
  fc.record({
    kind: fc.constant('snapshot' as const),
    events: fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { maxLength: 4 }),
    running: fc.boolean(),
    boot: fc.constantFrom('boot-1', 'boot-2'),
    level: fc.constantFrom<Partial<ProviderReport>>({}, { behind: true }, { access: 'expired' }, { inProgress: true }),
  }),
  fc.record({ kind: fc.constant('heartbeat' as const) }),
  fc.record({
    kind: fc.constant('transition' as const),
    startedAt: fc.integer({ min: 0, max: 3 }),
    remaining: fc.integer({ min: 0, max: 50 }),
    blocking: fc.integer({ min: 0, max: 2 }),
  }),
  fc.record({ kind: fc.constant('ended' as const) }),
  fc.record({
    kind: fc.constant('kernel_readings' as const),
    minutes: fc.integer({ min: 0, max: 200 }),
    incidents: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 4 }),
    traced: fc.boolean(),
    boot: fc.constantFrom('boot-1', 'boot-2'),
  }),
  fc.record({ kind: fc.constant('restart' as const) }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** The steps as messages: a restart raises the epoch and begins the sequence anew. */
const life = (steps: readonly Step[]): ReadingMessage[] => {
  let epoch = 1
  let sequence = 0
  const messageOf = (next: Step): ReadingMessage[] => {
    sequence += 1
    const when = { epoch, sequence, sentAt: make.at(epoch * 100 + sequence) }
    const reading = (startedAt: number, remaining: number, blocking: number) =>
      make.sample({
        startedAt: make.at(startedAt * 10),
        sampledAt: make.at(epoch * 100 + sequence),
        tasksRemaining: remaining,
        blocking: Array.from({ length: blocking }, (_, tid) => make.blockingTask({ tid, comm: `task-${tid}` })),
        blockingTotal: blocking,
      })
    switch (next.kind) {
      case 'restart':
        epoch += 1
        sequence = 0
        return []
      case 'hello':
        return [make.hello(when, { hostName: next.name })]
      case 'heartbeat':
        return [make.heartbeat(when, make.hashOf(sequence))]
      case 'transition':
        return [make.transitionMessage(when, reading(next.startedAt, next.remaining, next.blocking))]
      case 'kernel_readings': {
        const known = make.kernelReadings()
        const incidents = next.incidents.map((number) =>
          make.kernelIncident(number, { function: next.traced ? 'do_fix' : null }),
        )
        const readAt = make.at(next.minutes * 60)
        const readings = { ...known, readAt, bootId: next.boot, log: { ...known.log, incidents } }
        return [make.kernelReadingsMessage(when, readings)]
      }
      case 'ended':
        return [make.transitionMessage(when, null)]
      case 'snapshot': {
        const { kernel } = make.patchedSnapshot()
        const fields = {
          kernelEvents: next.events.map(kernelEvent),
          kernel: { ...kernel, bootId: next.boot },
          providers: [make.kernelCareReport(next.level)],
        }
        const snapshot = next.running
          ? make.patchingSnapshot(reading(1, 5, 1), fields)
          : make.patchedSnapshot({ ...fields, takenAt: when.sentAt })
        return [make.snapshotMessage(when, snapshot)]
      }
    }
  }
  return steps.flatMap(messageOf)
}

/** All that is stored of a host, but for what tells when and how often it was heard. */
const stored = async (hostId: string) => {
  const { kysely } = database
  const host = await kysely.selectFrom('hosts').selectAll().where('id', '=', hostId).executeTakeFirstOrThrow()
  const own = <Row extends { host_id: string }>(rows: Row[]) => rows.map(({ host_id: _, ...row }) => row)
  return {
    host: { ...host, id: null, revision: null, last_seen_at: null, enrolled_at: null },
    readings: own(
      await kysely.selectFrom('host_readings').selectAll().where('host_id', '=', hostId).orderBy('kind').execute(),
    ).map((reading) => ({ ...reading, received_at: null })),
    samples: own(
      await kysely
        .selectFrom('transition_samples')
        .selectAll()
        .where('host_id', '=', hostId)
        .orderBy('epoch')
        .orderBy('sequence')
        .execute(),
    ),
    events: own(
      await kysely
        .selectFrom('kernel_events')
        .selectAll()
        .where('host_id', '=', hostId)
        .orderBy('boot_id')
        .orderBy('kmsg_sequence')
        .execute(),
    ),
    incidents: own(
      await kysely
        .selectFrom('kernel_incidents')
        .selectAll()
        .where('host_id', '=', hostId)
        .orderBy('boot_id')
        .orderBy('kmsg_sequence')
        .execute(),
    ),
    pressure: own(
      await kysely.selectFrom('kernel_pressure').selectAll().where('host_id', '=', hostId).orderBy('slot').execute(),
    ),
    causes: own(
      await kysely.selectFrom('host_causes').selectAll().where('host_id', '=', hostId).orderBy('key').execute(),
    ),
  }
}

const tell = async (messages: readonly ReadingMessage[]) => {
  const hostId = await enrolTestHost(database.kysely, { now: new Date(make.START) })
  for (const message of messages) await ingest.accept(hostId, message, NOW)
  return stored(hostId)
}

test('T19 any order, repetition, or loss that is made good ends in the same stored state', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 14 }),
      fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
      async (steps, dice) => {
        const messages = life(steps)
        for (const message of messages) AgentMessageSchema.parse(message)
        // Each message travels once or twice, in any order: whatever is lost comes with the repetition.
        const travelled = messages
          .flatMap((message, index) => ((dice[index] ?? 0) % 3 === 0 ? [message, message] : [message]))
          .map((message, index) => ({ message, place: dice[39 - (index % 40)] ?? 0 }))
          .sort((left, right) => left.place - right.place)
          .map(({ message }) => message)
        expect(await tell(travelled)).toEqual(await tell(messages))
      },
    ),
    { numRuns: 40, interruptAfterTimeLimit: 10_000 },
  )
})

test('T19 a repeated message makes no event and no new revision', async () => {
  const hostId = await enrolTestHost(database.kysely)
  const messages = [
    make.hello({ epoch: 1, sequence: 1 }),
    make.snapshotMessage({ epoch: 1, sequence: 2 }, make.patchingSnapshot(make.stalledSample())),
    make.transitionMessage({ epoch: 1, sequence: 3 }, make.stalledSample()),
    make.kernelReadingsMessage({ epoch: 1, sequence: 4 }),
  ]
  for (const message of messages) await ingest.accept(hostId, message, NOW)
  const count = async () =>
    (await database.kysely.selectFrom('events').select('id').where('host_id', '=', hostId).execute()).length
  const before = await count()
  for (const message of messages) await ingest.accept(hostId, message, NOW)
  expect(await count()).toBe(before)
})

test('pressure alone makes no event; an incident, more of its trace, and a log that can be read no more make one each', async () => {
  const hostId = await enrolTestHost(database.kysely)
  const known = make.kernelReadings()
  let sequence = 0
  const eventsOf = async (log: Partial<typeof known.log>) => {
    const all = () => database.kysely.selectFrom('events').select('id').where('host_id', '=', hostId).execute()
    const before = (await all()).length
    sequence += 1
    const message = make.kernelReadingsMessage({ epoch: 1, sequence }, { ...known, log: { ...known.log, ...log } })
    await ingest.accept(hostId, message, NOW)
    return (await all()).length - before
  }
  const vague = make.kernelIncident(3, { function: null })
  expect(await eventsOf({})).toBe(1) // before it, nothing was known
  expect(await eventsOf({})).toBe(0)
  expect(await eventsOf({ incidents: [vague] })).toBe(1)
  expect(await eventsOf({ incidents: [vague] })).toBe(0)
  expect(await eventsOf({ incidents: [make.kernelIncident(3)] })).toBe(1)
  expect(await eventsOf({ incidents: [make.kernelIncident(3)], errno: 'EPERM', completeSince: null })).toBe(1)
})
