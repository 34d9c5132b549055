// Goal: what a dry run through the API is made of, and who may ask. Method: a real backend with hosts whose snapshots, past transitions
// and tasks the test wrote; the work that its simulator is given, and one that is simulated for real.
import { DryRun } from '@rebootless/shared/contract/dry-run.ts'
import type { DryRunSimulator, DryRunWork } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dryRun } from '../../../sim/dry-run/dry-run.ts'
import { createDryRunSimulator } from '../../../start/dry-run-simulator.ts'
import { addTestHost, type TestHost } from '../../commands/test-fleet.ts'
import { type Person, type RequestBench, startRequestBench } from '../../commands/test-requests.ts'
import { taskLook } from '../../ingest/test-messages.ts'
import { readPast } from './past.ts'

let bench: RequestBench
let operator: Person
const works: DryRunWork[] = []
const thread = createDryRunSimulator()
let inThread = false
const simulator: DryRunSimulator = {
  run: (work, options) => {
    works.push(work)
    return inThread ? thread.run(work, options) : Promise.resolve(dryRun(work))
  },
}
beforeAll(async () => {
  bench = await startRequestBench({ dryRunSimulator: simulator })
  operator = await bench.person('operator')
})
afterAll(() => bench.end())

let group = 0
const bare = { livepatches: [], livepatchModules: [], memory: [], enabledFunctions: [] }
const hostOf = (labels: Record<string, string> = {}, rest: object = {}): Promise<TestHost> =>
  addTestHost(bench.kysely, { labels: { group: String(group), ...labels }, snapshot: bare, ...rest })
const planOf = (change: object = {}) => ({
  ...{ version: 1, name: 'fix', reason: 'CVE-2026-1', hosts: `label.group:${group}` },
  ...{ change: { kind: 'load', patches: [bench.artefact] }, waves: [{ name: 'all', share: { kind: 'rest' } }] },
  ...change,
})
const START = Date.parse('2026-11-20T10:00:00.000Z')

/** A record of livepatch in a host's log, so many seconds after START. */
const record = async (host: string, sequence: number, seconds: number, kind: string, boot = 'boot-1') => {
  const at = new Date(START + seconds * 1000)
  const body = JSON.stringify({
    sequence,
    at: at.toISOString(),
    kind,
    patch: 'lp',
    direction: 'patching',
    object: null,
    text: kind,
  })
  await sql`insert into kernel_events (host_id, boot_id, kmsg_sequence, at, body, epoch, sequence)
    values (${host}, ${boot}, ${sequence}, ${at}, ${body}::json, 1, ${sequence})`.execute(bench.kysely)
}
const ended = async (who: Person, id: string): Promise<DryRun> => {
  for (;;) {
    const shown = DryRun.parse((await bench.read(who, `/api/v1/rollouts/dry-run/${id}`)).json())
    if (shown.state !== 'waiting' && shown.state !== 'running') return shown
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
const ask = async (who: Person, body: object) => {
  const answer = await bench.post(who, '/api/v1/rollouts/dry-run', { plan: planOf(), runs: 3, seed: 7, ...body })
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([202, expect.any(String)])
  return DryRun.parse(answer.json())
}

test('past transitions are those that the kernel’s log tells from start to end, newest first', async () => {
  group += 1
  const { id } = await hostOf()
  await record(id, 1, 0, 'enabling')
  await record(id, 2, 1, 'transition_started')
  await record(id, 3, 16, 'signalled')
  await record(id, 4, 31, 'transition_completed')
  await record(id, 9, 100, 'transition_started')
  await record(id, 10, 102, 'transition_completed')
  // One that never ended, and an end whose start was not read, in another boot.
  await record(id, 11, 200, 'transition_started')
  await record(id, 1, 300, 'transition_completed', 'boot-2')
  expect((await readPast(bench.kysely, [id])).get(id)).toEqual({ tasks: null, past: [{ seconds: 2 }, { seconds: 30 }] })
})

test('a dry run is simulated with what is known of its hosts, and changes nothing', async () => {
  group += 1
  const one = await hostOf({ role: 'web' })
  await hostOf({ role: 'database' })
  await record(one.id, 1, 0, 'transition_started')
  await record(one.id, 2, 40, 'transition_completed')
  const before = await sql`select (select count(*) from audit) as audit, (select count(*) from commands) as commands,
    (select count(*) from rollouts) as rollouts`.execute(bench.kysely)
  inThread = true
  const { id } = await ask(operator, {})
  const shown = await ended(operator, id)
  inThread = false
  expect([shown.state, shown.why]).toEqual(['done', null])
  const { result } = shown
  expect([result?.seed, result?.runs, result?.hosts.going]).toEqual([7, 3, 2])
  expect(result?.sentence).toMatch(/^About .* for 2 hosts/)
  expect(result?.atRisk.map(({ reasons }) => reasons.map(({ kind }) => kind))).toContainEqual(['stalled before'])
  const work = works.at(-1)
  expect(work?.hosts.map(({ labels, past }) => [labels.role, past])).toContainEqual(['web', [{ seconds: 40 }]])
  expect(Object.keys(work?.functions ?? {})).toEqual([bench.artefact])
  expect(
    await sql`select (select count(*) from audit) as audit, (select count(*) from commands) as commands,
    (select count(*) from rollouts) as rollouts`.execute(bench.kysely),
  ).toEqual(before)
})

test('who was seen asleep in its functions lately is among what is known, and not who was in those of another patch', async () => {
  group += 1
  const [one, other] = [await hostOf(), await hostOf()]
  const place = { object: 'vmlinux', function: 'f' }
  const asleep = { ...place, pid: 7, tid: 7, comm: 'reader', kernelThread: false, unit: null, container: null }
  const seen = { sleeping: [asleep], sleepingTotal: 1, counts: [{ ...place, tasks: 1 }] }
  for (const [host, id] of [[one, bench.artefact] as const, [other, 'f'.repeat(64)] as const]) {
    const order = { epoch: 1, sequence: 20, sentAt: new Date().toISOString() }
    const look = taskLook({ id, ...seen })
    await bench.backend.ingest.accept(host.id, { type: 'task_look', ...order, look }, new Date())
  }
  const { id } = await ask(operator, {})
  expect((await ended(operator, id)).state).toBe('done')
  const known = new Map(works.at(-1)?.hosts.map(({ name, asleep: names }) => [name, names]))
  expect(known.get(one.name)).toEqual([expect.stringContaining('reader (7) sleeps in f')])
  expect(known.get(other.name)).toEqual([])
})

test('the same seed, id and beginning come to the same', async () => {
  group += 1
  await hostOf()
  const same = { id: '99999999-9999-4999-8999-999999999999', beginsAt: '2026-11-27T20:00:00.000Z' }
  const first = await ended(operator, (await ask(operator, same)).id)
  const second = await ended(operator, (await ask(operator, same)).id)
  expect(works.at(-1)).toEqual(works.at(-2))
  expect(second.result).toEqual(first.result)
})

test('T07 hosts out of scope are in no dry run, and another person finds it not', async () => {
  group += 1
  await hostOf({ env: 'prod' })
  await hostOf({ env: 'test' })
  const scoped = await bench.person('operator', 'label.env:test')
  const { id } = await ask(scoped, {})
  const { result } = await ended(scoped, id)
  expect([result?.hosts.going, works.at(-1)?.hosts.length]).toEqual([1, 1])
  expect((await bench.read(operator, `/api/v1/rollouts/dry-run/${id}`)).status).toBe(404)
})

test('a plan without hosts says so; a filter that cannot be read is told when its turn comes', async () => {
  group += 1
  expect((await ended(operator, (await ask(operator, {})).id)).result?.sentence).toBe('No host would be changed.')
  const wrong = await ask(operator, { plan: planOf({ hosts: 'nonsense:' }) })
  expect(await ended(operator, wrong.id)).toMatchObject({ state: 'failed', why: expect.any(String) })
})

test('who asked ends it', async () => {
  group += 1
  await hostOf()
  inThread = true
  const { id } = await ask(operator, { runs: 50 })
  inThread = false
  const answer = await bench.backend.call('DELETE', `/api/v1/rollouts/dry-run/${id}`, { cookie: operator.cookie })
  expect(answer.status).toBe(200)
  expect((await ended(operator, id)).state).toBe('cancelled')
})
