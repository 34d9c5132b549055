// Goal: pages of people, sessions, tokens and enrolment hear of each change at once, and nobody hears of what he may not
// read. Method: streams of several people on another backend, over sockets, while acts go through the API.
import type { FleetEvent } from '@rebootless/shared/contract/event.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { type Hearer, mayHear } from '../events/event-audience.ts'
import { type FollowedStream, followStream } from '../events/test-stream.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { addPerson, setPassword, type TestPerson } from './test-people.ts'

let database: TestDatabase
let first: TestBackend
let second: TestBackend
let admin: string
let own: TestPerson
let streams: Record<'admin' | 'scoped admin' | 'own' | 'another', FollowedStream>
beforeAll(async () => {
  database = await createTestDatabase()
  first = await startTestBackend(database)
  second = await startTestBackend(database)
  admin = await first.signIn()
  own = await addPerson(first, admin, 'own', 'viewer')
  const scoped = await addPerson(first, admin, 'scoped', 'admin', 'label.env:staging')
  const another = await addPerson(first, admin, 'another', 'approver')
  streams = {
    admin: await followStream(second, admin),
    'scoped admin': await followStream(second, scoped.cookie),
    own: await followStream(second, own.cookie),
    another: await followStream(second, another.cookie),
  }
})
afterAll(async () => {
  for (const { stop } of Object.values(streams)) stop()
  await Promise.all([first.close(), second.close()])
  await database.drop()
})

const heard = ({ blocks }: FollowedStream): FleetEvent[] =>
  blocks.flatMap(({ event }) => (event === undefined ? [] : [event]))
const ABOUT_PEOPLE = /^(users|sessions|tokens|enrolment)\./

/** What each stream hears of an act, up to an event that all of them hear. */
const hearingOf = async (act: () => Promise<{ status: number }>) => {
  const before = Object.fromEntries(Object.entries(streams).map(([who, stream]) => [who, heard(stream).length]))
  expect((await act()).status).toBeLessThan(300)
  const reason = { reason: 'a mark in every stream' }
  expect((await first.call('POST', '/api/v1/fleet/freeze', { cookie: admin, body: reason })).status).toBe(200)
  const told: [string, string[]][] = []
  for (const [who, stream] of Object.entries(streams)) {
    const news = () => heard(stream).slice(before[who])
    await stream.until(() => news().some(({ type }) => type === 'freeze.changed'))
    told.push([who, [...new Set(news().map(({ type }) => type))].filter((type) => ABOUT_PEOPLE.test(type)).sort()])
  }
  return Object.fromEntries(told)
}
const nobodyElse = { 'scoped admin': [], another: [] }

describe('T06 T07 an event of people is told to whom its list is open', () => {
  test('somebody is added', async () => {
    const body = { username: 'new', role: 'viewer' }
    const told = await hearingOf(() => first.call('POST', '/api/v1/users', { cookie: admin, body }))
    expect(told).toEqual({ admin: ['users.changed'], own: [], ...nobodyElse })
  })

  test('somebody signs in, and out', async () => {
    await setPassword(first, own.cookie, 'a password of mine')
    const body = { username: 'own', password: 'a password of mine' }
    let cookie = ''
    const begun = await hearingOf(async () => {
      const answer = await first.call('POST', '/api/v1/session', { body })
      cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
      return answer
    })
    const both = ['sessions.changed', 'users.changed']
    expect(begun).toEqual({ admin: both, own: ['sessions.changed'], ...nobodyElse })
    const ended = await hearingOf(() => first.call('DELETE', '/api/v1/session', { cookie }))
    expect(ended).toEqual({ admin: ['sessions.changed'], own: ['sessions.changed'], ...nobodyElse })
  })

  test('a token is made, and revoked by an admin', async () => {
    const body = { name: 'a script', role: 'viewer', validDays: 1 }
    let id = ''
    const made = await hearingOf(async () => {
      const answer = await first.call('POST', '/api/v1/tokens', { cookie: own.cookie, body })
      id = answer.json<{ item: { id: string } }>().item.id
      return answer
    })
    expect(made).toEqual({ admin: ['tokens.changed'], own: ['tokens.changed'], ...nobodyElse })
    const reason = { reason: 'leaked' }
    const ended = await hearingOf(() => first.call('DELETE', `/api/v1/tokens/${id}`, { cookie: admin, body: reason }))
    expect(ended).toEqual({ admin: ['tokens.changed'], own: ['tokens.changed'], ...nobodyElse })
  })

  test('a join token is made', async () => {
    const told = await hearingOf(() => first.call('POST', '/api/v1/enrolment-tokens', { cookie: admin, body: {} }))
    expect(told).toEqual({ admin: ['enrolment.changed'], own: [], ...nobodyElse })
  })

  test('what was missed is told to nobody else either', async () => {
    const since = streams.own.blocks.find(({ id }) => id !== undefined)?.id
    const again = await followStream(second, own.cookie, since)
    await again.until(({ event }) => event?.type === 'freeze.changed')
    const types = heard(again).map(({ type }) => type)
    expect(types).toContain('tokens.changed')
    expect(types.filter((type) => type === 'users.changed' || type === 'enrolment.changed')).toEqual([])
    again.stop()
  })
})

test('T11 an API token hears of what it may read alone', () => {
  const token: Hearer = { userId: 'ada', role: 'admin', scope: null, via: 'token' }
  const at = '2026-11-20T10:00:00.000Z'
  expect(mayHear({ type: 'users.changed', at }, token)).toBe(true)
  expect(mayHear({ type: 'sessions.changed', userId: 'ada', at }, token)).toBe(false)
  expect(mayHear({ type: 'tokens.changed', userId: 'ada', at }, { ...token, via: 'session' })).toBe(true)
})
