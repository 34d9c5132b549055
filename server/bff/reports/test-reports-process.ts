/** A backend that does nothing but send reports, which a test kills: `CONNECTION` is a PoolConfig as JSON, `NOW` what its clock shows. */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { createCompliance } from '../compliance/service.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { sendDueReports } from './send-reports.ts'

const pool = new pg.Pool(JSON.parse(process.env.CONNECTION ?? '{}') as pg.PoolConfig)
const database = new Kysely<DatabaseSchema>({ dialect: new PostgresDialect({ pool }) })
const now = new Date(process.env.NOW ?? '')
const log = { warn: (...words: unknown[]) => console.error(...words) }
const compliance = createCompliance({ database, clock: { now: () => now }, log })
for (;;) {
  await sendDueReports({ database, compliance, log }, now)
  await new Promise((resolve) => setTimeout(resolve, 50))
}
