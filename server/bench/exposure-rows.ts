import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ExposureFacts } from '@rebootless/shared/contract/exposure.ts'
import { exposureClassKey } from '@rebootless/shared/domain/exposure/exposure-facts.ts'
import { generatedHost, groundOf } from '@rebootless/shared/domain/exposure/oracle/generated-hosts.ts'
import { seeded } from '@rebootless/shared/domain/exposure/test-seeded.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../bff/database/schema.ts'
import { loadKnowledge } from '../bff/vulnerabilities/knowledge.ts'

type Store = Kysely<DatabaseSchema>

/** @returns how many CVEs ship, once all of them are read */
export const shippedCves = async (database: Store): Promise<number> => {
  let shipped = 0
  for (let before = -1; shipped === 0 || shipped !== before; await sleep(2_000)) {
    before = shipped
    const { rows } = await sql<{ count: string }>`select count(distinct cve_id) as count from cve_statements`.execute(
      database,
    )
    shipped = Number(rows[0]?.count)
  }
  return shipped
}

/** So many classes of hosts around the versions that are known; the same ones each time. */
export const makeClasses = async (database: Store, count: number): Promise<string[]> => {
  const random = seeded(1)
  const { cves, notices } = await loadKnowledge(database)
  const ground = groundOf(
    cves,
    notices.map(({ notice }) => notice),
    random,
  )
  const classes = new Map<string, ExposureFacts>()
  while (classes.size < count) {
    const { facts } = generatedHost(ground)
    classes.set(createHash('sha256').update(exposureClassKey(facts)).digest('hex'), facts)
  }
  for (const [id, facts] of classes) {
    const row = { id, facts: JSON.stringify(facts), first_seen_at: new Date() }
    await database.insertInto('exposure_classes').values(row).execute()
  }
  return [...classes.keys()]
}

/** @returns seconds until all classes are judged, of which the first may be waiting for the program to look */
export const judgeAll = async (database: Store): Promise<number> => {
  const { rows } = await sql<{ pass: string }>`update exposure_state set pass = pass + 1 returning pass`.execute(
    database,
  )
  const startedAt = performance.now()
  await sql`select pg_notify('rebootless_exposure', '')`.execute(database)
  for (; ; await sleep(500)) {
    const state = await database.selectFrom('exposure_state').select('judged_pass').executeTakeFirstOrThrow()
    if (BigInt(state.judged_pass ?? 0) >= BigInt(rows[0]?.pass ?? 0)) return (performance.now() - startedAt) / 1000
  }
}
