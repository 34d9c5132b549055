// Goal: what live patching gained is told of one's own hosts, now and of a past moment as it was then. Method: the service over a real
// database with cases worked by hand; and the route, by people with and without a scope.
import {
  ComplianceGains,
  type ComplianceGainsQuery,
  ComplianceGainsQuery as Query,
} from '@rebootless/shared/contract/compliance-gains.ts'
import { FleetExposure } from '@rebootless/shared/contract/fleet.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { hostScopeOf, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { signInAs } from '../http/test-users.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { eventually } from '../link/link-test-bench.ts'
import { startTestBackend } from '../test-backend.ts'
import { type Compliance, createCompliance } from './service.ts'
import { writeExposure } from './test-exposure.ts'

const DAY_MS = 24 * 60 * 60_000
const on = (day: string) => new Date(`${day}T00:00:00Z`)
// The windows are 13 January, 10 February, 10 March.
const NOW = new Date('2026-03-01T12:00:00Z')
const clock = { now: () => NOW }
const DATA = hostScopeOf({ scope: 'label.owner:data' })

let database: TestDatabase
let compliance: Compliance
const ids: string[] = []
const enrol = async (name: string, owner: string) => {
  const id = await enrolTestHost(database.kysely, { labels: { owner }, name, now: on('2026-01-01') })
  ids.push(id)
  return id
}
const boot = (hostId: string, bootId: string, day: string) =>
  database.kysely
    .insertInto('host_boots')
    .values({ host_id: hostId, boot_id: bootId, first_seen_at: on(day), superseded_at: null })
    .execute()

beforeAll(async () => {
  database = await createTestDatabase()
  const write = writeExposure(database.kysely)
  const old = await write.class('old', on('2026-01-01'))
  const live = await write.class('live', on('2026-01-01'), { release: '6.1.0-old' })
  const next = await write.class('next', on('2026-01-01'))
  await write.cve('CVE-2026-1001', on('2026-01-05'), { severity: 'medium', publishedOn: '2026-01-05' })
  // It was scored again after all were fixed but two.
  await write.cve('CVE-2026-1001', on('2026-02-15'), { severity: 'critical', publishedOn: '2026-01-05' })
  await write.verdict(old, 'CVE-2026-1001', on('2026-01-06'), 'exposed', { fixAvailableOn: '2026-01-08' })
  await write.verdict(live, 'CVE-2026-1001', on('2026-01-06'), 'fixed_by_livepatch', { by: 'livepatch_1' })
  await write.verdict(next, 'CVE-2026-1001', on('2026-01-06'), 'fixed_by_kernel')
  for (let index = 0; index < 4; index += 1) {
    const name = `web-${index}`
    const more = { name, labels: { owner: 'web' } }
    const id = await enrol(name, 'web')
    await boot(id, `boot-${index}`, '2026-01-01')
    await write.host(id, old, on('2026-01-01'), more)
    await write.host(id, live, on('2026-01-20'), more)
  }
  // One booted by its boot id, and one into another kernel.
  await boot(ids[2] ?? '', 'again', '2026-02-02')
  await write.host(ids[3] ?? '', next, on('2026-02-03'), { name: 'web-3', labels: { owner: 'web' } })
  for (const name of ['data-0', 'data-1']) {
    const more = { name, labels: { owner: 'data' } }
    const id = await enrol(name, 'data')
    await write.host(id, old, on('2026-01-01'), more)
    await write.host(id, live, on('2026-02-20'), more)
  }
  // Never open, and never fixed.
  await write.host(await enrol('other', 'web'), next, on('2026-01-01'), { name: 'other', labels: { owner: 'web' } })
  compliance = createCompliance({ database: database.kysely, clock, log: { warn: () => undefined } })
})
afterAll(async () => {
  await compliance.close()
  await database.drop()
})

const gains = async (scope = WHOLE_FLEET, query: Partial<ComplianceGainsQuery> = {}) =>
  ComplianceGains.parse(await compliance.gains(scope, Query.parse(query)))
const days = (mean: number, median: number) => ({ mean: mean * DAY_MS, median: median * DAY_MS })

test('reboots avoided, those that came all the same, and those that may still come', async () => {
  const told = await gains()
  expect(told.reboots).toEqual({ avoided: 2, hosts: 2, bootedAnyway: 2, pending: 2 })
  expect([told.uptimeKeptMs, told.bootMinutes]).toEqual([2 * 10 * 60_000, 10])
  expect([told.windowsPassed, told.nextWindow]).toEqual([['2026-01-13', '2026-02-10'], '2026-03-10'])
  expect(told.readSince).toBe('2026-01-01T00:00:00.000Z')
  expect(told.sentence).toMatch(/^2 reboots avoided on 2 hosts, 20 minutes of uptime kept; 2 more if/)
  expect((await gains(WHOLE_FLEET, { bootMinutes: 30 })).uptimeKeptMs).toBe(2 * 30 * 60_000)
  // The last Saturday is 31 January, before either boot, and 28 February, which has passed for the two of February.
  expect((await gains(WHOLE_FLEET, { window: 'last-saturday' })).reboots).toEqual({
    ...{ avoided: 6, hosts: 6, bootedAnyway: 0, pending: 0 },
  })
  expect((await gains(WHOLE_FLEET, { days: 14 })).reboots).toMatchObject({ avoided: 0, pending: 2 })
})

test('time to patch beside the monthly window, by the severity of the moment of the fix', async () => {
  const { all, bySeverity } = (await gains()).timeToPatch
  // Published on 5 January, a fix on 8, the window ends with 13; fixed on 20 January on four hosts, on 20 February on two.
  expect(all).toEqual({
    exposures: 6,
    fromPublication: { live: days((4 * 15 + 2 * 46) / 6, 15), window: days(9, 9) },
    fromFix: { live: days((4 * 12 + 2 * 43) / 6, 12), window: days(6, 6) },
  })
  expect(bySeverity.map(({ severity, exposures }) => [severity, exposures])).toEqual([
    ['critical', 2],
    ['medium', 4],
  ])
  expect((await gains(WHOLE_FLEET, { days: 30 })).timeToPatch.all?.exposures).toBe(2)
})

test('of a past moment what was known then', async () => {
  const then = await gains(WHOLE_FLEET, { at: '2026-01-31T00:00:00.000Z' })
  expect(then.reboots).toEqual({ avoided: 0, hosts: 0, bootedAnyway: 0, pending: 4 })
  expect([then.until, then.nextWindow, then.running]).toEqual(['2026-01-31T00:00:00.000Z', '2026-02-10', null])
  expect(then.timeToPatch.all?.exposures).toBe(4)
  const before = await gains(WHOLE_FLEET, { at: '2026-01-03T00:00:00.000Z' })
  expect([before.windowsPassed, before.timeToPatch.all]).toEqual([[], null])
  expect(before.sentence).toBe('No livepatch fixed anything that was open in the last 90 days.')
  const first = await gains(WHOLE_FLEET, { at: '2025-06-01T00:00:00.000Z' })
  expect([first.readSince, first.reboots.pending]).toEqual([null, 0])
})

test('T07 with a scope, and by a filter, it is that of those hosts', async () => {
  const { reboots, timeToPatch } = await gains(DATA)
  expect([reboots, timeToPatch.all?.exposures]).toEqual([{ avoided: 0, hosts: 0, bootedAnyway: 0, pending: 2 }, 2])
  expect(await gains(DATA)).toEqual(await gains(WHOLE_FLEET, { filter: 'label.owner:data' }))
  expect((await gains(DATA, { filter: 'label.owner:web' })).timeToPatch.all).toBeNull()
  const quarter = (scope = WHOLE_FLEET) => FleetExposure.parse(compliance.exposureOf(scope)).rebootsAvoided
  expect([quarter(), quarter(DATA)]).toEqual([2, 0])
})

test('T07 by the route, for whoever may read, and with words that it knows', async () => {
  const backend = await startTestBackend(database)
  try {
    const ask = async (query: string, scope?: string) => {
      const cookie = await signInAs(database.kysely, 'viewer', backend.clock, scope)
      return backend.call('GET', `/api/v1/compliance/gains${query}`, { cookie })
    }
    const whole = ComplianceGains.parse((await ask('?days=366&window=first-monday&bootMinutes=5')).json())
    expect(whole.window).toBe('first-monday')
    expect(whole.running).toBeNull()
    const own = ComplianceGains.parse((await ask('?days=366', 'label.owner:nobody')).json())
    expect([own.readSince, own.timeToPatch.all]).toEqual([null, null])
    for (const query of ['?window=fifth-tuesday', '?days=0', '?days=367', '?bootMinutes=0', '?filter=state:stalled']) {
      expect([query, (await ask(query)).status]).toEqual([query, 400])
    }
    await database.kysely
      .insertInto('host_reboot_debts')
      .values({
        ...{ host_id: ids[0] ?? '', boot_id: 'boot', booted_at: new Date(backend.clock.now().getTime() - 9 * DAY_MS) },
        ...{ needs: [], can_wait: [], reasons: '[]', coverage_until: null, coverage_provider: null, offered_cves: [] },
      })
      .execute()
  } finally {
    await backend.close()
  }
  const other = createCompliance({
    database: database.kysely,
    clock: { now: () => new Date() },
    log: { warn: () => undefined },
  })
  await eventually('the fleet’s page has it, once somebody has asked', async () => {
    await other.summary(WHOLE_FLEET, { filter: '', within: 14 })
    return other.exposureOf(WHOLE_FLEET)?.rebootsAvoided !== null
  })
  const { running } = await other.gains(WHOLE_FLEET, Query.parse({}))
  expect(running?.hosts).toBe(1)
  expect(Math.round((running?.medianMs ?? 0) / DAY_MS)).toBe(9)
  await other.close()
})
