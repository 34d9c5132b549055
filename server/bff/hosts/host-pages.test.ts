// Goal: a host's pages tell what was read, in the contract's form and in the server's time. Method: messages into a real
// database, then each page parsed by its schema.
import { HostDetail, HostRaw } from '@rebootless/shared/contract/host.ts'
import { HostRedirections } from '@rebootless/shared/contract/host-redirections.ts'
import { HostTransition } from '@rebootless/shared/contract/host-transition.ts'
import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createIngest } from '../ingest/ingest.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import * as make from '../ingest/test-messages.ts'
import type { Ingest } from '../link/ports.ts'
import { WHOLE_FLEET } from './host-scope.ts'
import { createHosts, type Hosts } from './service.ts'

const NOW = new Date(make.START + 20_000)
const clock = { now: () => NOW }
let database: TestDatabase
let ingest: Ingest
let hosts: Hosts
let id: string
let sequence = 0
beforeAll(async () => {
  database = await createTestDatabase()
  ingest = createIngest({ database: database.kysely, clock })
  hosts = createHosts(database.kysely, clock)
})
afterAll(() => database.drop())
beforeEach(async () => {
  id = await enrolTestHost(database.kysely, { now: NOW })
})

const when = () => {
  sequence += 1
  return { epoch: 1, sequence }
}
const tellSnapshot = (snapshot = make.patchedSnapshot()) =>
  ingest.accept(id, make.snapshotMessage(when(), snapshot), NOW)
const tellSample = (sample: Parameters<typeof make.transitionMessage>[1]) =>
  ingest.accept(id, make.transitionMessage(when(), sample), NOW)
const transition = async () => HostTransition.parse(await hosts.transition(WHOLE_FLEET, id)).transition

const completed = (patch: string, seconds: number): KernelEvent => ({
  sequence: seconds,
  at: make.at(seconds),
  kind: 'transition_completed',
  patch,
  direction: 'patching',
  object: null,
  text: `livepatch: '${patch}': patching complete`,
})

describe('before the first reading', () => {
  test('every page is there and says that nothing is known', async () => {
    expect(HostDetail.parse(await hosts.detail(WHOLE_FLEET, id))).toMatchObject({
      kernel: null,
      stack: [],
      state: 'offline',
    })
    expect(HostRaw.parse(await hosts.raw(WHOLE_FLEET, id))).toMatchObject({ files: [], readAt: null })
    expect(HostRedirections.parse(await hosts.redirections(WHOLE_FLEET, id))).toMatchObject({
      objects: [],
      functionCount: 0,
    })
    expect(await transition()).toBeNull()
  })
})

describe('a host with a patch', () => {
  test('shows stack, files and redirections, in the server’s time', async () => {
    await ingest.clockMeasured(id, 5_000)
    await tellSnapshot(make.patchedSnapshot({ kernelEvents: [completed('lp_fix', 2)] }))
    const detail = HostDetail.parse(await hosts.detail(WHOLE_FLEET, id))
    expect(detail.stack).toMatchObject([{ name: 'lp_fix', state: 'applied', completedAt: make.at(2 - 5) }])
    expect(detail.kernelEvents).toMatchObject([{ at: make.at(2 - 5) }])
    expect(detail.readAt).toBe(make.at(10 - 5))
    expect(HostRaw.parse(await hosts.raw(WHOLE_FLEET, id)).files).toEqual(make.patchedSnapshot().raw)
    const [object] = HostRedirections.parse(await hosts.redirections(WHOLE_FLEET, id)).objects
    expect(object?.functions).toMatchObject([{ name: 'do_fix', reached: 'lp_fix', ftrace: 'confirmed' }])
  })
})

describe('a transition', () => {
  test('that runs shows its curve, phases and blocking tasks with what to do', async () => {
    await tellSnapshot(make.patchingSnapshot(make.sample()))
    for (const remaining of [8, 4, 1]) {
      await tellSample(make.sample({ sampledAt: make.at(9 - remaining), tasksRemaining: remaining }))
    }
    await tellSample(make.stalledSample({ signalledAt: make.at(15), sampledAt: make.at(16) }))
    const view = await transition()
    expect(view).toMatchObject({
      patch: 'lp_fix',
      endedAt: null,
      stalled: true,
      tasksRemaining: 1,
      phases: [
        { kind: 'loaded', at: make.at(0) },
        { kind: 'signalled', at: make.at(15) },
      ],
      blocking: [{ comm: 'sleeper', heldFunction: 'do_fix', reason: 'uninterruptible_sleep' }],
    })
    expect(view?.samples.map(({ remaining }) => remaining)).toEqual([10, 8, 4, 1, 1])
    expect(view?.blocking[0]?.advice.length).toBeGreaterThan(0)
  })

  test('that is over keeps its curve down to nought, and says how long it took', async () => {
    await tellSnapshot(make.patchingSnapshot(make.sample()))
    await tellSample(make.sample({ sampledAt: make.at(3), tasksRemaining: 2 }))
    await tellSample(null)
    await tellSnapshot(make.patchedSnapshot({ memory: [make.patchMemory('lp_fix', { completedAt: make.at(4) })] }))
    expect(await transition()).toMatchObject({
      endedAt: make.at(4),
      tasksRemaining: 0,
      phases: [{ kind: 'loaded' }, { kind: 'completed', at: make.at(4) }],
      sentence: 'lp_fix is in effect: its transition took 4.0 seconds.',
    })
    expect((await transition())?.samples.at(-1)).toEqual({ at: make.at(4), total: 100, remaining: 0 })
  })

  test('too quick to be sampled is told by the kernel’s log', async () => {
    const started = { ...completed('lp_fix', 1), kind: 'transition_started' as const }
    await tellSnapshot(make.patchedSnapshot({ kernelEvents: [started, completed('lp_fix', 2)] }))
    expect(await transition()).toMatchObject({
      patch: 'lp_fix',
      startedAt: make.at(1),
      endedAt: make.at(2),
      samples: [],
    })
  })

  test('the other way, begun a moment after the one before was over, has its own end', async () => {
    const event = (seconds: number, kind: KernelEvent['kind'], direction: KernelEvent['direction']) => {
      return { ...completed('lp_fix', seconds), kind, direction, sequence: seconds * 10 }
    }
    const kernelEvents = [
      event(1, 'transition_started', 'patching'),
      event(9, 'transition_completed', 'patching'),
      event(10, 'transition_started', 'unpatching'),
      event(15, 'transition_completed', 'unpatching'),
    ]
    await tellSnapshot(make.patchedSnapshot({ livepatches: [], kernelEvents }))
    expect(await transition()).toMatchObject({
      startedAt: make.at(10),
      endedAt: make.at(15),
      sentence: 'lp_fix is out: its transition took 5.0 seconds.',
    })
  })

  test('of an earlier boot is not told of this one, in which nothing is loaded', async () => {
    const started = { ...completed('lp_fix', 1), kind: 'transition_started' as const }
    await tellSnapshot(make.patchingSnapshot(make.sample()))
    await tellSample(make.sample({ sampledAt: make.at(3), tasksRemaining: 2 }))
    await tellSample(null)
    await tellSnapshot(make.patchedSnapshot({ kernelEvents: [started, completed('lp_fix', 4)] }))
    expect((await transition())?.sentence).toMatch(/^lp_fix is in effect/)

    const { kernel } = make.patchedSnapshot()
    const rebooted = make.patchedSnapshot({
      kernel: { ...kernel, bootId: 'boot-2' },
      livepatches: [],
      livepatchModules: [],
      enabledFunctions: [],
      memory: [],
    })
    const nextRun = { epoch: 2, sequence: 1 }
    await ingest.accept(id, make.hello(nextRun, { bootId: 'boot-2' }), NOW)
    await ingest.accept(id, make.snapshotMessage({ epoch: 2, sequence: 2 }, rebooted), NOW)
    expect(await transition()).toBeNull()
    expect(HostDetail.parse(await hosts.detail(WHOLE_FLEET, id))).toMatchObject({ kernelEvents: [], stack: [] })
  })

  test('outlives a restart of the agent in the same boot', async () => {
    await tellSnapshot(make.patchingSnapshot(make.sample()))
    await tellSample(make.sample({ sampledAt: make.at(3), tasksRemaining: 2 }))
    const memory = [make.patchMemory('lp_fix', { completedAt: make.at(4) })]
    await ingest.accept(id, make.snapshotMessage({ epoch: 2, sequence: 1 }, make.patchedSnapshot({ memory })), NOW)
    expect((await transition())?.samples.map(({ remaining }) => remaining)).toEqual([10, 2, 0])
  })

  test('turned round begins a curve of its own', async () => {
    await tellSnapshot(make.patchingSnapshot(make.sample()))
    const back = make.sample({ target: 'unpatching', startedAt: make.at(6), sampledAt: make.at(7), tasksRemaining: 90 })
    const memory = [
      make.patchMemory('lp_fix', {
        enabledAt: make.at(0),
        transitionStartedAt: make.at(6),
        direction: 'unpatching',
        reversed: true,
        completedAt: null,
      }),
    ]
    await tellSnapshot(make.patchingSnapshot(back, { memory }))
    expect(await transition()).toMatchObject({
      target: 'unpatching',
      samples: [{ remaining: 90 }],
      phases: [
        { kind: 'loaded', at: make.at(0) },
        { kind: 'reversed', at: make.at(6) },
      ],
    })
  })
})
