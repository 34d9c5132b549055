// Goal: each rule fires by what is really there, and is resolved once it is no more. Method: rows as ingest and the other parts
// write them, an engine over the real database, and what a channel that takes all is sent.

import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createUser } from '../http/test-users.ts'
import { sweepSilentHosts } from '../ingest/sweep-silent-hosts.ts'
import {
  kernelCareReport,
  kernelIncident,
  kernelReadings,
  kernelReadingsMessage,
  patchedSnapshot,
  patchingSnapshot,
  patchMemory,
  sample,
  snapshotMessage,
  stalledSample,
} from '../ingest/test-messages.ts'
import { type AlertBench, startAlertBench, WELL } from './test-alerts.ts'

let bench: AlertBench
let hook: string
beforeEach(async () => {
  bench = await startAlertBench()
  hook = await bench.channel()
})
afterEach(async () => {
  expect(bench.warned).toEqual([])
  await bench.end()
})

const show = async (id: string, snapshot: Snapshot) =>
  bench.ingest.accept(id, snapshotMessage(bench.order(), snapshot), bench.now())
/** Steps of a minute each, while the host is heard. */
const pass = async (minutes: number) => {
  const engine = bench.engineOver()
  for (let minute = 0; minute < minutes; minute += 1) {
    await engine.look()
    bench.advance(1)
  }
  await engine.look()
  await engine.close()
}
const told = async (rule: string) =>
  (await bench.sent(hook))
    .filter((one) => one.rule === rule)
    .map(({ change, title, hostCount }) => ({ change, title, hostCount }))

const resolves = async (rule: string, minutes = 7) => {
  await pass(minutes)
  expect((await told(rule)).map(({ change }) => change)).toEqual(['fired', 'resolved'])
}

test('transition-stalled: by task and function over hosts, once it lasts', async () => {
  const hosts = [await bench.addHost('a'), await bench.addHost('b')]
  for (const { id } of hosts) await show(id, patchingSnapshot(stalledSample()))
  await pass(1)
  const [message] = await told('transition-stalled')
  expect(message).toMatchObject({ change: 'fired', title: 'sleeper in do_fix holds a transition back', hostCount: 2 })
  for (const { id } of hosts) await show(id, patchedSnapshot())
  await resolves('transition-stalled')
})

test('transition-reversed', async () => {
  const { id } = await bench.addHost('a')
  await pass(0)
  expect(await told('transition-reversed')).toEqual([])
  const turned = sample({ target: 'unpatching', startedAt: bench.now().toISOString() })
  const memory = [
    patchMemory('lp_fix', { reversed: true, transitionStartedAt: turned.startedAt, direction: 'unpatching' }),
  ]
  await show(id, patchingSnapshot(turned, { memory }))
  await pass(1)
  expect(await told('transition-reversed')).toMatchObject([{ change: 'fired', hostCount: 1 }])
  bench.advance(24 * 60)
  await resolves('transition-reversed')
})

test('patch-failed', async () => {
  const { id } = await bench.addHost('a')
  const text = "livepatch: failed to enable patch 'lp_new'"
  const failure = { sequence: 5, at: bench.now().toISOString(), kind: 'enable_failed' as const, patch: 'lp_new' }
  const kernelEvents = [{ ...failure, direction: null, object: null, text }]
  await show(id, patchedSnapshot({ kernelEvents, livepatches: [], enabledFunctions: [], memory: [] }))
  await pass(2)
  expect(await told('patch-failed')).toMatchObject([{ change: 'fired', title: 'The kernel refused lp_new' }])
  await show(id, patchedSnapshot())
  await resolves('patch-failed')
})

test('patch-forced', async () => {
  const { id } = await bench.addHost('a')
  await show(id, patchedSnapshot({ memory: [patchMemory('lp_fix', { forcedAt: bench.now().toISOString() })] }))
  await pass(1)
  expect(await told('patch-forced')).toMatchObject([{ change: 'fired', title: 'lp_fix was forced' }])
  await show(id, patchedSnapshot())
  await resolves('patch-forced')
})

test('patch-drifted: sysfs and ftrace disagree', async () => {
  const { id } = await bench.addHost('a')
  await show(id, patchedSnapshot({ enabledFunctions: [] }))
  await pass(6)
  expect(await told('patch-drifted')).toMatchObject([{ change: 'fired' }])
  await show(id, patchedSnapshot())
  await resolves('patch-drifted')
})

test('patch-withdrawn', async () => {
  const { id } = await bench.addHost('a')
  const report = kernelCareReport()
  const patches = (report.patches ?? []).map((patch) => ({ ...patch, withdrawn: true }))
  await show(
    id,
    patchedSnapshot({ livepatches: [], memory: [], enabledFunctions: [], providers: [{ ...report, patches }] }),
  )
  await pass(2)
  expect(await told('patch-withdrawn')).toMatchObject([{ change: 'fired' }])
  await show(id, patchedSnapshot({ livepatches: [], memory: [], enabledFunctions: [], providers: [report] }))
  await resolves('patch-withdrawn')
})

test('kernel-oops and kernel-warning: after a patch, or with one in the trace', async () => {
  const { id } = await bench.addHost('a')
  const at = bench.now().toISOString()
  const incidents = [
    kernelIncident(1, { at: '2026-11-24T11:00:00.000Z', kind: 'oops', function: 'before_it' }),
    kernelIncident(2, { at, kind: 'oops', function: 'do_other' }),
    kernelIncident(3, { at, kind: 'warning', patched: { function: 'do_fix', patch: 'lp_fix', own: true } }),
  ]
  const readings = kernelReadings()
  await bench.ingest.accept(
    id,
    kernelReadingsMessage(bench.order(), { ...readings, log: { ...readings.log, incidents } }),
    bench.now(),
  )
  await pass(1)
  expect(await told('kernel-oops')).toMatchObject([{ change: 'fired', title: 'oops in do_other after a livepatch' }])
  expect(await told('kernel-warning')).toMatchObject([{ title: 'warning in do_fix with lp_fix in the trace' }])
  bench.advance(24 * 60)
  await resolves('kernel-oops')
})

test('taint-changed: within a boot, and not by the livepatch itself', async () => {
  const { id } = await bench.addHost('a')
  await pass(0)
  const { kernel } = patchedSnapshot()
  const taints = (...letters: string[]) => letters.map((letter) => ({ bit: 1, letter, meaning: 'test' }))
  await show(id, patchedSnapshot({ kernel: { ...kernel, taints: taints('K', 'O') } }))
  await pass(0)
  expect(await told('taint-changed')).toEqual([])
  await show(id, patchedSnapshot({ kernel: { ...kernel, taints: taints('K', 'O', 'W') } }))
  await pass(0)
  expect(await told('taint-changed')).toMatchObject([{ change: 'fired', title: 'Kernels got the taint W' }])
  await show(id, patchedSnapshot({ kernel: { ...kernel, bootId: 'boot-2', taints: taints('D') } }))
  await pass(0)
  expect(await told('taint-changed')).toHaveLength(1)
  bench.advance(24 * 60)
  await resolves('taint-changed')
})

test('host-silent-in-transition', async () => {
  const { id } = await bench.addHost('a')
  await show(id, patchingSnapshot(sample()))
  await pass(0)
  await bench.ingest.linkClosed(id, `link-${id}`, bench.now())
  bench.advance(10)
  await sweepSilentHosts(bench.kysely, bench.now())
  await pass(1)
  expect(await told('host-silent-in-transition')).toMatchObject([{ title: 'Silent while lp_fix was in transition' }])
  await bench.kysely.updateTable('hosts').set({ contact: 'fresh' }).where('id', '=', id).execute()
  await resolves('host-silent-in-transition')
})

test('certificate-ending and agent-outdated', async () => {
  const { id } = await bench.addHost('a')
  await bench.kysely.updateTable('certificates').set({ expires_at: bench.now() }).execute()
  await pass(0)
  expect(await told('certificate-ending')).toMatchObject([{ change: 'fired', hostCount: 1 }])
  const later = new Date(bench.now().getTime() + 7 * 86_400_000)
  await bench.kysely.updateTable('certificates').set({ expires_at: later }).execute()
  await resolves('certificate-ending')
  await bench.kysely.updateTable('hosts').set({ agent_version: '0.0.9' }).where('id', '=', id).execute()
  await pass(0)
  bench.advance(3 * 24 * 60)
  await bench.kysely
    .updateTable('certificates')
    .set({ expires_at: new Date(8e15) })
    .execute()
  await pass(0)
  expect(await told('agent-outdated')).toMatchObject([{ change: 'fired', title: 'Agents of version 0.0.9' }])
  await bench.kysely.updateTable('hosts').set({ agent_version: '0.1.0' }).where('id', '=', id).execute()
  await resolves('agent-outdated')
})

test('sla-breaking, sla-broken and exception-ending', async () => {
  const { id: hostId } = await bench.addHost('a')
  const inDays = (days: number) => bench.now().getTime() + days * 86_400_000
  bench.state.due = {
    exposures: [
      { hostId, cve: 'CVE-2024-1086', severity: 'high', dueAt: inDays(2) },
      { hostId, cve: 'CVE-2024-26581', severity: 'high', dueAt: inDays(-1) },
      { hostId, cve: 'CVE-2023-6270', severity: 'low', dueAt: inDays(20) },
    ],
    exceptions: [{ id: 'e1', title: 'the mainframe', endsAt: inDays(5) }],
  }
  await pass(0)
  expect(await told('sla-breaking')).toMatchObject([{ title: 'CVE-2024-1086 (high) is due soon' }])
  expect(await told('sla-broken')).toMatchObject([{ title: 'CVE-2024-26581 (high) is overdue' }])
  expect(await told('exception-ending')).toMatchObject([{ title: 'Exception ends: the mainframe', hostCount: 0 }])
  bench.state.due = { exposures: [], exceptions: [] }
  await resolves('sla-breaking')
  await resolves('sla-broken', 0)
  await resolves('exception-ending', 0)
})

test('disk-full, database-trouble, backend-lag, and an authority that ends', async () => {
  bench.state.own = {
    disks: [{ name: 'the data folder', freeBytes: 9, sizeBytes: 100 }],
    database: { sentence: 'The database is read-only now.', since: bench.now().getTime() },
    lagMs: 2_000,
    authorities: [{ fingerprint: 'f', expiresAt: bench.now().getTime() + 86_400_000 }],
  }
  await pass(6)
  for (const rule of ['disk-full', 'database-trouble', 'backend-lag', 'certificate-ending']) {
    expect([rule, (await told(rule)).map(({ change }) => change)]).toEqual([rule, ['fired']])
  }
  bench.state.own = WELL
  for (const rule of ['disk-full', 'database-trouble', 'backend-lag', 'certificate-ending']) await resolves(rule)
})

test('channel-dead-letters and feed-failing', async () => {
  const other = await bench.channel({ name: 'other', events: { decisions: 'all', auditHeads: null } })
  await bench.kysely
    .updateTable('channels')
    .set({ enabled: false, off_because: 'It answered 410.' })
    .where('id', '=', other)
    .execute()
  const outcome = JSON.stringify({ result: 'failed', detail: 'It answered 503.' })
  await bench.kysely
    .insertInto('cve_feeds')
    .values({
      ...{
        id: other,
        name: 'kernel',
        kind: 'osv',
        location: 'https://feed.example/',
        every_minutes: 60,
        enabled: true,
      },
      ...{ created_by_name: 'ann', created_at: new Date(bench.now().getTime() - 30 * 3_600_000) },
    })
    .execute()
  await bench.kysely.updateTable('cve_feeds').set({ outcome }).execute()
  await pass(0)
  expect(await told('channel-dead-letters')).toMatchObject([{ title: 'The channel other does not deliver' }])
  expect(await told('feed-failing')).toMatchObject([{ title: 'The feed kernel cannot be read' }])
  await bench.kysely.updateTable('channels').set({ enabled: true, off_because: null }).execute()
  await bench.kysely
    .updateTable('cve_feeds')
    .set({ outcome: JSON.stringify({ result: 'read' }) })
    .execute()
  await resolves('channel-dead-letters')
  await resolves('feed-failing', 0)
})

test('channel-dead-letters: a browser by whose it is, until it is forgotten or its owner may not sign in', async () => {
  const browser = await bench.channel({ name: 'Phone', events: { decisions: 'all', auditHeads: null } })
  const owner = await createUser(bench.kysely, 'operator')
  const { username } = await bench.kysely
    .selectFrom('users')
    .select('username')
    .where('id', '=', owner)
    .executeTakeFirstOrThrow()
  await sql`update channels set kind = 'push', owner_id = ${owner} where id = ${browser}`.execute(bench.kysely)
  await sql`
    insert into channel_deliveries (id, channel_id, type, body, summary, state, attempts, created_at, due_since, ended_at)
    values (gen_random_uuid(), ${browser}, 'channel.tested', '{}', '', 'dead', 1, ${bench.now()}, ${bench.now()}, ${bench.now()})`.execute(
    bench.kysely,
  )
  const disable = (at: Date | null) =>
    bench.kysely.updateTable('users').set({ disabled_at: at }).where('id', '=', owner).execute()
  await disable(bench.now())
  await pass(0)
  expect(await told('channel-dead-letters')).toEqual([])
  await disable(null)
  await pass(0)
  expect(await told('channel-dead-letters')).toMatchObject([
    { change: 'fired', title: `${username} gets no notifications in the browser Phone` },
  ])
  // As the deliverer does when its push service says that it is gone (RFC 8030, 7.3).
  await bench.kysely.deleteFrom('channels').where('id', '=', browser).execute()
  await resolves('channel-dead-letters')
})

test('command-failed: what a host answered, as one alert over hosts', async () => {
  const hosts = [await bench.addHost('a'), await bench.addHost('b')]
  const ended = bench.now()
  for (const [index, { id: hostId }] of hosts.entries()) {
    const authorisation = `00000000-0000-4000-8000-00000000000${index}`
    const { kysely } = bench
    const asked = { requested_by: hostId, requested_by_name: 'ann', requested_at: ended, expires_at: ended }
    await kysely
      .insertInto('authorisations')
      .values({
        ...{ id: authorisation, sha256: authorisation, payload: '{}', action: 'disable', patch: 'lp_fix' },
        ...{ artefact_sha256: null, reason: 'test', host_count: 1, approvals_needed: 0, ...asked },
        ...{ cancelled_at: null, cancelled_by: null, void_reason: null },
      })
      .execute()
    await kysely
      .insertInto('commands')
      .values({
        ...{ id: authorisation, authorisation_id: authorisation, part: 'action', host_id: hostId, not_before: ended },
        ...{ state: 'failed', waiting_for: null, created_at: ended, epoch: null, sequence: null, payload: '{}' },
        ...{ signature: null, issued_at: null, expires_at: null, sent_at: null, started_at: null, ended_at: ended },
        ...{ code: 'EBUSY', detail: 'The kernel answered EBUSY.' },
      })
      .execute()
  }
  await pass(0)
  expect(await told('command-failed')).toEqual([
    { change: 'fired', title: 'disable lp_fix: failed (EBUSY)', hostCount: 2 },
  ])
  bench.advance(24 * 60)
  await resolves('command-failed')
})
