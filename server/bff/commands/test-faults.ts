import { Kysely, PostgresDialect } from 'kysely'
import pg, { type PoolClient, type PoolConfig } from 'pg'
import type { DatabaseSchema } from '../database/schema.ts'

/** What befalls a process in the tests: it is gone, and nothing that it was about to do happens any more. */
export class Killed extends Error {}

/**
 * A process that can be killed at any of its effects: each statement to the database, and whatever else asks `effect`.
 * A dead one's connections break, so the database undoes what was not committed.
 */
export const createMortal = (
  connection: PoolConfig,
  onEffect: (count: number, moment: 'before' | 'after') => 'die' | 'live',
) => {
  const pool = new pg.Pool({ ...connection, max: 4 })
  pool.on('error', () => undefined)
  let dead = false
  let count = 0
  const die = (): never => {
    dead = true
    throw new Killed('the process is gone')
  }
  const effect = async <T>(work: () => Promise<T> | T): Promise<T> => {
    if (dead) return die()
    count += 1
    const at = count
    if (onEffect(at, 'before') === 'die') return die()
    const result = await work()
    if (onEffect(at, 'after') === 'die') return die()
    return result
  }
  const mortal = (client: PoolClient) => ({
    query: (text: string, values?: readonly unknown[]) => effect(() => client.query(text, [...(values ?? [])])),
    // Truthy: the connection is closed, and not kept for others.
    release: () => client.release(dead),
  })
  const kysely = new Kysely<DatabaseSchema>({
    dialect: new PostgresDialect({
      pool: {
        connect: async () => mortal(await pool.connect()) as unknown as PoolClient,
        end: () => pool.end(),
      } as unknown as pg.Pool,
    }),
  })
  return { kysely, effect, effects: () => count, end: () => kysely.destroy() }
}
