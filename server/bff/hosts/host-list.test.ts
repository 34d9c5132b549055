// Goal: filters find what they say, and pages hold each host once. Method: a small fleet in a real database; the filter's
// answers are held against the same filter by hand, and paging against one long page.
import { HOST_SORTS, type HostSummary } from '@rebootless/shared/contract/host.ts'
import { type FilterWord, matchesPattern, parseFilter } from '@rebootless/shared/domain/filter.ts'
import { HOST_STATES } from '@rebootless/shared/domain/words.ts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { createFleet } from '../fleet/service.ts'
import { createIngest } from '../ingest/ingest.ts'
import { enrolTestHost, openTestLink } from '../ingest/test-host.ts'
import * as make from '../ingest/test-messages.ts'
import { WHOLE_FLEET } from './host-scope.ts'
import { createHosts, type Hosts } from './service.ts'

const NOW = new Date(make.START + 10_000)
const clock = { now: () => NOW }
let database: TestDatabase
let hosts: Hosts
beforeAll(async () => {
  database = await createTestDatabase()
  hosts = createHosts(database.kysely, clock)
  const ingest = createIngest({ database: database.kysely, clock })
  const kernels = ['6.1.0-56-amd64', '6.9.1', '6.12.1-amd64', '6.12.117+deb12']
  for (let n = 0; n < 24; n += 1) {
    const id = await enrolTestHost(database.kysely, {
      origin: n % 5 === 0 ? 'recorded' : 'agent',
      labels: { env: n % 2 === 0 ? 'prod' : 'test', ...(n % 3 === 0 ? { rack: `r${n % 4}` } : {}) },
    })
    const name = ['web', 'WEB', 'db_', 'db%', 'ünï'][n % 5] ?? ''
    const snapshot = make.patchedSnapshot({
      hostName: `${name}${n % 7}`,
      kernel: { ...make.patchedSnapshot().kernel, release: kernels[n % 4] ?? '' },
    })
    await openTestLink(ingest, id, 'link', NOW)
    if (n % 6 === 0) continue
    await ingest.accept(id, make.hello({ epoch: 1, sequence: 1 }, { hostName: snapshot.hostName }), NOW)
    await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 2 }, snapshot), NOW)
    if (n % 4 === 1) {
      const worker = { comm: `kworker/${n % 3}:1, odd`, kernelThread: true }
      const blocking = [make.blockingTask(n % 8 === 1 ? { comm: 'nginx, odd' } : worker)]
      const { hostName, kernel } = snapshot
      const stalled = make.patchingSnapshot(make.stalledSample({ blocking }), { hostName, kernel })
      await ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 3 }, stalled), NOW)
    }
  }
})
afterAll(() => database.drop())

const all = async () => (await hosts.list(WHOLE_FLEET, { filter: '', sort: 'name', limit: 500 })).items
const find = async (filter: string) => (await hosts.list(WHOLE_FLEET, { filter, sort: 'name', limit: 500 })).items

const textsOf = (host: HostSummary, { key, label }: FilterWord): string[] => {
  switch (key) {
    case 'state':
      return [host.state]
    case 'name':
      return [host.name]
    case 'kernel':
      return [host.kernelRelease]
    case 'arch':
      return [host.architecture]
    case 'os':
      return host.operatingSystem === null ? [] : [host.operatingSystem]
    case 'origin':
      return [host.origin]
    case 'provider':
      return host.providers
    case 'patch':
      return host.patches.map(({ name }) => name)
    case 'label':
      return Object.hasOwn(host.labels, label ?? '') ? [host.labels[label ?? ''] ?? ''] : []
    default:
      throw new Error(`${key} is not in a row`)
  }
}
const byHand = (rows: HostSummary[], filter: string) => {
  const parsed = parseFilter(filter)
  if (!parsed.ok) throw new Error(parsed.error.detail)
  return rows.filter((host) =>
    parsed.words.every((word) => {
      const texts = textsOf(host, word)
      const hit = texts.some((text) => word.patterns.some((pattern) => matchesPattern(pattern, text)))
      return hit !== word.negated
    }),
  )
}

describe('the filter in SQL', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'state:stalled',
      'state:patched,stale',
      '-state:stalled',
      'state:s*',
      'origin:recorded',
      '-origin:agent',
    ),
    fc.constantFrom(
      'name:web*',
      'name:WEB1',
      'name:db_*',
      'name:db%*',
      'name:*ÏnÏ*'.toLowerCase(),
      'web',
      '-name:*3',
      'name:"\\*"',
    ),
    fc.constantFrom('kernel:6.12*', '-kernel:6.1*', 'kernel:*deb12', 'arch:x86_64', 'os:*GNU*', 'os:debian'),
    fc.constantFrom(
      'label.env:prod',
      '-label.env:prod',
      'label.rack:r*',
      '-label.rack:r0',
      'label.none:x',
      'label.env:PROD*',
    ),
    fc.constantFrom('patch:lp_fix', '-patch:*', 'provider:livepatch', 'provider:kp*'),
  )
  test('finds what the same words find by hand', async () => {
    const rows = await all()
    await fc.assert(
      fc.asyncProperty(fc.array(word, { maxLength: 3 }), async (words) => {
        const filter = words.join(' ')
        expect((await find(filter)).map(({ id }) => id)).toEqual(byHand(rows, filter).map(({ id }) => id))
      }),
      { numRuns: 80 },
    )
  })
  test('each single word tells hosts apart, so that the comparison can fail', async () => {
    const total = (await all()).length
    for (const filter of [
      'state:stalled',
      'name:web*',
      'kernel:6.12*',
      'label.env:prod',
      'label.rack:r*',
      '-patch:*',
    ]) {
      const found = (await find(filter)).length
      expect([filter, found > 0 && found < total]).toEqual([filter, true])
    }
  })
  test('every cause leads to exactly its hosts', async () => {
    const { needsSomeone, byState, total } = await createFleet(database.kysely, clock).summary(WHOLE_FLEET)
    expect(needsSomeone.map(({ title }) => title)).toEqual([
      'kworker/* in do_fix holds a transition back',
      'nginx, odd in do_fix holds a transition back',
      'What is known is old',
    ])
    for (const cause of needsSomeone) {
      const found = await find(cause.filter)
      expect(found.length).toBe(cause.hostCount)
      expect(found.map(({ id }) => id).sort()).toEqual(cause.hosts.map(({ id }) => id).sort())
      const origins = new Map(found.map(({ id, origin }) => [id, origin]))
      for (const { id, origin } of cause.hosts) expect(origin).toBe(origins.get(id))
      expect(cause.origins).toEqual([...new Set(origins.values())].sort())
    }
    expect(Object.values(byState).reduce((sum, count) => sum + count, 0)).toBe(total)
  })
})

describe('paging', () => {
  test.each(HOST_SORTS)('by %s gives each host once, in order', async (sort) => {
    const whole = (await hosts.list(WHOLE_FLEET, { filter: '', sort, limit: 500 })).items.map(({ id }) => id)
    const paged: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await hosts.list(WHOLE_FLEET, {
        filter: '',
        sort,
        limit: 5,
        ...(cursor === undefined ? {} : { cursor }),
      })
      expect(page.total).toBe(24)
      paged.push(...page.items.map(({ id }) => id))
      if (page.nextCursor === null) break
      cursor = page.nextCursor
    }
    expect(paged).toEqual(whole)
    expect(new Set(paged).size).toBe(24)
  })
  test('state runs by urgency, kernel by its numbers', async () => {
    const states = (await hosts.list(WHOLE_FLEET, { filter: '', sort: 'state', limit: 500 })).items.map(
      ({ state }) => state,
    )
    const ranks = states.map((state) => HOST_STATES.indexOf(state))
    expect(ranks).toEqual([...ranks].sort((left, right) => left - right))
    const kernels = (await hosts.list(WHOLE_FLEET, { filter: 'kernel:6*', sort: 'kernel', limit: 500 })).items
    expect([...new Set(kernels.map(({ kernelRelease }) => kernelRelease))]).toEqual([
      '6.1.0-56-amd64',
      '6.9.1',
      '6.12.1-amd64',
      '6.12.117+deb12',
    ])
  })
  test('a cursor of another filter or order is refused', async () => {
    const { nextCursor } = await hosts.list(WHOLE_FLEET, { filter: '', sort: 'name', limit: 5 })
    for (const query of [
      { filter: 'web', sort: 'name' as const },
      { filter: '', sort: '-name' as const },
    ]) {
      const listed = hosts.list(WHOLE_FLEET, { ...query, limit: 5, cursor: nextCursor ?? '' })
      await expect(listed).rejects.toMatchObject({ code: 'cursor_invalid' })
    }
  })
  test('the longest names still fit a cursor', async () => {
    const id = await enrolTestHost(database.kysely, { name: '\u{1f427}'.repeat(127) })
    const page = await hosts.list(WHOLE_FLEET, { filter: `name:*\u{1f427}*`, sort: 'kernel', limit: 1 })
    expect(page.items[0]?.id).toBe(id)
    const other = await enrolTestHost(database.kysely, { name: '\u{1f427}'.repeat(127) })
    const { nextCursor } = await hosts.list(WHOLE_FLEET, { filter: `name:*\u{1f427}*`, sort: 'kernel', limit: 1 })
    expect(nextCursor?.length).toBeLessThanOrEqual(512)
    await database.kysely.deleteFrom('hosts').where('id', 'in', [id, other]).execute()
  })
})
