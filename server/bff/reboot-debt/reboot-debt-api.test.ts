// Goal: each host is listed with why it needs a boot and since when, plans are set with their entry in the log and end with the boot, and a
// scope sees its own hosts alone. Method: agents' messages into a real database, statements of a feed judged beside them, HTTP.

import { setTimeout as sleep } from 'node:timers/promises'
import {
  RebootDays,
  RebootDebtList,
  type RebootPlansChange,
  RebootPlansChanged,
} from '@rebootless/shared/contract/reboot-debt.ts'
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { Role } from '@rebootless/shared/domain/words.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createJudge } from '../exposure/judge-pass.ts'
import { tell, upstreamCve } from '../exposure/test-exposure-store.ts'
import { signInAs } from '../http/test-users.ts'
import { enrolTestHost, openTestLink } from '../ingest/test-host.ts'
import * as make from '../ingest/test-messages.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'

let database: TestDatabase
let backend: TestBackend
let operator: string
let sequence = 1
const DAY_MS = 24 * 60 * 60_000
const NOON_MS = DAY_MS / 2
const ids = new Map<string, string>()
const now = () => backend.clock.now()
const day = (ahead: number) => new Date(now().getTime() + ahead * DAY_MS).toISOString().slice(0, 10)

const distribution: Snapshot['distribution'] = {
  ...{ installedKernels: ['6.12.1'], newestInstalled: '6.12.1', newestKnown: null, rebootRequired: false },
  ...{ rebootPackages: [], livepatchPackages: null, offer: null },
}
const newer = { ...distribution, installedKernels: ['6.12.1', '6.12.9'], newestInstalled: '6.12.9' }
const covering = make.kernelCareReport({ coverage: 'supported', access: 'ok', steps: [], reboot: 'unknown' })

/** A kernel of no vendor, so that upstream's ranges judge it; of another release, so that hosts are in other classes. */
const snapshotOf = (name: string, release: string, boot: string, parts: Partial<Snapshot> = {}) => {
  const { kernel } = make.patchedSnapshot()
  return make.patchedSnapshot({
    ...{ hostName: name, operatingSystem: { id: 'arch', name: 'Arch Linux', versionId: null } },
    ...{ kernel: { ...kernel, release, bootId: boot }, distribution, ...parts },
  })
}
const say = async (name: string, snapshot: Snapshot) => {
  sequence += 1
  await backend.ingest.accept(ids.get(name) ?? '', make.snapshotMessage({ epoch: 1, sequence }, snapshot), now())
}
const addHost = async (name: string, release: string, env: string, parts: Partial<Snapshot> = {}) => {
  const id = await enrolTestHost(database.kysely, { name, labels: { env }, now: now() })
  ids.set(name, id)
  await openTestLink(backend.ingest, id, `link-${id}`, now())
  await say(name, snapshotOf(name, release, 'boot-1', parts))
}
const signIn = (role: Role, scope: string | null = null) => signInAs(database.kysely, role, backend.clock, scope)
/** The backend's own judge may be at it. */
const judge = async () => {
  const judging = createJudge(database.kysely, { clock: backend.clock })
  while ((await judging.pass()).result === 'busy') await sleep(20)
}

const debt = async (query = '', cookie = operator): Promise<RebootDebtList> =>
  RebootDebtList.parse((await backend.call('GET', `/api/v1/reboot-debt${query}`, { cookie })).json())
const names = async (query = '', cookie = operator) => (await debt(query, cookie)).items.map(({ name }) => name)
const one = async (name: string) => {
  const { items } = await debt(`?filter=name:${name}&plan=planned`)
  const [found] = items.length > 0 ? items : (await debt(`?filter=name:${name}`)).items
  return found
}
const plan = (body: object, cookie = operator) => backend.call('PUT', '/api/v1/reboot-debt/plans', { cookie, body })
const planned = async (hosts: RebootPlansChange['hosts'], on = day(3), owner = 'web team') => {
  const answer = await plan({ hosts, plan: { on, owner }, reason: 'kernel update' })
  expect(answer.status, answer.text).toBe(200)
  return RebootPlansChanged.parse(answer.json()).hosts
}
const of = (...some: string[]) => ({ ids: some.map((name) => ids.get(name) ?? '') })
const entries = async () =>
  (await database.kysely.selectFrom('audit').select('entry').orderBy('sequence').execute())
    .map(({ entry }) => JSON.parse(entry) as { action: string; reason: string; target: object; after: object })
    .filter(({ action }) => action.startsWith('reboot.'))

beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  // So that no midnight of UTC comes in between.
  backend.clock.advance(NOON_MS - (Date.now() % DAY_MS) + DAY_MS)
  operator = await signIn('operator')
  await tell(database.kysely, 'CVE-2024-1001', upstreamCve('6.12.5'), now())
  await tell(database.kysely, 'CVE-2024-1002', upstreamCve('6.12.5', 9.8), now())
  await addHost('calm', '6.12.9', 'prod', {
    distribution: { ...distribution, installedKernels: ['6.12.9'], newestInstalled: '6.12.9' },
  })
  await addHost('covered', '6.12.6', 'prod', {
    ...{ providers: [covering], distribution: { ...newer, installedKernels: ['6.12.6', '6.12.9'] } },
  })
  await addHost('disk', '6.12.1', 'prod', { distribution: newer })
  await addHost('forced', '6.12.8', 'staging', {
    ...{ memory: [make.patchMemory('lp_fix', { forcedAt: make.at(5) })], distribution: null },
  })
  await addHost('kernel', '6.12.2', 'staging', {
    distribution: { ...distribution, installedKernels: ['6.12.2'], newestInstalled: '6.12.2' },
  })
  await addHost('silent', '6.12.8', 'staging', { distribution: null })
  await judge()
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

describe('the list', () => {
  test('holds hosts that need a boot, those that can wait last, each with its reasons', async () => {
    const { items, counts, total, sentence } = await debt()
    expect(items.map(({ name, answer, reasons }) => [name, answer, ...reasons.map(({ reason }) => reason)])).toEqual([
      ['disk', 'yes', 'cve_on_disk', 'newer_kernel'],
      ['forced', 'yes', 'forced'],
      ['kernel', 'yes', 'cve_without_livepatch'],
      ['covered', 'yes_but_covered', 'newer_kernel'],
    ])
    expect([counts.hosts, counts.byAnswer, total]).toEqual([6, { yes: 3, yes_but_covered: 1, no: 1, unknown: 1 }, 4])
    expect(counts.byReason.filter(({ hosts }) => hosts > 0)).toEqual([
      { reason: 'forced', hosts: 1, covered: 0 },
      { reason: 'cve_on_disk', hosts: 1, covered: 0 },
      { reason: 'cve_without_livepatch', hosts: 1, covered: 0 },
      { reason: 'newer_kernel', hosts: 2, covered: 1 },
    ])
    expect(counts.plans).toEqual({ planned: 0, overdue: 0, unplanned: 3 })
    expect(sentence).toMatch(/^3 of 6 hosts need a boot, 1 of them .*; 1 can wait; of 1 it is not known\.$/)
  })

  test('tells since when, and which CVEs, the worst first', async () => {
    const { items } = await debt()
    const reasons = items.flatMap(({ reasons }) => reasons)
    expect(reasons.find(({ reason }) => reason === 'forced')).toMatchObject({ since: make.at(5), sinceIs: 'told' })
    expect(reasons.find(({ reason }) => reason === 'newer_kernel')).toMatchObject({
      since: make.at(10),
      sinceIs: 'seen',
    })
    const onDisk = reasons.find(({ reason }) => reason === 'cve_on_disk')
    expect(onDisk).toMatchObject({ cves: { worst: ['CVE-2024-1002', 'CVE-2024-1001'], count: 2 }, sinceIs: 'told' })
    expect(onDisk?.why).toMatch(/CVE-2024-1002 and CVE-2024-1001 are open/)
    const { rows } = { rows: await database.kysely.selectFrom('exposure_verdicts').select('from_at').execute() }
    expect(rows.map(({ from_at }) => from_at.toISOString())).toContain(onDisk?.since)
  })

  test.each([
    ['?reason=newer_kernel', ['disk', 'covered']],
    ['?answer=yes_but_covered', ['covered']],
    ['?answer=no', ['calm']],
    ['?answer=unknown', ['silent']],
    ['?filter=label.env:staging', ['forced', 'kernel']],
    ['?filter=label.env:prod&answer=yes', ['disk']],
    ['?reason=forced&answer=yes_but_covered', []],
    ['?plan=planned', []],
  ])('%s', async (query, expected) => expect(await names(query)).toEqual(expected))

  test('comes in pages that hold each host once, and refuses a cursor of another question', async () => {
    const seen: string[] = []
    let cursor = ''
    for (let pages = 0; pages < 9; pages += 1) {
      const { items, nextCursor, total } = await debt(`?limit=1${cursor}`)
      expect([items.length, total]).toEqual([1, 4])
      seen.push(...items.map(({ name }) => name))
      if (nextCursor === null) break
      cursor = `&cursor=${nextCursor}`
    }
    expect(seen).toEqual(['disk', 'forced', 'kernel', 'covered'])
    const other = await backend.call('GET', `/api/v1/reboot-debt?answer=yes&limit=1${cursor}`, { cookie: operator })
    expect(other.json()).toMatchObject({ status: 400, type: '/problems/cursor_invalid' })
  })

  test('what somebody accepted on some hosts is no debt there, and what a tool would bring none that lacks a livepatch', async () => {
    const ask = (path: string, body: object, cookie: string) =>
      backend.call('POST', `/api/v1/${path}`, { cookie, body })
    const approver = await signIn('approver')
    const accept = async (subject: object) => {
      const body = {
        subject,
        hosts: 'name:disk',
        owner: 'web team',
        reason: 'isolated',
        until: `${day(9)}T00:00:00.000Z`,
      }
      const { id } = (await ask('exceptions', body, operator)).json<{ id: string }>()
      expect((await ask(`exceptions/${id}/approve`, {}, approver)).status).toBe(200)
      return id
    }
    const first = await accept({ kind: 'severity', severity: 'critical' })
    const cves = async () => (await one('disk'))?.reasons.find(({ reason }) => reason === 'cve_on_disk')?.cves
    expect(await cves()).toEqual({ worst: ['CVE-2024-1001'], count: 1 })
    const second = await accept({ kind: 'cve', cveId: 'CVE-2024-1001' })
    expect(await cves()).toBeUndefined()
    expect(await names('?reason=cve_without_livepatch')).toEqual(['kernel'])
    for (const id of [first, second]) await ask(`exceptions/${id}/end`, { reason: 'over' }, approver)
    expect((await cves())?.count).toBe(2)

    const kernel = (cve: string[]) => {
      const steps = [{ action: 'install' as const, id: '12', name: 'level 12', cves: cve }]
      const alone = { ...distribution, installedKernels: ['6.12.2'], newestInstalled: '6.12.2' }
      return say(
        'kernel',
        snapshotOf('kernel', '6.12.2', 'boot-1', { providers: [{ ...covering, steps }], distribution: alone }),
      )
    }
    await kernel(['CVE-2024-1001'])
    await judge()
    expect((await one('kernel'))?.reasons[0]?.cves).toEqual({ worst: ['CVE-2024-1002'], count: 1 })
    await kernel(['CVE-2024-1001', 'CVE-2024-1002'])
    expect(await one('kernel')).toBeUndefined()
    await kernel([])
    expect((await one('kernel'))?.reasons[0]?.cves?.count).toBe(2)
  })

  test('coverage that ends is a reason from the next day on, though the host says nothing anew', async () => {
    await addHost('ending', '6.12.9', 'prod', {
      ...{
        providers: [{ ...covering, coverageUntil: day(1) }],
        distribution: { ...distribution, installedKernels: ['6.12.9'], newestInstalled: '6.12.9' },
      },
    })
    const read = () => debt('?filter=name:ending&answer=yes')
    expect((await read()).total).toBe(0)
    const until = day(1)
    const days = RebootDays.parse(
      (await backend.call('GET', `/api/v1/reboot-debt/days?from=${day(0)}&to=${day(7)}`, { cookie: operator })).json(),
    )
    expect(days.days).toEqual([{ day: until, open: 0, done: 0, coverageEnds: 1 }])
    backend.clock.advance(2 * DAY_MS)
    operator = await signIn('operator')
    const [found] = (await read()).items
    expect(found?.reasons).toMatchObject([{ reason: 'coverage_ended', since: `${day(0)}T00:00:00.000Z` }])
    expect(found?.reasons[0]?.why).toContain(`(until ${until})`)
  })

  test('a reason that nothing dates stays since it was first read, whatever else changes', async () => {
    await say(
      'disk',
      snapshotOf('disk', '6.12.1', 'boot-1', {
        takenAt: make.at(900),
        distribution: newer,
        memory: [make.patchMemory('lp_fix', { forcedAt: make.at(800) })],
      }),
    )
    const found = await one('disk')
    expect(found?.reasons.find(({ reason }) => reason === 'newer_kernel')?.since).toBe(make.at(10))
    await say('disk', snapshotOf('disk', '6.12.1', 'boot-1', { distribution: newer }))
  })
})

describe('plans', () => {
  test('are set for hosts by name or by what a list shows, each act with its entry, and take the place of the ones before', async () => {
    expect(await planned(of('forced'))).toBe(1)
    expect(await planned({ filter: 'label.env:prod', answer: 'yes' }, day(5), 'ann')).toBe(2)
    expect(await one('disk')).toMatchObject({
      plan: { on: day(5), owner: 'ann', reason: 'kernel update', overdue: false },
    })
    expect(await planned(of('disk'), day(4), 'bob')).toBe(1)
    expect(await names(`?day=${day(4)}`)).toEqual(['disk'])
    expect(await names('?plan=none')).toEqual(['kernel', 'covered'])
    const { counts } = await debt()
    expect(counts.plans).toEqual({ planned: 3, overdue: 0, unplanned: 1 })
    const rows = await database.kysely
      .selectFrom('reboot_plans')
      .select(['planned_on', 'owner', 'ended'])
      .where('host_id', '=', ids.get('disk') ?? '')
      .orderBy('set_at')
      .execute()
    expect(rows.map(({ planned_on, owner, ended }) => [planned_on, owner, ended])).toEqual([
      [day(5), 'ann', 'replaced'],
      [day(4), 'bob', null],
    ])
    expect(await entries()).toMatchObject([
      { action: 'reboot.plan', reason: 'kernel update', target: { kind: 'host', name: 'forced' } },
      {
        ...{ action: 'reboot.plan', target: { kind: 'hosts', name: '2 hosts' } },
        after: { hosts: 2, on: day(5), owner: 'ann', chosen: { filter: 'label.env:prod', answer: 'yes' } },
      },
      { action: 'reboot.plan', target: { kind: 'host', name: 'disk' }, after: { names: ['disk'] } },
    ])
  })

  test('end with the next boot, and with nothing else that the host says', async () => {
    await say('disk', snapshotOf('disk', '6.12.1', 'boot-1', { distribution: newer, takenAt: make.at(1000) }))
    expect((await one('disk'))?.plan).not.toBeNull()
    await say('disk', snapshotOf('disk', '6.12.9', 'boot-2', { distribution: newer, memory: [] }))
    await judge()
    expect(await one('disk')).toBeUndefined()
    const rows = await database.kysely
      .selectFrom('reboot_plans')
      .select(['ended', 'ended_by_name'])
      .where('host_id', '=', ids.get('disk') ?? '')
      .where('ended', '=', 'done')
      .execute()
    expect(rows).toEqual([{ ended: 'done', ended_by_name: null }])
  })

  test('of a host whose boot was not known end with a boot that began after them', async () => {
    const booted = (at: Date | null, boot: string | null) => {
      const snapshot = snapshotOf('late', '6.12.8', '', { distribution: null })
      const kernel = { ...snapshot.kernel, bootId: boot, bootedAt: at?.toISOString() ?? null }
      return { ...snapshot, kernel }
    }
    await addHost('late', '6.12.8', 'prod', booted(null, null))
    await planned(of('late'))
    await say('late', booted(new Date(now().getTime() - 60_000), 'boot-7'))
    expect((await one('late'))?.plan).not.toBeNull()
    await say('late', booted(new Date(now().getTime() + 60_000), 'boot-8'))
    expect(await one('late')).toBeUndefined()
  })

  test('are counted by day, and told to be overdue once their day is over', async () => {
    const days = async () =>
      RebootDays.parse(
        (
          await backend.call('GET', `/api/v1/reboot-debt/days?from=${day(-30)}&to=${day(30)}`, { cookie: operator })
        ).json(),
      )
    const [open, done] = [day(3), day(4)]
    const before = await days()
    expect(before.days.find((one) => one.day === open)).toEqual({ day: open, open: 1, done: 1, coverageEnds: 0 })
    expect(before.days.find((one) => one.day === done)).toEqual({ day: done, open: 0, done: 1, coverageEnds: 0 })
    expect(before.overdue).toBe(0)
    backend.clock.advance(4 * DAY_MS)
    operator = await signIn('operator')
    expect((await days()).overdue).toBe(1)
    const { counts, items, sentence } = await debt('?plan=overdue')
    expect([counts.plans.overdue, items.map(({ name, plan }) => [name, plan?.overdue])]).toEqual([
      1,
      [['forced', true]],
    ])
    expect(sentence).toMatch(/1 plan is overdue\.$/)
  })

  test('are taken back with a reason, and stay in the past', async () => {
    const answer = await plan({ hosts: of('forced', 'kernel'), plan: null, reason: 'machine is sold' })
    expect(answer.json()).toEqual({ hosts: 1 })
    expect((await one('forced'))?.plan).toBeNull()
    expect((await entries()).at(-1)).toMatchObject({ action: 'reboot.cancel', reason: 'machine is sold' })
    expect((await plan({ hosts: of('forced'), plan: null, reason: 'again' })).json()).toMatchObject({
      ...{ status: 409, type: '/problems/action_refused' },
    })
  })

  test.each([
    ['a day that is over', { plan: { on: '2020-01-01', owner: 'ann' } }, 409, 'action_refused'],
    ['a host that is not there', { hosts: { ids: ['00000000-0000-4000-8000-000000000000'] } }, 404, 'host_not_found'],
    ['words that find none', { hosts: { filter: 'name:nobody' } }, 409, 'action_refused'],
    ['words that are none', { hosts: { filter: 'sate:x' } }, 400, 'filter_invalid'],
    ['hosts that are not said', { hosts: {} }, 400, 'body_invalid'],
    ['no reason', { reason: '' }, 400, 'body_invalid'],
  ])('are refused for %s', async (_name, wrong, status, code) => {
    const before = await database.kysely.selectFrom('reboot_plans').selectAll().execute()
    const answer = await plan({ hosts: of('kernel'), plan: { on: day(1), owner: 'ann' }, reason: 'because', ...wrong })
    expect(answer.json()).toMatchObject({ status, type: `/problems/${code}` })
    expect(await database.kysely.selectFrom('reboot_plans').selectAll().execute()).toEqual(before)
  })

  test('that two set at once are one after the other', async () => {
    const both = await Promise.all([planned(of('kernel', 'covered'), day(2)), planned(of('covered', 'kernel'), day(3))])
    expect(both).toEqual([2, 2])
    for (const name of ['kernel', 'covered']) expect((await debt(`?plan=planned&filter=name:${name}`)).total).toBe(1)
  })
})

describe('T07 whoever has a scope', () => {
  test('sees, counts and plans own hosts alone', async () => {
    const scoped = await signIn('operator', 'label.env:staging')
    const mine = await debt('', scoped)
    expect(mine.items.map(({ name }) => name)).toEqual(['forced', 'kernel'])
    expect([mine.counts.hosts, mine.counts.plans.planned]).toEqual([3, 1])
    const days = RebootDays.parse(
      (await backend.call('GET', `/api/v1/reboot-debt/days?from=${day(0)}&to=${day(9)}`, { cookie: scoped })).json(),
    )
    expect(days.days.reduce((all, { open }) => all + open, 0)).toBe(1)
    const foreign = await plan(
      { hosts: of('forced', 'covered'), plan: { on: day(1), owner: 'x' }, reason: 'x' },
      scoped,
    )
    expect(foreign.json()).toMatchObject({ status: 404, type: '/problems/host_not_found' })
    const all = await plan(
      { hosts: { filter: '', answer: 'yes' }, plan: { on: day(8), owner: 'x' }, reason: 'x' },
      scoped,
    )
    expect(all.json()).toEqual({ hosts: 2 })
    expect(await names(`?day=${day(8)}`)).toEqual(['forced', 'kernel'])
  })

  test('T06 a viewer plans nothing', async () => {
    const viewer = await signIn('viewer')
    const answer = await plan({ hosts: of('kernel'), plan: null, reason: 'x' }, viewer)
    expect(answer.status).toBe(403)
  })
})

describe('of many hosts', () => {
  /** Letters in no order, so that hosts of both answers lie between each other. */
  const nameOf = (n: number) => `many-${String((n * 37) % 70).padStart(2, '0')}`
  const pages = async (limit: number) => {
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { items, nextCursor, total } = await debt(
        `?filter=label.env:many&limit=${limit}${cursor && `&cursor=${cursor}`}`,
      )
      expect(total).toBe(70)
      seen.push(...items.map(({ name, answer }) => `${answer} ${name}`))
      cursor = nextCursor
    }
    return seen
  }

  test('pages of every size come to the same list, by answer and name', async () => {
    for (let n = 0; n < 70; n += 1) {
      await addHost(nameOf(n), '6.12.6', 'many', {
        ...{ providers: n % 3 === 0 ? [covering] : [] },
        distribution: { ...newer, installedKernels: ['6.12.6', '6.12.9'] },
      })
    }
    await judge()
    const [coveredOnes, others] = [0, 1].map((rest) =>
      Array.from({ length: 70 }, (_, n) => n)
        .filter((n) => (n % 3 === 0) === (rest === 0))
        .map(nameOf)
        .sort(),
    )
    const expected = [
      ...(others ?? []).map((name) => `yes ${name}`),
      ...(coveredOnes ?? []).map((name) => `yes_but_covered ${name}`),
    ]
    expect(await pages(100)).toEqual(expected)
    expect(await pages(1)).toEqual(expected)
    expect(await pages(3)).toEqual(expected)
    expect(await pages(7)).toEqual(expected)
  })
})
