// Goal: a flood of names from everywhere neither flushes what was counted for one, nor grows the table beyond its sources.
// Method: the brake itself before, between and after a million names; these by the brake's own statement, which is taken from
// a real attempt and put into a function of the database, since a million attempts by themselves take many minutes.
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { BRAKE_LIMITS, pruneAttempts, takeAttempt } from './sign-in-brake.ts'

const NAMES = 1_000_000
/** As many as one source is let try. */
const SOURCES = Math.ceil(NAMES / BRAKE_LIMITS.source)
const BATCHES = 20
const WINDOW_MS = 15 * 60_000
const now = new Date()

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const attempt = (username: string, source: string, on: Kysely<DatabaseSchema> = database.kysely) =>
  takeAttempt(on, { username, source, knownSource: false, now }, async () => undefined).then(
    () => 'let through',
    () => 'stopped',
  )

/** The statement by which an attempt is counted, as the brake sends it. */
const countingStatement = async (): Promise<string> => {
  const sent = new Set<string>()
  const listening = new Kysely<DatabaseSchema>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ ...database.connection, max: 1 }) }),
    log: ({ query }) => void (query.sql.startsWith('insert') && sent.add(query.sql)),
  })
  expect(await attempt('somebody', '192.0.2.250', listening)).toBe('let through')
  await listening.destroy()
  const [statement = '', ...others] = sent
  expect(others).toEqual([])
  return statement
}

/** Counts attempts `first` to `last`: each a name of its own, and thirty of them from one source. */
const flood = (first: number, last: number) => {
  const expired = new Date(now.getTime() - WINDOW_MS)
  // The order in which the brake counts: source, pair, account. A name's key has 22 characters.
  return sql`
    select count(count_attempt(key, ${now}, 1, ${expired}, ${expired}))
    from generate_series(${first}::int, ${last}::int) as n
    cross join lateral (select '10.flood.' || n / ${BRAKE_LIMITS.source}::int as source, lpad(n::text, 22, '0') as name) as one
    cross join lateral unnest(array[
      'source ' || source, 'pair ' || name || ' ' || source, 'account ' || name
    ]) as key`.execute(database.kysely)
}

const counted = () => database.kysely.selectFrom('sign_in_attempts').select(['key', 'attempts']).orderBy('key')
const rowCount = async () =>
  Number(
    (
      await database.kysely
        .selectFrom('sign_in_attempts')
        .select((eb) => eb.fn.countAll().as('rows'))
        .executeTakeFirstOrThrow()
    ).rows,
  )

test('T10 a million names from tens of thousands of sources flush nothing, and leave with their window', async () => {
  const statement = await countingStatement()
  const body = `declare counted record; begin ${statement} into counted; return counted.attempts; end`
  await sql`
    create function count_attempt(text, timestamptz, int, timestamptz, timestamptz) returns int language plpgsql
    as ${sql.lit(body)}`.execute(database.kysely)

  for (let n = 0; n < BRAKE_LIMITS.account; n += 1) await attempt('victim', `192.0.2.${n}`)
  expect(await attempt('victim', '198.51.100.1')).toBe('stopped')
  const before = await counted().execute()

  const size = NAMES / BATCHES
  for (let batch = 0; batch < BATCHES; batch += 2) {
    await Promise.all([batch, batch + 1].map((one) => flood(one * size, (one + 1) * size - 1)))
    if (batch % 10 === 0) await pruneAttempts(database.kysely, now)
    expect(await attempt('victim', `198.51.100.${batch + 2}`)).toBe('stopped')
  }

  // Whoever is stopped adds no more rows, so that the table holds two a name that was looked at, and one a source.
  expect(await rowCount()).toBe(before.length + 2 * NAMES + SOURCES)
  const keys = before.map(({ key }) => key)
  expect(await counted().where('key', 'in', keys).execute()).toEqual(before)
  expect(await attempt('another name', '10.flood.7')).toBe('stopped')
  expect(await attempt('another name', '198.51.100.200')).toBe('let through')
  expect(await rowCount()).toBe(before.length + 2 * NAMES + SOURCES + 3)

  await pruneAttempts(database.kysely, new Date(now.getTime() + WINDOW_MS))
  expect(await rowCount()).toBe(0)
}, 120_000)
