// Goal: host-hours of a CVE are of those hosts, hours and stages that were recorded, and of no host that the asker may not see. Method: a
// story told by an agent's messages, with an upgrade that opens a gap; random rows of hosts and verdicts against a counter that looks
// at every half hour of every host; and the API with a scope.
import { randomUUID } from 'node:crypto'
import { HostHours, HostHoursQuery } from '@rebootless/shared/contract/host-hours.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { CveStatement } from '@rebootless/shared/contract/vulnerabilities.ts'
import { type Doubt, VERDICTS } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { seeded } from '@rebootless/shared/domain/exposure/test-seeded.ts'
import { HOST_HOUR_PARTS, type HostHourPart } from '@rebootless/shared/domain/host-hours/host-hour-words.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeExposure } from '../compliance/test-exposure.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createJudge } from '../exposure/judge-pass.ts'
import { catalogueModule, tell, upstreamCve } from '../exposure/test-exposure-store.ts'
import { hostScopeOf, WHOLE_FLEET } from '../hosts/host-scope.ts'
import { signInAs } from '../http/test-users.ts'
import { createIngest } from '../ingest/ingest.ts'
import { enrolTestHost, openTestLink } from '../ingest/test-host.ts'
import * as make from '../ingest/test-messages.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { readHostHours } from './read-host-hours.ts'

const HOUR = 3_600_000
const SEED = Number(process.env.SEED ?? 20_261_127)
const CVE = 'CVE-2024-0001'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const read = async (now: Date, query: object = {}, scope = WHOLE_FLEET, cve = CVE) =>
  HostHours.parse(await readHostHours(database.kysely, cve, scope, HostHoursQuery.parse(query), now))

test('from disclosure over a fix and a transition to an upgrade that takes the old livepatch out first', async () => {
  const { kysely } = database
  const midnight = Date.parse('2026-03-02T00:00:00.000Z')
  let [hour, sequence] = [0, 1]
  const now = () => new Date(midnight + hour * HOUR)
  const ingest = createIngest({ database: kysely, clock: { now }, heartbeatsEveryMs: 0, changesEveryMs: 0 })
  const judge = () => createJudge(kysely, { clock: { now } }).pass()
  const id = await enrolTestHost(kysely, { name: 'web-1', labels: {}, now: now() })
  await openTestLink(ingest, id, 'link', now())
  const says = async (at: number, snapshot: Partial<Snapshot>) => {
    hour = at
    sequence += 1
    const kernel = { ...make.patchedSnapshot().kernel, release: '6.12.1' }
    const whole = { kernel, hostName: 'web-1', operatingSystem: { id: 'arch', name: 'Arch Linux', versionId: null } }
    const told = make.patchedSnapshot({ ...whole, ...snapshot })
    await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence }, told), now())
    await judge()
  }
  const bare = { livepatches: [], livepatchModules: [], enabledFunctions: [], memory: [] }
  const inTransition = make.patchingSnapshot(make.sample())
  const { livepatches, memory } = inTransition
  await catalogueModule(kysely, { name: 'lp_fix', srcversion: 'ABC', cves: [CVE] }, now())

  await says(0, bare)
  // The CVE is of the day before; the feed is read at six, names a fix at noon of the next day, and does not date it.
  hour = 6
  const record = upstreamCve('6.12.9').map(
    (one): CveStatement => (one.kind === 'record' ? { ...one, publishedOn: '2026-03-01' } : one),
  )
  const pairs: CveStatement = { kind: 'upstream_pairs', pairs: [{ introduced: null, fixed: null }], fixCommits: [] }
  await tell(kysely, CVE, [...record.slice(0, 1), pairs], now())
  await judge()
  hour = 36
  await tell(kysely, CVE, record, now())
  await judge()
  await says(48, { livepatches, memory, transition: inTransition.transition })
  await says(50, {})
  // The upgrade: the old one is out for half an hour, and its successor's transition lasts one.
  await says(96, bare)
  await says(96.5, { livepatches, memory, transition: inTransition.transition })
  await says(97.5, {})

  hour = 120
  const told = await read(now())
  expect(told).toMatchObject({
    ...{ from: '2026-03-02T00:00:00.000Z', to: '2026-03-07T00:00:00.000Z', disclosedOn: '2026-03-01' },
    ...{ knownSince: '2026-03-02T00:00:00.000Z', exposedHosts: 1, fixAvailable: null },
    hours: { unjudged: 6, before_fix: 30, before_loaded: 12, in_transition: 2, gap: 1.5, unknown: 0 },
    ...{ hoursWithoutFix: 0, hoursOfUndatedFix: 14, gapHostCount: 1 },
  })
  expect(told.days).toEqual(
    [
      { day: '2026-03-02', unjudged: 6, before_fix: 18 },
      { day: '2026-03-03', before_fix: 12, before_loaded: 12 },
      { day: '2026-03-04', in_transition: 2 },
      { day: '2026-03-05' },
      { day: '2026-03-06', gap: 1.5 },
    ].map((day) => ({ before_fix: 0, before_loaded: 0, in_transition: 0, gap: 0, unknown: 0, unjudged: 0, ...day })),
  )
  expect(told.gapHosts).toEqual([
    {
      host: { id, name: 'web-1', origin: 'agent', labels: {} },
      ...{ removed: false, hours: 1.5, gapCount: 1 },
      gaps: [
        {
          ...{ from: '2026-03-06T00:00:00.000Z', to: '2026-03-06T01:30:00.000Z', goesOn: false, hours: 1.5 },
          inTransition: true,
        },
      ],
    },
  ])
  // A period within it, which ends in the gap, is told as it was recorded then, whatever came after.
  const part = await read(now(), { from: '2026-03-04T00:00:00.000Z', to: '2026-03-06T00:15:00.000Z' })
  expect(part).toMatchObject({ hours: { in_transition: 2, gap: 0.25, before_loaded: 0 } })
  expect(part.gapHosts[0]?.gaps).toMatchObject([{ goesOn: true, inTransition: false, hours: 0.25 }])
  expect(await read(now(), { to: '2026-03-03T00:00:00.000Z' })).toMatchObject({
    hours: { unjudged: 6, before_fix: 18 },
    hoursWithoutFix: 18,
  })
})

test('a fix that a feed dates counts from that day, each kernel by its own; what is not due or not there is told', async () => {
  const { kysely } = database
  const write = writeExposure(kysely)
  const at = (day: number, hour = 0) => new Date(Date.UTC(2026, 4, day, hour))
  const cve = 'CVE-2026-0100'
  const fleet = { filter: 'label.env:dates' }
  const [early, late] = [await write.class('early', at(1)), await write.class('late', at(1))]
  await write.cve(cve, at(1), { severity: 'high', publishedOn: '2026-05-02' })
  await write.verdict(early, cve, at(1), 'exposed')
  await write.verdict(early, cve, at(6), 'exposed', { fixAvailableOn: '2026-05-03', by: 'livepatch 2' })
  await write.verdict(late, cve, at(1), 'fixed_on_disk', { fixAvailableOn: '2026-05-05', by: '6.1.9' })
  const gone = randomUUID()
  await write.host(randomUUID(), early, at(1), { labels: { env: 'dates' } })
  await write.host(gone, late, at(1), { labels: { env: 'dates' } })
  await write.removeHost(gone, at(7))
  const told = await read(at(9), fleet, WHOLE_FLEET, cve)
  expect(told).toMatchObject({
    ...{ exposedHosts: 2, fixAvailable: { first: '2026-05-03', last: '2026-05-05' }, gapHostCount: 0 },
    hours: { before_fix: 4 * 24, before_loaded: 8 * 24, unjudged: 0 },
  })
  // Who asked on the fourth did not know of it.
  expect((await read(at(4), fleet, WHOLE_FLEET, cve)).hours).toMatchObject({ before_fix: 4 * 24, before_loaded: 0 })
  const none = await read(at(9), { filter: 'label.env:nowhere' }, WHOLE_FLEET, cve)
  expect(none).toMatchObject({ knownSince: null, exposedHosts: 0, days: [] })
  await expect(read(at(9), { filter: 'state:patched' }, WHOLE_FLEET, cve)).rejects.toMatchObject({
    code: 'filter_invalid',
  })
  await expect(read(at(9), {}, WHOLE_FLEET, 'CVE-2099-1')).rejects.toMatchObject({ code: 'cve_not_found' })
  expect(await read(at(9), { from: at(20).toISOString() }, WHOLE_FLEET, cve)).toMatchObject({
    days: [],
    exposedHosts: 0,
  })
})

test('a livepatch of one’s own is there since the catalogue has it, or since it is in effect on a host with the same kernel', async () => {
  const { kysely } = database
  const write = writeExposure(kysely)
  const at = (hour: number) => new Date(Date.UTC(2025, 6, 1, hour))
  const cve = 'CVE-2025-0200'
  await write.cve(cve, at(0), { severity: 'high', publishedOn: '2025-07-01' })
  const old = await write.class('own-old', at(0), { release: '6.12.1-amd64' })
  const patched = await write.class('own-patched', at(0), { release: '6.12.1-amd64', installedKernels: null })
  const other = await write.class('own-other', at(0), { release: '6.12.1-amd64', architecture: 'aarch64' })
  for (const id of [old, other]) await write.verdict(id, cve, at(0), 'exposed')
  await write.verdict(patched, cve, at(0), 'fixed_by_livepatch')
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()]
  const labels = { env: 'own' }
  await write.host(first, old, at(0), { labels })
  await write.host(first, patched, at(6), { labels })
  await write.host(second, old, at(0), { labels })
  await write.host(third, other, at(0), { labels: { env: 'own', arch: 'other' } })
  const own = { filter: 'label.env:own' }
  expect(await read(at(10), own, WHOLE_FLEET, cve)).toMatchObject({
    hours: { before_fix: 6 + 6 + 10, before_loaded: 4 },
    ...{ hoursWithoutFix: 10, hoursOfUndatedFix: 4, fixAvailable: null },
  })
  await catalogueModule(kysely, { name: 'lp_own', srcversion: 'OWN', cves: [cve] }, at(2))
  await catalogueModule(kysely, { name: 'lp_else', srcversion: 'ELSE', cves: [`${cve}1`] }, at(1))
  expect((await read(at(10), own, WHOLE_FLEET, cve)).hours).toMatchObject({
    before_fix: 2 * 3,
    before_loaded: 4 + 8 + 8,
  })
  expect((await read(at(1), own, WHOLE_FLEET, cve)).hours).toMatchObject({ before_fix: 3, before_loaded: 0 })
})

interface Verdict {
  readonly from: number
  readonly status: string
  readonly fix: string | null
  readonly named: boolean
}

test(`random rows, half hour by half hour (seed ${SEED})`, { timeout: 60_000 }, async () => {
  const { kysely } = database
  const write = writeExposure(kysely)
  const random = seeded(SEED)
  const start = Date.UTC(2025, 0, 10)
  const STEP = HOUR / 2
  const STEPS = 24 * 2 * 20
  const when = (step: number) => new Date(start + step * STEP)
  const cve = 'CVE-2025-7777'
  await write.cve(cve, new Date(start - HOUR), { severity: 'high', publishedOn: '2025-01-12' })
  const DISCLOSED = 2 * 48

  // One after the other: what is drawn by chance follows from the seed alone then.
  const classes: { id: string; kernel: string; verdicts: Verdict[] }[] = []
  for (const n of [0, 1, 2, 3, 4]) {
    const kernel = `random-${n % 3}`
    const id = await write.class(`random-${n}`, when(0), { release: kernel })
    const verdicts: Verdict[] = []
    for (let from = random.below(200); from < STEPS && n > 0; from += 1 + random.below(400)) {
      const status = random.pick([...VERDICTS, 'exposed', 'exposed'] as const)
      const fix = random.chance(0.3) ? when(random.below(STEPS)).toISOString().slice(0, 10) : null
      verdicts.push({ from, status, fix, named: random.chance(0.3) })
    }
    for (const { from, status, fix, named } of verdicts)
      await write.verdict(id, cve, when(from), status as (typeof VERDICTS)[number], {
        ...(fix === null ? {} : { fixAvailableOn: fix }),
        ...(named ? { by: 'livepatch 9' } : {}),
      })
    classes.push({ id, kernel, verdicts })
  }
  const hosts: { id: string; rows: Row[] }[] = []
  type Row = { from: number; to: number; class: (typeof classes)[number]; env: string; doubts: Doubt[] }
  for (let n = 0; n < 30; n += 1) {
    const id = randomUUID()
    const rows: Row[] = []
    for (let from = random.below(300); from < STEPS; ) {
      const to = random.chance(0.2) ? STEPS : from + 1 + random.below(150)
      const env = random.pick(['random-prod', 'random-prod', 'random-staging'])
      const doubts = random.pick<Doubt[]>([[], [], ['offline'], ['in_transition'], ['stale', 'in_transition']])
      rows.push({ from, to, class: random.pick(classes), env, doubts })
      await write.host(id, rows.at(-1)?.class.id ?? '', when(from), { labels: { env }, doubts })
      from = to
    }
    hosts.push({ id, rows })
  }

  const seen = Object.fromEntries(HOST_HOUR_PARTS.map((part) => [part, 0])) as Record<HostHourPart, number>
  for (const [env, from, to] of [
    ['random-*', 0, STEPS],
    ['random-prod', 0, STEPS],
    ['random-prod', 201, 555],
    ['random-staging', DISCLOSED + 3, STEPS - 7],
  ] as const) {
    const matches = (row: Row) => env === 'random-*' || row.env === env
    const verdictAt = (one: (typeof classes)[number], step: number) =>
      one.verdicts.findLast((told) => told.from <= step)
    const isFixedAt = (one: (typeof classes)[number], step: number) =>
      ['fixed_by_kernel', 'fixed_by_livepatch'].includes(verdictAt(one, step)?.status ?? '')
    const seenAt = new Map<string, number>()
    for (const row of hosts.flatMap(({ rows }) => rows).filter(matches)) {
      for (let step = row.from; step < Math.min(row.to, to); step += 1)
        if (isFixedAt(row.class, step))
          seenAt.set(row.class.kernel, Math.min(step, seenAt.get(row.class.kernel) ?? step))
    }
    const spent = Object.fromEntries(HOST_HOUR_PARTS.map((part) => [part, 0])) as Record<HostHourPart, number>
    const [exposed, gapHours] = [new Set<string>(), new Map<string, number>()]
    for (const { id, rows } of hosts) {
      let wasFixed = false
      for (let step = 0; step < to; step += 1) {
        const row = rows.find((one) => matches(one) && one.from <= step && step < one.to)
        if (row === undefined) continue
        const verdict = verdictAt(row.class, step)
        const isFixed = isFixedAt(row.class, step)
        wasFixed ||= isFixed
        if (step < Math.max(from, DISCLOSED) || isFixed || verdict?.status === 'not_affected') continue
        const recorded = row.class.verdicts.filter((one) => one.from < to)
        const fixes = recorded.flatMap(({ from: told, fix, named, status }) => [
          ...(fix === null ? [] : [(Date.parse(fix) - start) / STEP]),
          ...(named && fix === null && status !== 'unknown' ? [told] : []),
        ])
        const part: HostHourPart =
          verdict === undefined
            ? 'unjudged'
            : verdict.status === 'unknown'
              ? 'unknown'
              : wasFixed
                ? 'gap'
                : step < Math.min(...fixes, seenAt.get(row.class.kernel) ?? STEPS)
                  ? 'before_fix'
                  : row.doubts.includes('in_transition')
                    ? 'in_transition'
                    : 'before_loaded'
        spent[part] += 0.5
        seen[part] += 0.5
        if (part !== 'unjudged' && part !== 'unknown') exposed.add(id)
        if (part === 'gap') gapHours.set(id, (gapHours.get(id) ?? 0) + 0.5)
      }
    }
    const told = await read(
      when(STEPS + 10),
      { filter: `label.env:${env}`, from: when(from).toISOString(), to: when(to).toISOString() },
      WHOLE_FLEET,
      cve,
    )
    expect(told.hours, env).toEqual(spent)
    expect(told.exposedHosts).toBe(exposed.size)
    expect(told.gapHostCount).toBe(gapHours.size)
    for (const part of HOST_HOUR_PARTS)
      expect(
        told.days.reduce((sum, day) => sum + day[part], 0),
        part,
      ).toBeCloseTo(spent[part], 6)
    for (const { host, hours, gaps, gapCount } of told.gapHosts) {
      expect(hours).toBe(gapHours.get(host.id))
      if (gaps.length === gapCount) expect(gaps.reduce((sum, gap) => sum + gap.hours, 0)).toBeCloseTo(hours, 6)
    }
    const scoped = await read(
      when(STEPS + 10),
      { from: when(from).toISOString(), to: when(to).toISOString() },
      hostScopeOf({ scope: `label.env:${env}` }),
      cve,
    )
    expect(scoped, 'a scope holds what the same filter finds').toEqual(told)
  }
  for (const [part, hours] of Object.entries(seen)) expect(hours, part).toBeGreaterThan(40)
})

describe('by the API', () => {
  let backend: TestBackend
  beforeAll(async () => {
    backend = await startTestBackend(database)
  })
  afterAll(() => backend.close())

  test('T07 with a scope, hours and gaps are of its hosts alone, and of no hour in which it did not hold them', async () => {
    const write = writeExposure(database.kysely)
    const at = (hour: number) => new Date(Date.UTC(2024, 5, 3, hour))
    const cve = 'CVE-2024-4242'
    await write.cve(cve, at(0), { severity: 'high', publishedOn: '2024-06-03' })
    const [open, fixed] = [await write.class('scope-open', at(0)), await write.class('scope-fixed', at(0))]
    await write.verdict(open, cve, at(0), 'exposed', { fixAvailableOn: '2024-06-01' })
    await write.verdict(fixed, cve, at(0), 'fixed_by_livepatch', { fixAvailableOn: '2024-06-01' })
    const [own, foreign, moved] = [randomUUID(), randomUUID(), randomUUID()]
    const staging = { labels: { env: 'scoped' } }
    for (const [id, name, more] of [
      [own, 'own', staging],
      [foreign, 'foreign', { labels: { env: 'prod' } }],
      [moved, 'moved', { labels: { env: 'prod' } }],
    ] as const) {
      await write.host(id, fixed, at(0), { ...more, name })
      await write.host(id, open, at(4), { ...more, name })
    }
    await write.host(moved, open, at(8), { ...staging, name: 'moved' })
    const cookies = {
      whole: await signInAs(database.kysely, 'viewer'),
      scoped: await signInAs(database.kysely, 'viewer', undefined, 'label.env:scoped'),
    }
    const get = async (who: keyof typeof cookies, path = `${cve}/host-hours?to=${at(10).toISOString()}`) => {
      const answer = await backend.call('GET', `/api/v1/cves/${path}`, { cookie: cookies[who] })
      return { status: answer.status, text: answer.text, told: () => HostHours.parse(answer.json()) }
    }
    const scoped = await get('scoped')
    expect(scoped.text).not.toMatch(new RegExp(`foreign|${foreign}`))
    // Of the one that came over, nothing from before counts: not that it had been fixed.
    expect(scoped.told()).toMatchObject({ exposedHosts: 2, gapHostCount: 1, hours: { gap: 6, before_loaded: 2 } })
    expect(scoped.told().gapHosts.map(({ host }) => host.name)).toEqual(['own'])
    expect((await get('whole')).told()).toMatchObject({ exposedHosts: 3, hours: { gap: 18, before_loaded: 0 } })
    const other = await get('scoped', `${cve}/host-hours?filter=label.env:prod&to=${at(10).toISOString()}`)
    expect(other.told()).toMatchObject({ exposedHosts: 0, knownSince: null, gapHosts: [] })
    // Within a minute the same answer, to each his own; then what was recorded since.
    const late = randomUUID()
    await write.host(late, fixed, at(0), { labels: { env: 'prod' } })
    await write.host(late, open, at(9), { labels: { env: 'prod' } })
    expect((await get('whole')).told()).toMatchObject({ hours: { gap: 18 } })
    backend.clock.advance(61_000)
    expect((await get('whole')).told()).toMatchObject({ hours: { gap: 19 } })
    expect((await get('scoped')).told()).toEqual(scoped.told())
    expect((await get('whole', 'CVE-2024-9999/host-hours')).status).toBe(404)
    expect((await get('whole', `${cve}/host-hours?filter=state:patched&to=${at(10).toISOString()}`)).status).toBe(400)
    expect((await get('whole', `${cve}/host-hours?to=yesterday`)).status).toBe(400)
  })
})
