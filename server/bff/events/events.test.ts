// Goal: every open page hears every change, once, and finds its place again. Method: two real backends on one database,
// read over sockets.
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { enrolTestHost, openTestLink } from '../ingest/test-host.ts'
import * as make from '../ingest/test-messages.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'
import { appendEvents } from './append-event.ts'
import { STREAMS_PER_SESSION } from './event-streams.ts'
import { followStream, type StreamBlock } from './test-stream.ts'

let database: TestDatabase
let first: TestBackend
let second: TestBackend
let cookie: string
beforeAll(async () => {
  database = await createTestDatabase()
  first = await startTestBackend(database)
  second = await startTestBackend(database)
  cookie = await first.signIn()
})
afterAll(async () => {
  await Promise.all([first.close(), second.close()])
  await database.drop()
})

const tells = (hostId: string, state?: string) => (block: StreamBlock) =>
  block.event?.type === 'host.changed' &&
  block.event.host.id === hostId &&
  (state === undefined || block.event.host.state === state)
const positioned = (block: StreamBlock) => block.id !== undefined

test('a change on one backend is told by both, in the contract’s form', async () => {
  const streams = await Promise.all([followStream(first, cookie), followStream(second, cookie)])
  await Promise.all(streams.map(({ until }) => until(positioned)))
  expect(streams[0]?.response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
  })
  const hostId = await enrolTestHost(database.kysely)
  await openTestLink(first.ingest, hostId, 'link', first.clock.now())
  await first.ingest.accept(hostId, make.snapshotMessage({ epoch: 1, sequence: 1 }), first.clock.now())
  const told = await Promise.all(streams.map(({ until }) => until(tells(hostId, 'patched'))))
  expect(told[0]?.id).toBe(told[1]?.id)
  for (const { stop } of streams) stop()
})

test('a row that breaks the contract is left out, and what comes behind it is told', async () => {
  const stream = await followStream(first, cookie)
  await stream.until(positioned)
  const [broken, whole] = [await enrolTestHost(database.kysely), await enrolTestHost(database.kysely)]
  await stream.until(tells(whole))
  const appended = async (hostId: string) =>
    database.kysely
      .transaction()
      .execute((transaction) =>
        appendEvents(transaction, [{ type: 'host.changed', hostId, revision: 9, at: first.clock.now() }]),
      )
  await sql`update hosts set architecture = ${'x'.repeat(5_000)} where id = ${broken}`.execute(database.kysely)
  await appended(broken)
  const heard = stream.blocks.length
  await appended(whole)
  await expect.poll(() => stream.blocks.slice(heard).some(tells(whole))).toBe(true)
  expect(stream.blocks.slice(heard).some(tells(broken))).toBe(false)
  await sql`update hosts set architecture = '' where id = ${broken}`.execute(database.kysely)
  stream.stop()
})

test('a page’s first stream begins where its first answer stood, not where the stream happens to open', async () => {
  const session = await first.call('GET', '/api/v1/session', { cookie })
  const { lastEventId } = session.json<{ lastEventId: string }>()
  const hostId = await enrolTestHost(database.kysely)
  const path = `/api/v1/events?lastEventId=${lastEventId}`
  const stream = await followStream(second, cookie, undefined, path)
  await stream.until(tells(hostId))
  stream.stop()
  // The address stays when the browser takes the stream up again; what it heard last counts then.
  const { id } = stream.blocks.at(-1) ?? {}
  const again = await followStream(second, cookie, id, path)
  await again.until(positioned)
  expect(again.blocks.some(tells(hostId))).toBe(false)
  again.stop()
})

describe('a stream taken up again', () => {
  test('gets what it missed, once and in order, on another backend as well', async () => {
    const before = await followStream(first, cookie)
    const { id } = await before.until(positioned)
    before.stop()
    const hostIds: string[] = []
    for (let n = 0; n < 5; n += 1) hostIds.push(await enrolTestHost(database.kysely))
    const after = await followStream(second, cookie, id)
    for (const hostId of hostIds) await after.until(tells(hostId))
    await enrolTestHost(database.kysely)
    await after.until(({ event }) => event?.type === 'host.changed' && !hostIds.includes(event.host.id))
    const ids = after.blocks.flatMap((block) => (block.event?.type === 'host.changed' ? [Number(block.id)] : []))
    expect(ids).toEqual([...new Set(ids)].sort((left, right) => left - right))
    expect(ids.length).toBe(6)
    after.stop()
  })

  test.each([
    ['from a time that is gone', '1'],
    ['from the future', '999999999999'],
  ])('%s is told to begin anew', async (_, id) => {
    const { id: newest } = await database.kysely
      .selectFrom('events')
      .select('id')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    await database.kysely.deleteFrom('events').where('id', '<', newest).execute()
    const fresh = await startTestBackend(database)
    const stream = await followStream(fresh, cookie, id)
    const block = await stream.until(({ event }) => event?.type === 'reset')
    expect(block.id).toBe(newest)
    stream.stop()
    await fresh.close()
  })

  test('with what is no id begins with what comes next', async () => {
    const stream = await followStream(first, cookie, "1'; drop table events")
    await stream.until(positioned)
    expect(stream.blocks.every(({ event }) => event === undefined)).toBe(true)
    stream.stop()
  })
})

test('ids rise in the order of commits, however many write at once', async () => {
  const stream = await followStream(second, cookie)
  const { id: start } = await stream.until(positioned)
  const hostIds = await Promise.all(Array.from({ length: 40 }, () => enrolTestHost(database.kysely)))
  for (const hostId of hostIds) await stream.until(tells(hostId))
  const rows = await database.kysely
    .selectFrom('events')
    .select('id')
    .where('id', '>', start ?? '0')
    .where('type', '=', 'host.changed')
    .orderBy('id')
    .execute()
  expect(stream.blocks.flatMap((block) => (block.event?.type === 'host.changed' ? [block.id] : []))).toEqual(
    rows.map(({ id }) => id),
  )
  stream.stop()
})

describe('T01 the end of a session', () => {
  test('ends its streams on every backend within five seconds', async () => {
    const session = await first.signIn()
    const streams = await Promise.all([followStream(first, session), followStream(second, session)])
    const begun = performance.now()
    await first.call('DELETE', '/api/v1/session', { cookie: session })
    await Promise.all(streams.map(({ ended }) => ended))
    expect(performance.now() - begun).toBeLessThan(5_000)
  })
})

describe('T09 streams', () => {
  test('of one session are bounded, and an ended one makes room', async () => {
    const session = await first.signIn()
    const streams = []
    for (let n = 0; n < STREAMS_PER_SESSION; n += 1) streams.push(await followStream(first, session))
    expect((await first.call('GET', '/api/v1/events', { cookie: session })).json()).toMatchObject({
      status: 429,
      type: '/problems/too_many_streams',
    })
    streams[0]?.stop()
    for (let again = await followStream(first, session); ; again = await followStream(first, session)) {
      if (again.response.statusCode === 200) {
        again.stop()
        break
      }
      await sleep(20)
    }
    for (const { stop } of streams) stop()
  })

  test('of a client that does not read are cut, and others go on', async () => {
    const slow = await followStream(first, cookie)
    await slow.until(positioned)
    slow.response.pause()
    const quick = await followStream(first, cookie)
    // Long labels make large events; the kernel's own socket buffers take the first few megabytes.
    const hostId = await enrolTestHost(database.kysely, {
      labels: Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`key-${n}`, 'x'.repeat(63)])),
    })
    let cut = false
    for (let n = 0; !cut && n < 400; n += 1) {
      await openTestLink(first.ingest, hostId, `link-${n}`, first.clock.now())
      await first.ingest.linkClosed(hostId, `link-${n}`, first.clock.now())
      const { text } = await first.call('GET', '/metrics')
      cut = /^rebootless_event_streams 1$/m.test(text)
    }
    expect(cut).toBe(true)
    const other = await enrolTestHost(database.kysely)
    await quick.until(tells(other))
    quick.stop()
    slow.stop()
  })
})
