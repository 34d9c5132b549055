// Goal: a flood of names from everywhere neither flushes what was counted for one, nor grows the table beyond its sources.
// Method: the brake itself before, between and after so many names; these by the brake's own statement, which is taken from
// a real attempt and given many rows at a time, since a million attempts one by one take many minutes. FLOOD_NAMES=500000 is the
// whole, as CI runs it.
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DatabaseSchema } from '../database/schema.ts'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { BRAKE_LIMITS, pruneAttempts, takeAttempt } from './sign-in-brake.ts'

const ASKED = Number(process.env.FLOOD_NAMES ?? 100_000)
const SOURCES = Math.ceil(ASKED / BRAKE_LIMITS.source)
/** One source is let try so many. */
const NAMES = SOURCES * BRAKE_LIMITS.source
const WINDOW_MS = 15 * 60_000
const now = new Date()

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  // Half of what the rows cost is the write-ahead log, which would matter only after a crash.
  await sql`alter table sign_in_attempts set unlogged`.execute(database.kysely)
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

/**
 * Each source tries one name more, all of them at once: the statement as it is, but that its row comes from a series. An
 * attempt counts source, pair and account; a name's key has 22 characters. @returns the attempts of the busiest
 */
const flood = async (pool: pg.Pool, statement: string, round: number): Promise<number> => {
  const expired = new Date(now.getTime() - WINDOW_MS)
  const rows = `select key, $2::timestamptz, $3::int
    from generate_series($1::int * ${SOURCES}, ($1::int + 1) * ${SOURCES} - 1) as n
    cross join lateral (select '10.flood.' || n % ${SOURCES} as source, lpad(n::text, 22, '0') as name) as one
    cross join lateral unnest(array['source ' || source, 'pair ' || name || ' ' || source, 'account ' || name]) as key`
  const text = statement.replace('values ($1, $2, $3)', rows)
  expect(text).not.toBe(statement)
  const answer = await pool.query(`with counted as (${text}) select max(attempts) as most from counted`, [
    ...[round, now, 1, expired, expired],
  ])
  return answer.rows[0].most
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

test('T10 a flood of names from everywhere flushes nothing, and leaves with its window', async () => {
  const statement = await countingStatement()
  for (let n = 0; n < BRAKE_LIMITS.account; n += 1) await attempt('victim', `192.0.2.${n}`)
  expect(await attempt('victim', '198.51.100.1')).toBe('stopped')
  const before = await counted().execute()

  const pool = new pg.Pool({ ...database.connection, max: 1 })
  for (let round = 0; round < BRAKE_LIMITS.source; round += 1) {
    expect(await flood(pool, statement, round)).toBe(round + 1)
    if (round % 10 === 0) await pruneAttempts(database.kysely, now)
    expect(await attempt('victim', `198.51.100.${round + 2}`)).toBe('stopped')
  }
  await pool.end()

  // Whoever is stopped adds no more rows, so that the table holds two a name that was looked at, and one a source.
  expect(NAMES).toBeGreaterThanOrEqual(ASKED)
  expect(await rowCount()).toBe(before.length + 2 * NAMES + SOURCES)
  const keys = before.map(({ key }) => key)
  expect(await counted().where('key', 'in', keys).execute()).toEqual(before)
  expect(await attempt('another name', '10.flood.7')).toBe('stopped')
  expect(await attempt('another name', '198.51.100.200')).toBe('let through')
  expect(await rowCount()).toBe(before.length + 2 * NAMES + SOURCES + 3)

  await pruneAttempts(database.kysely, new Date(now.getTime() + WINDOW_MS))
  expect(await rowCount()).toBe(0)
}, 90_000)
