// Goal: whoever has a scope sees its hosts and no trace of others, on every route and stream. Method: one fleet in a real
// database, two labels; each answer of a scoped person is held against what an unscoped one sees of the same hosts.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { FleetCounts, FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import type { HostList } from '@rebootless/shared/contract/host.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { appendEvents } from '../events/append-event.ts'
import { type FollowedStream, followStream } from '../events/test-stream.ts'
import { hostScopeOf } from '../hosts/host-scope.ts'
import { enrolTestHost, openTestLink } from '../ingest/test-host.ts'
import * as make from '../ingest/test-messages.ts'
import { startTestBackend, type TestAnswer, type TestBackend } from '../test-backend.ts'
import { bareBody, definitionOf, methodOf, NOWHERE, pathOf, routeKeys } from './test-routes.ts'
import { signInAs } from './test-users.ts'

const SCOPE = 'label.env:staging'
let database: TestDatabase
let backend: TestBackend
let other: TestBackend
let scoped: string
let whole: string
const own: string[] = []
const foreign: string[] = []

const addHost = async (env: string, name: string): Promise<string> => {
  const id = await enrolTestHost(database.kysely, { labels: { env }, name, now: backend.clock.now() })
  await openTestLink(backend.ingest, id, `link-${id}`, backend.clock.now())
  const blocking = [make.blockingTask({ comm: `holds-${env}` })]
  const snapshot = make.patchingSnapshot(make.stalledSample({ blocking }), { hostName: name })
  await backend.ingest.accept(id, make.hello({ epoch: 1, sequence: 1 }, { hostName: name }), backend.clock.now())
  await backend.ingest.accept(id, make.snapshotMessage({ epoch: 1, sequence: 2 }, snapshot), backend.clock.now())
  return id
}

beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
  other = await startTestBackend(database)
  for (let n = 0; n < 3; n += 1) {
    own.push(await addHost('staging', `own-${n}`))
    foreign.push(await addHost('prod', `foreign-${n}`))
  }
  scoped = await signInAs(database.kysely, 'viewer', undefined, SCOPE)
  whole = await signInAs(database.kysely, 'viewer')
})
afterAll(async () => {
  await Promise.all([backend.close(), other.close()])
  await database.drop()
})

const get = (target: string, cookie: string) => backend.call('GET', target, { cookie })
const bare = (answer: TestAnswer) => {
  const { date: _date, 'x-request-id': _id, ...headers } = answer.headers
  return JSON.stringify([answer.status, headers, answer.text.replace(/"requestId":"[^"]*"/, '')])
}
const namesForeign = (text: string) => /foreign-|holds-prod/.test(text) || foreign.some((id) => text.includes(id))

describe('T07 with a scope', () => {
  test.each(['', 'foreign', '-label.env:staging', 'label.env:prod', 'state:stalled', 'blocking:*'])(
    'the list of hosts by “%s” is that of the whole fleet without the others',
    async (filter) => {
      const target = `/api/v1/hosts?filter=${encodeURIComponent(filter)}`
      const [mine, all] = [await get(target, scoped), (await get(target, whole)).json<HostList>()]
      const list = mine.json<HostList>()
      const expected = all.items.filter(({ labels }) => labels.env === 'staging')
      expect(list.items).toEqual(expected)
      expect(list.total).toBe(expected.length)
      expect(namesForeign(mine.text)).toBe(false)
    },
  )

  test('pages of the list hold each own host once', async () => {
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const page = (await get(`/api/v1/hosts?limit=1${cursor}`, scoped)).json<HostList>()
      expect(page.total).toBe(3)
      seen.push(...page.items.map(({ id }) => id))
      if (page.nextCursor === null) break
      cursor = `&cursor=${page.nextCursor}`
    }
    expect(seen.sort()).toEqual([...own].sort())
  })

  test('a cursor of somebody without a scope shows no more', async () => {
    const { nextCursor } = (await get('/api/v1/hosts?limit=1&sort=name', whole)).json<HostList>()
    const page = await get(`/api/v1/hosts?limit=500&sort=name&cursor=${nextCursor}`, scoped)
    expect(page.json<HostList>().items.length).toBeGreaterThan(0)
    expect(namesForeign(page.text)).toBe(false)
  })

  test('the fleet in numbers counts own hosts alone, whoever asked before', async () => {
    const all = (await get('/api/v1/fleet/summary', whole)).json<FleetSummary>()
    const answer = await get('/api/v1/fleet/summary', scoped)
    const mine = answer.json<FleetSummary>()
    expect([all.total, mine.total]).toEqual([6, 3])
    expect([all.transitions.hosts, mine.transitions.hosts]).toEqual([6, 3])
    expect(mine.byState.stalled).toBe(3)
    expect(mine.byOrigin.agent).toBe(3)
    expect(mine.byProvider.map(({ count }) => count)).toEqual(all.byProvider.map(({ count }) => count / 2))
    expect(mine.byKernel.map(({ count }) => count)).toEqual([3])
    expect(mine.underWay.map(({ id }) => id).sort()).toEqual([...own].sort())
    expect(mine.needsSomeone.map(({ hostCount }) => hostCount)).toEqual([3])
    expect(all.needsSomeone.map(({ hostCount }) => hostCount)).toEqual([3, 3])
    expect(namesForeign(answer.text)).toBe(false)
    expect((await get('/api/v1/fleet/summary', whole)).json<FleetSummary>().total).toBe(6)
    for (const [cookie, summary] of [
      [whole, all],
      [scoped, mine],
      [whole, all],
    ] as const) {
      const { asOf: _, ...counts } = (await get('/api/v1/fleet/counts', cookie)).json<FleetCounts>()
      expect(summary).toMatchObject(counts)
    }
  })

  const someoneAllowed = (key: (typeof routeKeys)[number]) => {
    const { roles } = definitionOf(key)
    return signInAs(database.kysely, roles === 'anyone' ? 'viewer' : (roles.at(-1) ?? 'admin'), undefined, SCOPE)
  }

  test.each(routeKeys.filter((key) => definitionOf(key).scope === 'host'))(
    '%s of a foreign host answers as of one that never was',
    async (key) => {
      const cookie = await someoneAllowed(key)
      const call = (id: string) => backend.call(methodOf(key), pathOf(key, id), { cookie, ...bareBody(key) })
      const [there, missing] = [await call(foreign[0] ?? ''), await call(NOWHERE)]
      expect(there.json()).toMatchObject({ status: 404, type: '/problems/host_not_found' })
      expect(bare(there)).toBe(bare(missing))
      expect((await call(own[0] ?? '')).text).not.toContain('/problems/host_not_found')
    },
  )

  test.each(routeKeys.filter((key) => definitionOf(key).scope === 'whole fleet'))(
    '%s, which concerns the whole fleet, is refused, to an admin too',
    async (key) => {
      const answer = await backend.call(methodOf(key), pathOf(key), {
        cookie: await someoneAllowed(key),
        ...bareBody(key),
      })
      expect(answer.json()).toMatchObject({ status: 403, type: '/problems/not_authorised' })
    },
  )

  test('that cannot be read holds nothing', async () => {
    for (const text of ['', 'state:stalled', 'label.env', 'label.env:"']) {
      expect(() => hostScopeOf({ scope: text })).toThrow(/not_authorised/)
      const cookie = await signInAs(database.kysely, 'admin', undefined, text)
      for (const target of ['/api/v1/hosts', '/api/v1/fleet/counts', `/api/v1/hosts/${own[0]}`, '/api/v1/events']) {
        expect([text, (await get(target, cookie)).status]).toEqual([text, 403])
      }
    }
  })
})

describe('T07 the event stream of a scope', () => {
  const relabel = async (id: string, env: string) => {
    await database.kysely.transaction().execute(async (transaction) => {
      await transaction
        .updateTable('hosts')
        .set({ labels: JSON.stringify({ env }) })
        .where('id', '=', id)
        .execute()
      await appendEvents(transaction, [{ type: 'host.changed', hostId: id, revision: 9, at: backend.clock.now() }])
    })
  }
  const toldOf = (stream: FollowedStream) =>
    stream.blocks.flatMap(({ event }) => {
      if (event === undefined || event.type === 'reset' || !('host' in event || 'hostId' in event)) return []
      return [`${event.type} ${'host' in event ? event.host.id : event.hostId}`]
    })
  /** The last of what this test does: a stream that has it has all before. */
  const mark = async (...streams: FollowedStream[]) => {
    const id = await enrolTestHost(database.kysely, { labels: { env: 'staging' }, name: 'mark' })
    for (const { until } of streams) {
      await until(({ event }) => event?.type === 'host.changed' && event.host.id === id)
    }
    return `host.changed ${id}`
  }

  test('tells of own hosts; one whose labels change comes in or leaves; foreign ones are never named', async () => {
    const streams = await Promise.all([followStream(backend, scoped), followStream(other, scoped)])
    await Promise.all(streams.map(({ until }) => until(({ id }) => id !== undefined)))
    const [mine = '', theirs = ''] = [own[0], foreign[0]]
    const at = backend.clock.now()
    await backend.ingest.linkClosed(theirs, `link-${theirs}`, at)
    await backend.ingest.linkClosed(mine, `link-${mine}`, at)
    const seen = await mark(...streams)
    for (const stream of streams) expect(toldOf(stream)).toEqual([`host.changed ${mine}`, seen])
    await relabel(theirs, 'staging')
    const came = await mark(...streams)
    await relabel(theirs, 'prod')
    await relabel(foreign[1] ?? '', 'prod')
    const left = await mark(...streams)
    for (const stream of streams) {
      expect(toldOf(stream).slice(2)).toEqual([`host.changed ${theirs}`, came, `host.removed ${theirs}`, left])
      expect(stream.text().includes(foreign[1] ?? '')).toBe(false)
      stream.stop()
    }
  })

  test('taken up again tells what it missed of own hosts, and begins anew where that is not known', async () => {
    const stream = await followStream(backend, scoped)
    const { id = '' } = await stream.until((block) => block.id !== undefined)
    stream.stop()
    await relabel(foreign[0] ?? '', 'prod')
    await relabel(own[1] ?? '', 'prod')
    const again = await followStream(backend, scoped, id)
    await again.until(({ event }) => event?.type === 'host.removed')
    expect(toldOf(again)).toEqual([`host.removed ${own[1]}`])
    again.stop()
    const fresh = await startTestBackend(database)
    const elsewhere = await followStream(fresh, scoped, id)
    await elsewhere.until(({ event }) => event?.type === 'reset')
    elsewhere.stop()
    await fresh.close()
    await relabel(own[1] ?? '', 'staging')
  })
})

test('T06 tables of hosts are read for callers with a scope alone', () => {
  const bff = path.resolve(import.meta.dirname, '..')
  /** What serves no caller: agents' messages, the agents' port, the tables themselves; or callers of the whole fleet alone. */
  const forNobody = /^(ingest|link|database|enrolment)\//
  const reads =
    /(selectFrom|innerJoin|leftJoin)\(\s*'(hosts|host_\w+|transition_samples|kernel_events)'|\b(from|join) hosts\b/
  const readers = (readdirSync(bff, { recursive: true }) as string[])
    .filter((file) => file.endsWith('.ts') && !/(^|\/)test-|\.test\.ts$/.test(file) && !forNobody.test(file))
    .filter((file) => reads.test(readFileSync(path.join(bff, file), 'utf8')))
  expect(readers.length).toBeGreaterThan(3)
  const without = readers.filter((file) => !readFileSync(path.join(bff, file), 'utf8').includes('HostScope'))
  expect(without.sort()).toEqual(Object.keys(WITHOUT_SCOPE).sort())
})

/** Each with the reason why it asks without a scope; a file that is new here needs one as good. */
const WITHOUT_SCOPE = {
  'alerts/hosts-held.ts':
    'of hosts of alerts, whose messages are cut to a channel’s scope and whose views to a caller’s',
  'alerts/marks.ts': 'the engine’s own memory of all hosts; tells nobody',
  'alerts/tell-alerts.ts': 'hosts of alerts for the engine’s own messages, cut to the scope of each channel',
  'alerts/read-facts.ts': 'what the engine decides by, of all hosts; messages are cut to a channel’s scope',
  'backup/after-restore.ts':
    'the server’s own settling after a restore; its report is for who may read all files of it',
  'backup/revocation-journal.ts': 'the server’s own file of what was revoked, in its data directory',
  'clock-set-back.ts': 'the server’s own mending of moments in the future; its caller is told how many',
  'commands/command-facts.ts': 'of hosts that its callers asked for with a scope, or that the server sends to',
  'commands/command-grounds.ts': 'of the host whose command the server is about to send',
  'commands/command-results.ts': 'what agents answer',
  'commands/issue-command.ts': 'the server’s own sending',
  'commands/lost-command.ts': 'of a host whose agent tells of a command, as in ingest',
  'events/read-events.ts': 'all events, of which EventView chooses by scope what a stream is told',
  'exposure/host-exposure.ts': 'of a host that its caller asked for with a scope',
  'exposure/refresh-stale.ts': 'the server’s own looking again; its caller is told how many',
  'health/fleet-metrics.ts': 'numbers of the whole fleet, for this machine and for tokens of the whole fleet',
  'hosts/host-order.ts': 'columns by which its callers, who have a scope, put hosts in order; it reads none',
  'hosts/kernel-pressure.ts': 'of hosts that its callers asked for with a scope, or that a rollout changes',
  'reboot-debt/write-debts.ts': 'of hosts of which agents’ messages tell, as in ingest',
  'rollouts/before.ts': 'hosts of a rollout, which were chosen with a scope when it was made',
  'rollouts/outbox.ts': 'hosts of a rollout, which were chosen with a scope when it was made',
  'rollouts/policy-breaches.ts': 'whether a policy is about hosts of a plan, which were found with a scope; names none',
  'rollouts/pressure-gate.ts': 'hosts of a rollout, which were chosen with a scope when it was made',
  'rollouts/readings.ts': 'hosts of a rollout, which were chosen with a scope when it was made',
  'tracing/command-phases.ts': 'hosts of commands that ended, for the collector of traces; it tells nobody else',
  'rollouts/wave-samples.ts': 'hosts of a rollout, for who may see all of them: wave-transition.ts asks first',
}
