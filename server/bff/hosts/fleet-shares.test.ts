// Goal: what is kept of the whole fleet is what counting it would say, whoever wrote, and at every moment. Method: several writers change
// hosts and their classes of exposure at random, by SQL and past all code of ours, and some take it back, while shares are folded; both
// are read in one snapshot, meanwhile and afterwards.
import { type Kysely, sql, type Transaction } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { foldClassShares, readClassShares } from '../exposure/class-shares.ts'
import { sumShares } from '../fleet/sum-shares.ts'
import { enrolTestHost } from '../ingest/test-host.ts'
import { filterConditions } from './filter-sql.ts'
import { countByShares, foldShares, isCounted, selectShares } from './fleet-shares.ts'
import { hostScopeOf, WHOLE_FLEET } from './host-scope.ts'
import { countHosts } from './queries.ts'

const HOSTS = 40
const CLASSES = ['class-a', 'class-b', 'class-c']
let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await sql`insert into exposure_classes (id, facts, first_seen_at) select id, '{}', now() from unnest(${CLASSES}::text[]) as id`.execute(
    database.kysely,
  )
})
afterAll(() => database.drop())
beforeEach(async () => {
  const { kysely } = database
  await sql`delete from hosts`.execute(kysely)
  await sql`delete from host_exposure`.execute(kysely)
  const model = await enrolTestHost(kysely, { name: 'web' })
  await sql`insert into hosts select (jsonb_populate_record(hosts, jsonb_build_object('id', gen_random_uuid(),
      'labels', jsonb_build_object('env', case n % 2 when 0 then 'prod' else 'test' end)))).*
    from hosts, generate_series(1, ${HOSTS}) as n`.execute(kysely)
  await sql`delete from hosts where id = ${model}`.execute(kysely)
  await sql`insert into host_exposure (host_id, from_at, class_id, host_name, origin, labels, doubts)
    select id, now() - random() * interval '1 day', (${CLASSES}::text[])[1 + floor(random() * 3)::int], name, origin, labels, '[]'
    from hosts`.execute(kysely)
})

type Within = Kysely<DatabaseSchema>

/** Some hosts, in the order in which all lock them. */
const some = (share: number) => sql`(select id from hosts where random() < ${share} order by id for update)`
const ACTS: readonly ((on: Within) => Promise<unknown>)[] = [
  (on) =>
    sql`update hosts set state = (array['stalled', 'patched', 'failed'])[1 + floor(random() * 3)::int],
      kernel_release = '6.' || floor(random() * 4), revision = revision + 1 where id in ${some(0.2)}`.execute(on),
  (on) =>
    sql`update hosts set providers = case when random() < 0.5 then array['livepatch', 'kpatch'] else array['kpatch'] end
      where id in ${some(0.2)}`.execute(on),
  (on) => sql`update hosts set last_seen_at = now() where id in ${some(0.5)}`.execute(on),
  (on) =>
    sql`insert into hosts select (jsonb_populate_record(hosts, jsonb_build_object('id', gen_random_uuid()))).* from hosts
      where id in ${some(0.05)}`.execute(on),
  (on) => sql`delete from hosts where id in ${some(0.05)}`.execute(on),
  (on) =>
    sql`with closed as (
        update host_exposure set to_at = from_at + interval '1 second'
        where to_at is null and host_id in ${some(0.2)} returning *
      ) insert into host_exposure (host_id, from_at, class_id, host_name, origin, labels, doubts)
      select host_id, to_at, (${CLASSES}::text[])[1 + floor(random() * 3)::int], host_name, origin, labels, doubts
      from closed where random() < 0.8`.execute(on),
]

const inOrder = <Row>(rows: readonly Row[]) => rows.map((row) => JSON.stringify(row)).sort()

const compare = async (on: Within): Promise<void> => {
  const counted = await sql`select state, origin, kernel_release as "kernelRelease", providers, count(*)::int as hosts
    from hosts group by 1, 2, 3, 4`.execute(on)
  expect(inOrder(await selectShares(on, WHOLE_FLEET))).toEqual(inOrder(counted.rows))
  const classes = await sql`select class_id as "classId", count(*)::int as count, min(from_at) as since
    from host_exposure where to_at is null group by 1`.execute(on)
  expect(inOrder(await readClassShares(on))).toEqual(inOrder(classes.rows))
}

const inOneMoment = (work: (transaction: Transaction<DatabaseSchema>) => Promise<void>) =>
  database.kysely.transaction().setIsolationLevel('repeatable read').execute(work)

test('shares are what counting says, while many write and afterwards', async () => {
  const write = async (first: number) => {
    for (let turn = 0; turn < 12; turn += 1) {
      const act = ACTS[(first + turn) % ACTS.length]
      const done = database.kysely.transaction().execute(async (transaction) => {
        await act?.(transaction)
        if (turn % 4 === 3) throw new Error('taken back')
      })
      await done.catch((error: Error) => expect(error.message).toBe('taken back'))
      if (turn % 3 === 0) await Promise.all([foldShares(database.kysely), foldClassShares(database.kysely)])
      await inOneMoment(compare)
    }
  }
  await Promise.all([0, 1, 2].map((writer) => write(writer * 2)))
  await foldShares(database.kysely)
  await foldClassShares(database.kysely)
  await inOneMoment(compare)
  for (const table of ['fleet_shares', 'exposure_class_shares']) {
    const { rows } = await sql<{ least: string }>`select min(host_count) as least from ${sql.table(table)}`.execute(
      database.kysely,
    )
    expect(Number(rows[0]?.least)).toBeGreaterThan(0)
  }
})

test('a heartbeat and a reading that changes no word of it append nothing', async () => {
  const rows = async () => (await sql`select from fleet_shares`.execute(database.kysely)).rows.length
  await foldShares(database.kysely)
  const before = await rows()
  await sql`update hosts set last_seen_at = now(), revision = revision + 1`.execute(database.kysely)
  await sql`update hosts set state = state, kernel_release = kernel_release, revision = revision + 1`.execute(
    database.kysely,
  )
  expect(await rows()).toBe(before)
})

test('filters of these words are counted by shares as by hosts; others, and those of a scope, are not', async () => {
  for (const act of ACTS.slice(0, 2)) await act(database.kysely)
  const filters = [
    '',
    'state:stalled',
    'state:stalled,failed',
    '-state:stalled',
    'kernel:6.* origin:agent',
    'provider:liv*',
  ]
  for (const filter of filters) {
    expect(isCounted(WHOLE_FLEET, filter)).toBe(true)
    const conditions = filterConditions(filter)
    const counted = await countHosts(database.kysely, WHOLE_FLEET, conditions)
    expect([filter, await countByShares(database.kysely, conditions)]).toEqual([filter, counted])
  }
  expect(isCounted(WHOLE_FLEET, 'state:stalled label.env:prod')).toBe(false)
  expect(isCounted(hostScopeOf({ scope: 'label.env:prod' }), 'state:stalled')).toBe(false)
})

test('a scope is counted by its own hosts', async () => {
  const { total, byOrigin } = sumShares(await selectShares(database.kysely, hostScopeOf({ scope: 'label.env:prod' })))
  expect({ total, agents: byOrigin.agent }).toEqual({ total: HOSTS / 2, agents: HOSTS / 2 })
})
