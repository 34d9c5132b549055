// Goal: what tools say becomes columns that lists filter by, and causes that lead to exactly their hosts. Method: a small
// fleet of other systems than livepatch in a real database; each host has one thing the matter.
import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createFleet } from '../fleet/service.ts'
import { WHOLE_FLEET } from '../hosts/host-scope.ts'
import { createHosts, type Hosts } from '../hosts/service.ts'
import type { Ingest } from '../link/ports.ts'
import { createIngest } from './ingest.ts'
import { enrolTestHost } from './test-host.ts'
import * as make from './test-messages.ts'

const NOW = new Date(make.START + 10_000)
const clock = { now: () => NOW }
let database: TestDatabase
let ingest: Ingest
let hosts: Hosts

const withTools = (...providers: ProviderReport[]): Partial<Snapshot> => ({
  ...{ livepatches: null, livepatchModules: null, enabledFunctions: null, memory: [] },
  kernel: { ...make.patchedSnapshot().kernel, livepatchConfigured: false },
  providers,
})
const patch = (id: string, fields: Partial<ProviderPatch> = {}): ProviderPatch => ({
  ...{ id, name: `${id}: a fix`, version: null, target: 'kernel', state: 'applied', stateText: null, cves: [] },
  ...{ livepatch: null, atNextBoot: null, protects: true, withdrawn: false },
  ...fields,
})
const ksplice = (fields: Partial<ProviderReport> = {}) =>
  providerReport('ksplice', { detail: 'Two updates are in.', active: true, patches: [patch('iw8wjvh1')], ...fields })
const step = (id: string) => ({ action: 'install' as const, id, name: id, cves: [] })
const care = make.kernelCareReport
const { livepatches, memory } = make.patchedSnapshot()

/** Name of the host: what it tells. */
const FLEET: Readonly<Record<string, Partial<Snapshot>>> = {
  'care-fine': withTools(care()),
  'care-behind': withTools(care({ behind: true })),
  'care-expired': withTools(care({ access: 'expired' })),
  'care-unreachable': withTools(care({ access: 'unreachable' })),
  'care-troubled': withTools(care({ troubles: [{ source: 'kcarectl --info', code: 1, text: 'it crashed' }] })),
  'care-ended': withTools(care({ coverage: 'end_of_life' })),
  'care-busy': withTools(care({ inProgress: true })),
  'ksplice-behind': withTools(ksplice({ steps: [step('qeibbp29')] })),
  'ksplice-behind-too': withTools(ksplice({ steps: [step('abcd1234'), step('qeibbp29')] })),
  'ksplice-withdrawn': withTools(ksplice({ patches: [patch('*odd, "name"', { withdrawn: true })] })),
  'ksplice-failed': withTools(ksplice({ patches: [patch('iw8wjvh1', { state: 'failed' })] })),
  'ksplice-blind': withTools(ksplice({ patches: null, troubles: [{ source: 'uptrack-show', code: 1, text: 'no' }] })),
  'two-systems': withTools(care(), ksplice()),
  'kpatch-drift': {
    providers: [providerReport('kpatch', { detail: 'None.', version: '0.9.11', active: true, patches: [] })],
    livepatches,
    memory,
  },
  bare: { livepatches: [], livepatchModules: [], memory: [], enabledFunctions: [] },
}

beforeAll(async () => {
  database = await createTestDatabase()
  ingest = createIngest({ database: database.kysely, clock })
  hosts = createHosts(database.kysely, clock)
  for (const [hostName, fields] of Object.entries(FLEET)) {
    const id = await enrolTestHost(database.kysely, { now: NOW })
    await ingest.linkOpened(id, `link-${hostName}`, make.hello({ epoch: 1, sequence: 0 }), NOW)
    const snapshot = make.patchedSnapshot({ hostName, ...fields })
    await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 1 }, snapshot), NOW)
  }
})
afterAll(() => database.drop())

const find = async (filter: string) => (await hosts.list(WHOLE_FLEET, { filter, sort: 'name', limit: 500 })).items
const namesOf = async (filter: string) => (await find(filter)).map(({ name }) => name)

test('each host is in the state that its tools tell of', async () => {
  const states = Object.fromEntries((await find('')).map(({ name, state }) => [name, state]))
  expect(states).toEqual({
    'care-fine': 'patched',
    'care-behind': 'exposed',
    'care-expired': 'drifted',
    'care-unreachable': 'patched',
    'care-troubled': 'patched',
    'care-ended': 'exposed',
    'care-busy': 'patching',
    'ksplice-behind': 'exposed',
    'ksplice-behind-too': 'exposed',
    'ksplice-withdrawn': 'exposed',
    'ksplice-failed': 'failed',
    'ksplice-blind': 'stale',
    'two-systems': 'drifted',
    'kpatch-drift': 'drifted',
    bare: 'exposed',
  })
})

test('a row bears the effective kernel, the need of a reboot, and the systems with the working one first', async () => {
  const [fine] = await find('name:care-fine')
  expect(fine).toMatchObject({ effectiveKernel: '6.12.9-1.el10', reboot: 'unknown', providers: ['kernelcare'] })
  expect((await find('name:two-systems'))[0]?.providers).toEqual(['ksplice', 'kernelcare'])
  expect((await find('name:care-ended'))[0]?.reboot).toBe('yes')
})

test.each([
  [
    'effective:6.12.9*',
    [
      'care-behind',
      'care-busy',
      'care-ended',
      'care-expired',
      'care-fine',
      'care-troubled',
      'care-unreachable',
      'two-systems',
    ],
  ],
  ['reboot:yes', ['care-ended']],
  ['cve:cve-2024-1086 state:patched', ['care-fine', 'care-troubled', 'care-unreachable']],
  [
    'cve:CVE-2023-* state:patched,drifted',
    ['care-expired', 'care-fine', 'care-troubled', 'care-unreachable', 'two-systems'],
  ],
  ['-cve:* state:exposed', ['bare', 'ksplice-behind', 'ksplice-behind-too', 'ksplice-withdrawn']],
  ['patch:iw8wjvh1 state:exposed', ['ksplice-behind', 'ksplice-behind-too']],
  ['patch:"*a fix" state:failed', ['ksplice-failed']],
  ['provider:ksplice -state:exposed', ['ksplice-blind', 'ksplice-failed', 'two-systems']],
])('%s finds %j', async (filter, names) => expect(await namesOf(filter)).toEqual(names))

test('every cause leads to exactly its hosts, and every host that needs someone has one', async () => {
  const { needsSomeone, byProvider } = await createFleet(database.kysely, clock).summary(WHOLE_FLEET)
  expect(byProvider).toEqual([
    { provider: 'kernelcare', count: 8 },
    { provider: 'ksplice', count: 6 },
    { provider: 'kpatch', count: 1 },
    { provider: 'livepatch', count: 1 },
  ])
  for (const cause of needsSomeone) {
    const found = await find(cause.filter)
    expect([cause.key, found.map(({ id }) => id).sort()]).toEqual([cause.key, cause.hosts.map(({ id }) => id).sort()])
  }
  const byTitle = Object.fromEntries(needsSomeone.map(({ title, hosts }) => [title, hosts.map(({ name }) => name)]))
  expect(byTitle).toEqual({
    'Ksplice could not apply iw8wjvh1: a fix': ['ksplice-failed'],
    'Ksplice offers what is not in yet': ['ksplice-behind', 'ksplice-behind-too'],
    '*odd, "name": a fix has been withdrawn': ['ksplice-withdrawn'],
    'KernelCare offers what is not in yet': ['care-behind'],
    'KernelCare gets no more patches for the kernel that runs': ['care-ended'],
    'No live patch is in effect': ['bare'],
    'KernelCare has an expired subscription': ['care-expired'],
    'KernelCare and Ksplice patch one kernel': ['two-systems'],
    'kpatch and the kernel disagree': ['kpatch-drift'],
    'Ksplice cannot be read': ['ksplice-blind'],
    'KernelCare cannot reach its server': ['care-unreachable'],
    'Part of what KernelCare tells cannot be read': ['care-troubled'],
  })
})

test('a page of a host shows both accounts', async () => {
  const [drift] = await find('name:kpatch-drift')
  const detail = await hosts.detail(WHOLE_FLEET, drift?.id ?? '')
  expect(detail.disagreements).toMatchObject([{ provider: 'kpatch', subject: 'lp_fix' }])
  expect(detail.rebootNeed.answer).toBe('unknown')
})

test('a snapshot that was stored before tools were read is as it was, and is read without a fault', async () => {
  const id = await enrolTestHost(database.kysely, { now: NOW })
  await ingest.linkOpened(id, 'link-old', make.hello({ epoch: 1, sequence: 0 }), NOW)
  await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 1 }, make.patchedSnapshot()), NOW)
  const { raw: _, distribution: __, ...old } = make.patchedSnapshot()
  const body = JSON.stringify({ ...old, providers: [{ name: 'livepatch', present: true, detail: 'found' }] })
  await database.kysely
    .updateTable('host_readings')
    .set({ body })
    .where('host_id', '=', id)
    .where('kind', '=', 'snapshot')
    .execute()
  await ingest.accept(id, make.transitionMessage({ epoch: 1, sequence: 2 }, null), NOW)
  const detail = await hosts.detail(WHOLE_FLEET, id)
  expect(detail).toMatchObject({ state: 'patched', stateReason: 'lp_fix is in effect.', distribution: null })
  expect(detail.providerReports).toMatchObject([{ name: 'livepatch', patches: null, troubles: [] }])
})

test('a tool that says one thing twice, in odd letters, is stored once', async () => {
  const id = await enrolTestHost(database.kysely, { now: NOW })
  await ingest.linkOpened(id, 'link-twice', make.hello({ epoch: 1, sequence: 0 }), NOW)
  const odd = ['a\0', 'a\uFFFD', 'a\uD800', 'a\uDBFF'].map((name) => patch(name, { name, state: 'failed' }))
  const snapshot = make.patchedSnapshot(withTools(ksplice({ patches: odd })))
  await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 1 }, snapshot), NOW)
  const causes = database.kysely.selectFrom('host_causes').select('key').where('host_id', '=', id)
  expect(await causes.execute()).toEqual([{ key: 'ksplice-failed|a\uFFFD' }])
  const events = database.kysely.selectFrom('events').select('id').where('host_id', '=', id)
  const before = (await events.execute()).length
  await ingest.accept(id, make.heartbeat({ epoch: 1, sequence: 2 }, make.hashOf(1001)), NOW)
  expect((await events.execute()).length).toBe(before)
})
