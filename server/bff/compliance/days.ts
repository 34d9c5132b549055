import type {
  ComplianceCounts,
  ComplianceDay,
  ComplianceTrend,
  ComplianceTrendQuery,
} from '@rebootless/shared/contract/compliance.ts'
import {
  DATACENTRE_LABELS,
  OWNER_LABELS,
  type TrendDimension,
} from '@rebootless/shared/domain/compliance/compliance-words.ts'
import { countsByLabel, labelOf, summarise } from '@rebootless/shared/domain/compliance/summarise.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { type Judgement, judgeFleet } from './judgement.ts'

export const DAY_MS = 24 * 60 * 60_000
/** After midnight, so that what was under way then is in the database. */
const LATE_MS = 5 * 60_000
/** The letters of "Rbcd": one backend writes days at a time. */
const DAYS_LOCK = 0x52_62_63_64

export const dayText = (at: number) => new Date(at).toISOString().slice(0, 10)
const stored = (value: string | null) => (value === null ? '' : `=${value}`)

/** When the last day that is over and in the database ended. */
export const lastMidnight = (now: Date): number => Date.parse(dayText(now.getTime() - LATE_MS))

type Figures = Omit<ComplianceDay, 'day' | 'value'>
/** What a day is told by. */
export const figuresOf = ({ fleet, hosts }: Judgement): Figures => {
  const { counts, bySeverity, knownExploited, accepted, unknown, supported, policyVersion } = summarise(hosts, fleet, 1)
  return {
    ...{ counts, knownExploitedHosts: knownExploited.hosts, acceptedHosts: accepted.hosts, policyVersion },
    ...{ unknownHosts: unknown.hosts, supportedHosts: supported.hosts },
    bySeverity: bySeverity.map(({ severity, cves, hosts, overdueHosts }) => ({ severity, cves, hosts, overdueHosts })),
  }
}

/** What is kept of a day, from how it ended. */
export const rollUp = (judgement: Judgement): { dimension: TrendDimension; value: string; figures: Figures }[] => {
  const { fleet, hosts } = judgement
  const by = (dimension: TrendDimension, keys: readonly string[]) =>
    countsByLabel(hosts, keys, fleet.at).map(({ value }: ComplianceCounts & { value: string | null }) => ({
      ...{ dimension, value: stored(value) },
      figures: figuresOf({ fleet, hosts: hosts.filter((one) => labelOf(one, keys) === value) }),
    }))
  return [
    { dimension: 'fleet', value: '', figures: figuresOf(judgement) },
    ...by('owner', OWNER_LABELS),
    ...by('datacentre', DATACENTRE_LABELS),
  ]
}

/** When the first day that is not written yet ends; null: all that are over are written. */
const nextMidnight = async (database: Kysely<DatabaseSchema>, now: Date): Promise<number | null> => {
  const { rows } = await sql<{ day: string | null; first: Date | null }>`select
    (select max(day) from compliance_days where dimension = 'fleet') as day,
    (select min(from_at) from host_exposure) as first`.execute(database)
  const { day = null, first = null } = rows[0] ?? {}
  if (first === null) return null
  const next = day === null ? Date.parse(dayText(first.getTime())) + DAY_MS : Date.parse(day) + 2 * DAY_MS
  return next + LATE_MS <= now.getTime() ? next : null
}

/**
 * Writes the days that are over and not written, oldest first, each from the periods as they were recorded: after a year of
 * downtime the same as if it had been there each midnight.
 * @returns how many
 */
export const writeDays = async (
  database: Kysely<DatabaseSchema>,
  now: () => Date,
  signal?: AbortSignal,
): Promise<number> => {
  for (let written = 0; ; written += 1) {
    signal?.throwIfAborted()
    const midnight = await nextMidnight(database, now())
    if (midnight === null) return written
    const day = dayText(midnight - DAY_MS)
    const rows = rollUp(await judgeFleet(database, new Date(midnight), signal))
    const isMine = await database.transaction().execute(async (transaction) => {
      const lock = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${DAYS_LOCK}) as mine`.execute(
        transaction,
      )
      if (lock.rows[0]?.mine !== true) return false
      await transaction
        .insertInto('compliance_days')
        .values(
          rows.map(({ dimension, value, figures }) => ({
            ...{ day, dimension, value, figures: JSON.stringify(figures), written_at: now() },
          })),
        )
        .onConflict((conflict) => conflict.columns(['dimension', 'day', 'value']).doNothing())
        .execute()
      return true
    })
    // Another backend writes them: it comes to the others too.
    if (!isMine) return written
  }
}

/** Oldest first. */
export const readTrend = async (
  database: Kysely<DatabaseSchema>,
  { days, by, value }: ComplianceTrendQuery,
  now: Date,
): Promise<ComplianceTrend> => {
  const rows = await database
    .selectFrom('compliance_days')
    .selectAll()
    .where('dimension', '=', by)
    .where('day', '>=', dayText(now.getTime() - days * DAY_MS))
    .$if(value !== undefined, (query) => query.where('value', '=', value === '' ? '' : stored(value ?? '')))
    .orderBy('day', 'desc')
    .orderBy('value')
    .limit(DAYS_ANSWERED_MAX)
    .execute()
  return {
    days: rows
      .reverse()
      .map(({ day, value, figures }) => ({ day, value: value === '' ? null : value.slice(1), ...figures })),
    asOf: now.toISOString(),
  }
}

/** As the contract bounds it: of more the newest. */
const DAYS_ANSWERED_MAX = 40_000
