import { createHash } from 'node:crypto'
import type { Verdict } from '@rebootless/shared/contract/exposure.ts'
import type { Severity } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'

/** A class as it was judged. */
export interface JudgedClass {
  readonly id: string
  readonly verdicts: ReadonlyMap<string, Verdict>
  /** Of all verdicts: equal prints, equal verdicts. */
  readonly print: string
  readonly exposed: number
  readonly knownExploited: number
  readonly worst: Severity | null
  /** Worst first: fixed by a kernel that is on disk; and by a kernel alone, without a livepatch. */
  readonly diskCves: readonly string[]
  readonly kernelCves: readonly string[]
}

interface OpenVerdict {
  readonly cve_id: string
  readonly hash: string
}

/**
 * Closes verdicts that are others now, or are of a CVE that nobody speaks of any more, and opens the next, of several classes in
 * one transaction: no reader finds a class half judged. Those that stay are not touched.
 * @returns how many were opened or closed
 */
export const writeVerdicts = async (
  transaction: Transaction<DatabaseSchema>,
  classes: readonly JudgedClass[],
  pass: string,
  now: Date,
  makeWay: () => void,
): Promise<number> => {
  const before = await readPrints(
    transaction,
    classes.map(({ id }) => id),
  )
  const changed = classes.filter(({ id, print }) => before.get(id) !== print)
  let written = 0
  for (const judged of changed) written += await writeClass(transaction, judged, now, makeWay)
  makeWay()
  await writeSummaries(transaction, changed)
  await transaction
    .updateTable('exposure_classes')
    .set({ judged_pass: pass })
    .where(
      'id',
      'in',
      classes.map(({ id }) => id),
    )
    .execute()
  return written
}

const readPrints = async (
  database: Kysely<DatabaseSchema>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string | null>> => {
  const rows = await database.selectFrom('exposure_classes').select(['id', 'print']).where('id', 'in', ids).execute()
  return new Map(rows.map(({ id, print }) => [id, print]))
}

/** The body is stored as it is written (PostgreSQL, 8.14: json keeps the text), so its hash tells whether it is the same. */
const writeClass = async (
  transaction: Transaction<DatabaseSchema>,
  { id, verdicts }: JudgedClass,
  now: Date,
  makeWay: () => void,
): Promise<number> => {
  makeWay()
  const { rows } = await sql<OpenVerdict>`
    select cve_id, md5(body::text) as hash from exposure_verdicts where class_id = ${id} and to_at is null
  `.execute(transaction)
  const open = new Map(rows.map(({ cve_id, hash }) => [cve_id, hash]))
  const changed = [...verdicts]
    .map(([cve, verdict]) => ({ cve, verdict, body: JSON.stringify(verdict) }))
    .filter(({ cve, body }) => open.get(cve) !== md5(body))
  const ended = [...open.keys()].filter((cve) => !verdicts.has(cve))
  if (changed.length + ended.length === 0) return 0
  const ids = changed.map(({ cve }) => cve)
  makeWay()
  await sql`
    with closed as (
      update exposure_verdicts set to_at = greatest(${now}::timestamptz, from_at + interval '1 millisecond')
      where class_id = ${id} and cve_id = any(${[...ids, ...ended]}::text[]) and to_at is null
      returning cve_id, to_at
    )
    insert into exposure_verdicts (class_id, cve_id, status, rule, body, from_at)
    select ${id}, verdict.cve_id, verdict.status, verdict.rule, verdict.body::json, coalesce(closed.to_at, ${now})
    from unnest(
      ${ids}::text[], ${changed.map(({ verdict }) => verdict.status)}::text[],
      ${changed.map(({ verdict }) => verdict.rule)}::text[], ${changed.map(({ body }) => body)}::text[]
    ) as verdict (cve_id, status, rule, body)
    left join closed on closed.cve_id = verdict.cve_id`.execute(transaction)
  return changed.length + ended.length
}

/** What lists show; the version tells who keeps verdicts in memory which classes to read again. */
const writeSummaries = async (
  transaction: Transaction<DatabaseSchema>,
  classes: readonly JudgedClass[],
): Promise<void> => {
  if (classes.length === 0) return
  const column = <T>(of: (judged: JudgedClass) => T) => classes.map(of)
  await sql`
    update exposure_classes set print = judged.print, exposed = judged.exposed,
      known_exploited = judged.known_exploited, worst = judged.worst,
      disk_cves = array(select json_array_elements_text(judged.disk_cves::json)),
      kernel_cves = array(select json_array_elements_text(judged.kernel_cves::json)), version = nextval('exposure_versions')
    from unnest(
      ${column(({ id }) => id)}::text[], ${column(({ print }) => print)}::text[],
      ${column(({ exposed }) => exposed)}::int[], ${column(({ knownExploited }) => knownExploited)}::int[],
      ${column(({ worst }) => worst)}::text[],
      ${column(({ diskCves }) => JSON.stringify(diskCves))}::text[],
      ${column(({ kernelCves }) => JSON.stringify(kernelCves))}::text[]
    ) as judged (id, print, exposed, known_exploited, worst, disk_cves, kernel_cves)
    where exposure_classes.id = judged.id`.execute(transaction)
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
