// Goal: what a host is to each CVE is recorded where it changes and nowhere else, judged once a class, and told with its past.
// Method: messages of agents into a real database, statements of a feed beside them, a clock that the test moves.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { CveDetail, CveHostList, CveList, HostExposureList } from '@rebootless/shared/contract/cves.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createRequestsUnderWay } from '../http/requests-under-way.ts'
import { signInAs } from '../http/test-users.ts'
import { createIngest } from '../ingest/ingest.ts'
import { sweepSilentHosts } from '../ingest/sweep-silent-hosts.ts'
import { enrolTestHost, openTestLink } from '../ingest/test-host.ts'
import * as make from '../ingest/test-messages.ts'
import type { Ingest } from '../link/ports.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { noteStaleModule } from './catalogue-cves.ts'
import { PLACES } from './exposure-order.ts'
import { closePeriods } from './host-periods.ts'
import { createJudgeApart } from './judge-apart.ts'
import { createJudge, JUDGE_LOCK } from './judge-pass.ts'
import { refreshStale } from './refresh-stale.ts'
import { catalogueModule, tell, upstreamCve } from './test-exposure-store.ts'

let database: TestDatabase
let ingest: Ingest
let sequence = 0
let time = make.START
const now = () => new Date(time)
const clock = { now }
const pass = (seconds = 1) => {
  time += seconds * 1000
}

beforeAll(async () => {
  database = await createTestDatabase()
  ingest = createIngest({ database: database.kysely, clock, heartbeatsEveryMs: 0, changesEveryMs: 0 })
})
afterAll(() => database.drop())
beforeEach(() => pass(3_600))

/** A kernel of no vendor, so that upstream's ranges judge it. */
const snapshotOf = (release: string, fields: Parameters<typeof make.patchedSnapshot>[0] = {}) => {
  const whole = make.patchedSnapshot()
  return make.patchedSnapshot({
    kernel: { ...whole.kernel, release, version: '#1 SMP' },
    operatingSystem: { id: 'arch', name: 'Arch Linux', versionId: null },
    ...fields,
  })
}
const told = async (id: string, snapshot = snapshotOf('6.12.1')) => {
  pass()
  sequence += 1
  await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence }, snapshot), now())
}
const addHost = async (name: string, labels = {}, release = '6.12.1') => {
  const id = await enrolTestHost(database.kysely, { name, labels, now: now() })
  await openTestLink(ingest, id, `link-${id}`, now())
  await told(id, snapshotOf(release, { hostName: name }))
  return id
}
const periodsOf = (id: string) =>
  database.kysely.selectFrom('host_exposure').selectAll().where('host_id', '=', id).orderBy('from_at').execute()
const openVerdicts = () =>
  database.kysely
    .selectFrom('exposure_verdicts')
    .select(['class_id', 'cve_id', 'status', 'from_at'])
    .where('to_at', 'is', null)
    .orderBy('class_id')
    .orderBy('cve_id')
    .execute()
const judge = () => createJudge(database.kysely, { clock }).pass()

describe('periods of hosts', () => {
  test('the first snapshot opens one, the same again none, another kernel the next without a gap', async () => {
    const id = await addHost('web')
    expect(await periodsOf(id)).toMatchObject([{ host_name: 'web', to_at: null, from_at: now() }])
    await told(id, snapshotOf('6.12.1', { hostName: 'web' }))
    sequence += 1
    await ingest.accept(id, make.heartbeat({ epoch: 1, sequence }, make.hashOf('x')), now())
    expect(await periodsOf(id)).toHaveLength(1)
    await told(id, snapshotOf('6.12.2', { hostName: 'web' }))
    const [first, second, ...others] = await periodsOf(id)
    expect(others).toEqual([])
    expect(first?.to_at).toEqual(second?.from_at)
    expect(first?.class_id).not.toBe(second?.class_id)
  })

  test('two changes in one moment, or by a clock that was set back, follow one another all the same', async () => {
    const id = await addHost('twice')
    time -= 60_000
    for (const release of ['6.12.2', '6.12.3']) await told(id, snapshotOf(release, { hostName: 'twice' }))
    const periods = await periodsOf(id)
    const times = periods.map(({ from_at }) => from_at.getTime())
    expect(times).toEqual([...new Set(times)].sort((left, right) => left - right))
    expect(periods.map(({ to_at }) => to_at?.getTime() ?? null)).toEqual([...times.slice(1), null])
  })

  test('hosts with the same facts share a class; doubts and names are each their own', async () => {
    const [left, right] = [await addHost('left'), await addHost('right')]
    const classes = [...(await periodsOf(left)), ...(await periodsOf(right))].map(({ class_id }) => class_id)
    expect(new Set(classes).size).toBe(1)
    pass(3_600)
    await sweepSilentHosts(database.kysely, now())
    expect((await periodsOf(left)).map(({ doubts }) => doubts.map(({ doubt }) => doubt))).toEqual([
      ['unread'],
      ['offline', 'unread'],
    ])
    await told(left, snapshotOf('6.12.1', { hostName: 'renamed' }))
    expect((await periodsOf(left)).at(-1)).toMatchObject({ host_name: 'renamed', to_at: null })
  })

  test('what the catalogue says of its module moves a host, and what was read before there were classes gets one', async () => {
    const id = await addHost('catalogued')
    await database.kysely.transaction().execute(async (transaction) => {
      await catalogueModule(database.kysely, { name: 'lp_fix', srcversion: 'ABC', cves: ['CVE-2024-5555'] }, now())
      await noteStaleModule(transaction, 'lp_fix')
    })
    pass()
    expect(await refreshStale(database.kysely, now())).toBeGreaterThan(0)
    const facts = await factsOf(id)
    expect(facts?.livepatches).toMatchObject([{ name: 'lp_fix', catalogueCves: ['CVE-2024-5555'] }])
    expect(await refreshStale(database.kysely, now())).toBe(0)
    await database.kysely.deleteFrom('host_exposure').where('host_id', '=', id).execute()
    await database.kysely.updateTable('hosts').set({ exposure_print: null }).where('id', '=', id).execute()
    expect(await refreshStale(database.kysely, now())).toBe(1)
    expect(await periodsOf(id)).toMatchObject([{ to_at: null }])
    await sql`delete from artefacts`.execute(database.kysely)
  })
})

const factsOf = async (id: string) => {
  const row = await database.kysely
    .selectFrom('hosts')
    .innerJoin('exposure_classes', 'exposure_classes.id', 'hosts.exposure_class')
    .select('facts')
    .where('hosts.id', '=', id)
    .executeTakeFirst()
  return row?.facts
}

describe('judging', () => {
  test('writes what is another than before, and nothing where nothing is', async () => {
    const id = await addHost('judged')
    await tell(database.kysely, 'CVE-2024-0001', upstreamCve('6.13'), now())
    await tell(database.kysely, 'CVE-2024-0002', upstreamCve('6.11'), now())
    pass()
    expect((await judge()).written).toBeGreaterThan(0)
    const statuses = async () => {
      const classId = (await periodsOf(id)).at(-1)?.class_id
      const rows = (await openVerdicts()).filter((row) => row.class_id === classId)
      return Object.fromEntries(rows.map((row) => [row.cve_id, row.status]))
    }
    expect(await statuses()).toEqual({ 'CVE-2024-0001': 'exposed', 'CVE-2024-0002': 'fixed_by_kernel' })
    const before = await openVerdicts()
    pass()
    await tell(database.kysely, 'CVE-2024-0002', upstreamCve('6.11'), now())
    expect((await judge()).written).toBe(0)
    expect(await openVerdicts()).toEqual(before)
    await tell(database.kysely, 'CVE-2024-0001', upstreamCve('6.12'), now())
    await tell(database.kysely, 'CVE-2024-0002', [], now())
    pass()
    await judge()
    expect(await statuses()).toEqual({ 'CVE-2024-0001': 'fixed_by_kernel' })
    const closed = await database.kysely
      .selectFrom('exposure_verdicts')
      .selectAll()
      .where('to_at', '=', now())
      .execute()
    expect(new Set(closed.map(({ cve_id }) => cve_id))).toEqual(new Set(['CVE-2024-0001', 'CVE-2024-0002']))
  })

  test('that is ended in the middle is gone on with, and the end is as if it had not been', async () => {
    for (let n = 0; n < 20; n += 1) await addHost(`many-${n}`, {}, `6.10.${n + 1}`)
    await tell(database.kysely, 'CVE-2024-0003', upstreamCve('6.10.9'), now())
    pass()
    const stop = new AbortController()
    const stopped = await createJudge(database.kysely, {
      clock,
      stop: stop.signal,
      onProgress: () => stop.abort(),
    }).pass()
    expect(stopped).toMatchObject({ result: 'stopped', classes: 8 })
    const failing = createJudge(database.kysely, {
      clock,
      onProgress: () => {
        throw new Error('killed')
      },
    })
    await expect(failing.pass()).rejects.toThrow('killed')
    const rest = await judge()
    expect(rest.result).toBe('done')
    expect(rest.classes).toBeGreaterThan(0)
    const done = await openVerdicts()
    await sql`update exposure_classes set judged_pass = null, print = null`.execute(database.kysely)
    expect((await judge()).written).toBe(0)
    expect(await openVerdicts()).toEqual(done)
    const { rows } = await sql<{ release: string }>`select facts ->> 'release' as release
      from exposure_verdicts join exposure_classes on id = class_id
      where cve_id = 'CVE-2024-0003' and status = 'exposed' and to_at is null and facts ->> 'release' like '6.10.%'
      order by length(facts ->> 'release'), 1`.execute(database.kysely)
    expect(rows.map(({ release }) => release)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `6.10.${n}`))
  })

  test('comes to the same in a thread of its own, which can be ended', async () => {
    await tell(database.kysely, 'CVE-2024-0005', upstreamCve('6.13'), now())
    const apart = createJudgeApart({
      ...{ connection: database.connection, isDatabaseHere: false },
      underWay: createRequestsUnderWay().count,
    })
    const left: number[] = []
    expect(await apart.pass((count) => left.push(count))).toMatchObject({ result: 'done' })
    expect(left.at(-1)).toBe(0)
    await apart.close()
    await sql`update exposure_classes set judged_pass = null, print = null`.execute(database.kysely)
    expect((await judge()).written).toBe(0)
  })

  test('one backend does it at a time, and the other finds nothing left', async () => {
    await tell(database.kysely, 'CVE-2024-0004', upstreamCve('6.13'), now())
    await database.kysely.connection().execute(async (other) => {
      await sql`select pg_advisory_lock(${JUDGE_LOCK})`.execute(other)
      expect(await judge()).toEqual({ result: 'busy', classes: 0, written: 0 })
      await sql`select pg_advisory_unlock(${JUDGE_LOCK})`.execute(other)
    })
    expect(await judge()).toMatchObject({ result: 'done' })
    expect(await judge()).toEqual({ result: 'done', classes: 0, written: 0 })
    const { rows } = await sql`select from pg_locks where locktype = 'advisory' and objid = ${JUDGE_LOCK}
      and database = (select oid from pg_database where datname = current_database())`.execute(database.kysely)
    expect(rows).toEqual([])
  })
})

describe('what is told', () => {
  let other: TestDatabase
  let backend: TestBackend
  let [whole, scoped, prod, staging] = ['', '', '', '']
  beforeAll(async () => {
    other = await createTestDatabase()
    backend = await startTestBackend(other)
    const add = async (name: string, labels: Record<string, string>, release: string) => {
      const id = await enrolTestHost(other.kysely, { name, labels, now: backend.clock.now() })
      await openTestLink(backend.ingest, id, `link-${id}`, backend.clock.now())
      const message = make.snapshotMessage({ epoch: 1, sequence: 2 }, snapshotOf(release, { hostName: name }))
      await backend.ingest.accept(id, message, backend.clock.now())
      return id
    }
    prod = await add('prod-1', { env: 'prod' }, '6.12.1')
    staging = await add('staging-1', { env: 'staging' }, '6.12.1')
    await add('staging-2', { env: 'staging' }, '6.14.1')
    await tell(other.kysely, 'CVE-2024-0001', upstreamCve('6.13', 9.8), backend.clock.now())
    await tell(other.kysely, 'CVE-2024-0002', upstreamCve('6.15', 5.5), backend.clock.now())
    await untilJudged()
    whole = await signInAs(other.kysely, 'viewer')
    scoped = await signInAs(other.kysely, 'viewer', undefined, 'label.env:staging')
  })
  afterAll(async () => {
    await backend.close()
    await other.drop()
  })
  /** The backend judges by itself, and may be at it. */
  const untilJudged = async () => {
    while ((await createJudge(other.kysely, { clock: backend.clock }).pass()).result === 'busy') await sleep(20)
  }
  const get = async (path: string, cookie: string) => {
    const answer = await backend.call('GET', `/api/v1${path}`, { cookie })
    expect(answer.status, answer.text).toBe(200)
    return answer.json()
  }
  const list = async (query: string, cookie = whole) => CveList.parse(await get(`/cves${query}`, cookie))
  const instant = () => backend.clock.now().toISOString()

  test('T07 CVEs, worst first, with hosts of the scope alone', async () => {
    const all = await list('')
    expect(all.items.map(({ id, hosts: { exposed } }) => [id, exposed])).toEqual([
      ['CVE-2024-0001', 2],
      ['CVE-2024-0002', 3],
    ])
    expect(all).toMatchObject({ total: 2, hostCount: 3, hostsWaiting: 0 })
    expect(all.items[0]).toMatchObject({ severity: 'critical', score: 9.8, publishedOn: '2024-01-31' })
    const own = await list('', scoped)
    expect(own.items.map(({ hosts: { exposed } }) => exposed)).toEqual([1, 2])
    expect(own.hostCount).toBe(2)
    expect((await list('?filter=label.env:prod&status=exposed')).hostCount).toBe(1)
    expect((await list('?sort=exposed')).items[0]?.id).toBe('CVE-2024-0002')
    expect((await list('?severity=medium')).items.map(({ id }) => id)).toEqual(['CVE-2024-0002'])
  })

  test('pages of a cursor meet end to end, in every order', async () => {
    for (const sort of ['severity', 'exposed', 'published', 'epss', 'id']) {
      const first = await list(`?sort=${sort}&limit=1`)
      const second = await list(`?sort=${sort}&limit=1&cursor=${first.nextCursor}`)
      expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(2)
      expect(second.nextCursor).toBeNull()
    }
  })

  test('T07 hosts of a CVE with the rule, the evidence and since when', async () => {
    const hosts = CveHostList.parse(await get('/cves/CVE-2024-0001/hosts?status=exposed', whole))
    expect(hosts.items.map(({ host }) => host.name)).toEqual(['prod-1', 'staging-1'])
    expect(hosts.items[0]).toMatchObject({
      ...{ removed: false, exposure: 'exposed', verdict: { status: 'exposed' } },
      evidence: { facts: { release: '6.12.1' } },
    })
    const own = CveHostList.parse(await get('/cves/CVE-2024-0001/hosts?limit=1', scoped))
    expect(own).toMatchObject({ total: 2, items: [{ host: { id: staging } }] })
    const next = CveHostList.parse(await get(`/cves/CVE-2024-0001/hosts?limit=1&cursor=${own.nextCursor}`, scoped))
    expect(next.items.map(({ host, exposure }) => [host.name, exposure])).toEqual([['staging-2', 'fixed_by_kernel']])
  })

  test('hosts of a CVE: the exposed ones first and then by name, and pages of one meet end to end', async () => {
    for (const cve of ['CVE-2024-0001', 'CVE-2024-0002']) {
      const { items, total } = CveHostList.parse(await get(`/cves/${cve}/hosts`, whole))
      const keys = items.map(({ exposure, host }) => `${PLACES[exposure]} ${host.name}`)
      expect(keys).toEqual([...keys].sort())
      const paged: string[] = []
      for (let cursor = ''; paged.length < total; ) {
        const page = CveHostList.parse(await get(`/cves/${cve}/hosts?limit=1${cursor}`, whole))
        paged.push(...page.items.map(({ host }) => host.id))
        cursor = `&cursor=${page.nextCursor}`
        expect(page.nextCursor === null).toBe(paged.length === total)
      }
      expect(paged).toEqual(items.map(({ host }) => host.id))
    }
  })

  test('a CVE with all that is said of it, and one of which nothing is', async () => {
    const detail = CveDetail.parse(await get('/cves/CVE-2024-0001', whole))
    expect(detail.statements.map(({ statement, from }) => [statement.kind, from.feed])).toEqual([
      ['record', 'test'],
      ['upstream_pairs', 'test'],
    ])
    expect((await backend.call('GET', '/api/v1/cves/CVE-2024-9999', { cookie: whole })).status).toBe(404)
  })

  test('CVEs of one host, and none of a host out of scope', async () => {
    const exposure = HostExposureList.parse(await get(`/hosts/${prod}/exposure`, whole))
    expect(exposure).toMatchObject({ total: 2, waiting: false, counts: { exposed: 2 } })
    expect(exposure.items.map(({ cve }) => cve.id)).toEqual(['CVE-2024-0001', 'CVE-2024-0002'])
    expect((await backend.call('GET', `/api/v1/hosts/${prod}/exposure`, { cookie: scoped })).status).toBe(404)
    const { items } = await get('/hosts?filter=exposed:CVE-2024-0001%20severity:critical', whole)
    expect(items).toMatchObject([{ exposure: { exposed: 2, worst: 'critical', doubted: true } }, {}])
  })

  test('what somebody accepted is accepted in the list too, as on the page of its CVE: now, then, and within a scope', async () => {
    const now = backend.clock.now()
    const until = new Date(now.getTime() + 1_000)
    const except = async (subject: { cve_id: string } | { severity: 'medium' }, hosts: string) => {
      const id = randomUUID()
      await other.kysely
        .insertInto('compliance_exceptions')
        .values({
          ...{ id, cve_id: null, severity: null, ...subject, hosts, owner: 'team', reason: 'test', until },
          ...{ requested_by_id: randomUUID(), requested_by_name: 'anna', requested_at: now },
        })
        .execute()
      const approved = { approved_by_id: randomUUID(), approved_by_name: 'boris', approved_at: now }
      await other.kysely.updateTable('compliance_exceptions').set(approved).where('id', '=', id).execute()
    }
    await except({ cve_id: 'CVE-2024-0001' }, 'name:prod-*')
    await except({ cve_id: 'CVE-2024-0001' }, 'label.env:prod')
    await except({ severity: 'medium' }, '')
    const counts = async (query: string, cookie = whole) =>
      (await list(query, cookie)).items.map(({ id, exposedSince, hosts: { exposed, accepted } }) => [
        ...[id, exposed, accepted, exposedSince !== null],
      ])
    const expected = [
      ['CVE-2024-0001', 1, 1, true],
      ['CVE-2024-0002', 0, 3, false],
    ]
    expect(await counts('')).toEqual(expected)
    expect(await counts(`?at=${now.toISOString()}`)).toEqual(expected)
    expect(await counts('?status=exposed')).toEqual(expected.slice(0, 1))
    expect(await counts('?status=accepted&filter=label.env:prod')).toEqual([
      ['CVE-2024-0001', 0, 1, false],
      ['CVE-2024-0002', 0, 1, false],
    ])
    expect(await counts('?status=accepted', scoped)).toEqual([['CVE-2024-0002', 0, 2, false]])
    for (const { id, hosts, exposedSince } of (await list('')).items) {
      expect(CveDetail.parse(await get(`/cves/${id}`, whole))).toMatchObject({ hosts, exposedSince })
    }
    backend.clock.advance(2_000)
    expect((await counts('')).map(([, exposed, accepted]) => [exposed, accepted])).toEqual([
      [2, 0],
      [3, 0],
    ])
  })

  test('the past stays as it was: of a host that came to a fixed kernel, and of one that was removed', async () => {
    const at = instant()
    backend.clock.advance(60_000)
    const before = await list(`?at=${at}`)
    const message = make.snapshotMessage({ epoch: 1, sequence: 9 }, snapshotOf('6.14.1', { hostName: 'staging-1' }))
    await backend.ingest.accept(staging, message, backend.clock.now())
    await other.kysely.deleteFrom('hosts').where('id', '=', prod).execute()
    await other.kysely.transaction().execute((transaction) => closePeriods(transaction, [prod], backend.clock.now()))
    backend.clock.advance(1_000)
    await untilJudged()
    expect((await list('')).items.map(({ hosts: { exposed } }) => exposed)).toEqual([0, 2])
    expect({ ...(await list(`?at=${at}`)), judgedAt: null }).toEqual({ ...before, judgedAt: null })
    const then = CveHostList.parse(await get(`/cves/CVE-2024-0001/hosts?status=exposed&at=${at}`, whole))
    expect(then.items.map(({ host, removed }) => [host.name, removed])).toEqual([
      ['prod-1', true],
      ['staging-1', false],
    ])
    const refused = await backend.call('GET', `/api/v1/cves?at=${at}&filter=state:patched`, { cookie: whole })
    expect(refused.status).toBe(400)
  })
})
