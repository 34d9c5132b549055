import { createHash, randomUUID } from 'node:crypto'
import type { CveStatement } from '@rebootless/shared/contract/vulnerabilities.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { askForPass } from './judge-pass.ts'

/** A record and pairs of upstream, as feeds of the kernel's CNA come: fixed in mainline at `fixed`. */
export const upstreamCve = (fixed: string, score = 7.8, introduced: string | null = null): CveStatement[] => [
  {
    ...{ kind: 'record', title: `netfilter: fixed in ${fixed}`, description: null, publishedOn: '2024-01-31' },
    ...{ scores: [{ by: 'Linux', version: '3.1', score, vector: null }], files: [], rejected: false },
  },
  { kind: 'upstream_pairs', pairs: [{ introduced, fixed }], fixCommits: [] },
]

const FEED = '7c0e0000-0000-4000-8000-000000000001'

/** A feed says of a CVE this and nothing else from now on; [] takes all back. All classes are due after it. */
export const tell = async (
  database: Kysely<DatabaseSchema>,
  cve: string,
  statements: readonly CveStatement[],
  now: Date,
): Promise<void> => {
  await sql`update cve_statements set to_at = ${now} where cve_id = ${cve} and to_at is null`.execute(database)
  for (const statement of statements) {
    const body = JSON.stringify(statement)
    await database
      .insertInto('cve_statements')
      .values({
        ...{ feed_id: FEED, feed_name: 'test', feed_kind: 'cve_json', cve_id: cve, kind: statement.kind, body },
        ...{ hash: createHash('sha256').update(body).digest('hex'), document: `${cve}.json`, published_on: null },
        from_at: now,
      })
      .execute()
  }
  await askForPass(database)
}

/** The catalogue has a module of this srcversion, of which somebody says that it fixes these. @returns its id */
export const catalogueModule = async (
  database: Kysely<DatabaseSchema>,
  module: { readonly name: string; readonly srcversion: string; readonly cves: readonly string[] },
  now: Date,
): Promise<string> => {
  const sha256 = createHash('sha256').update(randomUUID()).digest('hex')
  await database
    .insertInto('artefacts')
    .values({
      ...{ sha256, size: 1, name: module.name, vermagic: '6.12.1-amd64 SMP', version: null, depends: [] },
      ...{ srcversion: module.srcversion, release_counter: 1, uploaded_by: 'test', uploaded_at: now, facts: 'null' },
      hand_cves: [...module.cves],
    })
    .execute()
  return sha256
}
