import type { ComplianceRow } from '@rebootless/shared/contract/compliance-documents.ts'
import type { DoubtOfHost, ExposureFacts, Verdict } from '@rebootless/shared/contract/exposure.ts'
import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type { Exposure, VerdictStatus } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import { type Kysely, sql } from 'kysely'
import { type Accepted, acceptedAt } from '../compliance/accepted.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { type AskedHosts, holdsAt, hostRows, readClassHosts } from '../exposure/host-rows.ts'
import { createKnownCves } from '../exposure/known-cves.ts'

type Db = Kysely<DatabaseSchema>

/** Hosts of one class that are read together. */
const HOSTS_AT_ONCE = 200

/** One class of hosts with what its CVEs are to it; `hosts` are those of a part of it. */
export interface ClassPart {
  readonly facts: ExposureFacts
  readonly hosts: readonly HostOfFile[]
  readonly verdicts: readonly JudgedCve[]
}
export interface HostOfFile {
  readonly id: string
  readonly name: string
  readonly origin: HostOrigin
  readonly labels: Labels
  readonly doubts: readonly DoubtOfHost[]
  readonly readAt: string | null
}
export interface JudgedCve {
  readonly id: string
  readonly severity: ComplianceRow['severity']
  readonly score: number | null
  readonly verdict: Verdict
  readonly acceptedUntil: (host: HostOfFile) => string | null
}

/**
 * Always of a moment, the present too: a file takes long to read, and hosts that change classes meanwhile would stand in it twice or
 * not at all.
 */
type AskedAtMoment = AskedHosts & { readonly at: Date }

/** Before exceptions are looked at: what is accepted is one of the first two. */
const statusesOf = (wanted: readonly Exposure[]): VerdictStatus[] => [
  ...new Set(wanted.flatMap((word): VerdictStatus[] => (word === 'accepted' ? ['exposed', 'fixed_on_disk'] : [word]))),
]

/** Class by class, so that no more than the verdicts of one, and some hundreds of its hosts, are in memory. */
export async function* classParts(
  database: Db,
  asked: AskedAtMoment,
  wanted: readonly Exposure[],
): AsyncGenerator<ClassPart> {
  const accepted = await acceptedAt(database, asked.at)
  const { known } = await createKnownCves(database).at(asked.at)
  const classes = (await readClassHosts(database, asked)).map(({ classId }) => classId).sort()
  for (const classId of classes) {
    const facts = await readFacts(database, classId)
    const bodies = await readVerdicts(database, classId, asked.at, statusesOf(wanted))
    if (facts === undefined || bodies.length === 0) continue
    const verdicts = bodies.map(({ id, verdict }): JudgedCve => {
      const { severity, score } = known.get(id) ?? { severity: 'unknown' as const, score: null }
      const mayBeAccepted = verdict.status === 'exposed' || verdict.status === 'fixed_on_disk'
      const acceptedUntil = (host: HostOfFile) =>
        mayBeAccepted ? untilOf(accepted, { id, severity }, host, facts) : null
      return { id, severity, score, verdict, acceptedUntil }
    })
    for (let after = ''; ; ) {
      const hosts = await readHosts(database, asked, classId, after)
      const last = hosts.at(-1)
      if (last === undefined) break
      yield { facts, hosts, verdicts }
      if (hosts.length < HOSTS_AT_ONCE) break
      after = last.id
    }
  }
}

const untilOf = (
  accepted: Accepted,
  cve: Parameters<Accepted['until']>[0],
  { name, origin, labels }: HostOfFile,
  { release, architecture }: ExposureFacts,
): string | null => accepted.until(cve, { name, origin, labels, release, architecture })?.toISOString() ?? null

const readFacts = async (database: Db, classId: string): Promise<ExposureFacts | undefined> =>
  (await database.selectFrom('exposure_classes').select('facts').where('id', '=', classId).executeTakeFirst())?.facts

const readVerdicts = async (database: Db, classId: string, at: Date | null, statuses: VerdictStatus[]) => {
  const rows = await database
    .selectFrom('exposure_verdicts')
    .select(['cve_id', 'body'])
    .where('class_id', '=', classId)
    .where('status', 'in', statuses)
    .where(holdsAt(at, 'exposure_verdicts'))
    .orderBy('cve_id')
    .execute()
  return rows.map(({ cve_id: id, body: verdict }) => ({ id, verdict }))
}

const readHosts = async (database: Db, asked: AskedHosts, classId: string, after: string): Promise<HostOfFile[]> => {
  const behind = after === '' ? sql`true` : sql`id > ${after}::uuid`
  const { rows } = await sql<Omit<HostOfFile, 'readAt'> & { read_at: Date | null }>`
    select id, name, origin, labels, doubts, read_at from ${hostRows(asked)}
    where class_id = ${classId} and ${behind} order by id limit ${HOSTS_AT_ONCE}`.execute(database)
  return rows.map(({ read_at: readAt, ...row }) => ({ ...row, readAt: readAt?.toISOString() ?? null }))
}

/** The rows that are wanted, of one host after another. */
export async function* rowsByHost(
  parts: AsyncIterable<ClassPart>,
  wanted: ReadonlySet<Exposure>,
): AsyncGenerator<ComplianceRow[]> {
  for await (const { facts, hosts, verdicts } of parts) {
    for (const host of hosts) {
      const rows = verdicts.map((cve) => rowOf(host, facts, cve)).filter(({ exposure }) => wanted.has(exposure))
      if (rows.length > 0) yield rows
    }
  }
}

const rowOf = (
  hostOfFile: HostOfFile,
  { release: kernelRelease, architecture }: ExposureFacts,
  { id: cve, severity, score, verdict, acceptedUntil: until }: JudgedCve,
): ComplianceRow => {
  const { doubts, readAt, ...host } = hostOfFile
  const acceptedUntil = until(hostOfFile)
  return {
    host: { ...host, kernelRelease, architecture },
    ...{ cve, severity, score, exposure: acceptedUntil === null ? verdict.status : 'accepted', acceptedUntil },
    ...{ verdict, doubts: [...doubts], readAt },
  }
}
