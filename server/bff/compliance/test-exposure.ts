import { createHash } from 'node:crypto'
import type { ExposureFacts, Verdict } from '@rebootless/shared/contract/exposure.ts'
import type { Doubt, ExposureRule, Severity, VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** Writes the rows of migration 0026 as ingest and judge do: a row is closed, and another opened. */
export const writeExposure = (database: Kysely<DatabaseSchema>) => ({
  async class(name: string, at: Date, facts: Partial<ExposureFacts> = {}): Promise<string> {
    const id = createHash('sha256').update(name).digest('hex')
    const whole: ExposureFacts = {
      ...{ release: `6.1.0-${name}`, version: null, architecture: 'x86_64', effectiveKernel: null, livepatches: [] },
      ...{ operatingSystem: { id: 'debian', versionId: '12' }, livepatchPackages: null, installedKernels: [] },
      ...facts,
    }
    const row = { id, facts: JSON.stringify(whole), first_seen_at: at }
    await database
      .insertInto('exposure_classes')
      .values(row)
      .onConflict((one) => one.doNothing())
      .execute()
    return id
  },
  async cve(id: string, at: Date, facts: { severity: Severity; publishedOn?: string; knownExploitedOn?: string }) {
    await database
      .updateTable('cve_facts')
      .set({ to_at: at })
      .where('cve_id', '=', id)
      .where('to_at', 'is', null)
      .execute()
    await database
      .insertInto('cve_facts')
      .values({
        ...{ cve_id: id, from_at: at, title: null, severity: facts.severity, score: null, scored_by: null },
        ...{
          published_on: facts.publishedOn ?? null,
          known_exploited_on: facts.knownExploitedOn ?? null,
          rejected: false,
        },
      })
      .execute()
  },
  async verdict(
    classId: string,
    cveId: string,
    at: Date,
    status: VerdictStatus,
    more: { fixAvailableOn?: string; by?: string; rule?: ExposureRule } = {},
  ) {
    const { fixAvailableOn = null, by = null, rule = 'vendor_affected' } = more
    const body: Verdict = { status, rule, by, why: 'test', feed: null, document: null, fixAvailableOn }
    const open = database.updateTable('exposure_verdicts').set({ to_at: at }).where('to_at', 'is', null)
    await open.where('class_id', '=', classId).where('cve_id', '=', cveId).execute()
    await database
      .insertInto('exposure_verdicts')
      .values({ class_id: classId, cve_id: cveId, from_at: at, status, rule, body: JSON.stringify(body) })
      .execute()
    await sql`update exposure_classes set version = nextval('exposure_versions') where id = ${classId}`.execute(
      database,
    )
  },
  async host(
    id: string,
    classId: string,
    at: Date,
    more: { name?: string; labels?: Record<string, string>; doubts?: readonly Doubt[] } = {},
  ) {
    const { name = id.slice(0, 8), labels = {}, doubts = [] } = more
    await database
      .updateTable('host_exposure')
      .set({ to_at: at })
      .where('host_id', '=', id)
      .where('to_at', 'is', null)
      .execute()
    await database
      .insertInto('host_exposure')
      .values({
        ...{ host_id: id, from_at: at, class_id: classId, host_name: name, origin: 'simulated', read_at: at },
        labels: JSON.stringify(labels),
        doubts: JSON.stringify(doubts.map((doubt) => ({ doubt, why: 'test' }))),
      })
      .execute()
  },
  async removeHost(id: string, at: Date) {
    await database
      .updateTable('host_exposure')
      .set({ to_at: at })
      .where('host_id', '=', id)
      .where('to_at', 'is', null)
      .execute()
  },
})
