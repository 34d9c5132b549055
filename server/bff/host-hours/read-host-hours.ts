import {
  GAPS_OF_HOST_MAX,
  type GapHost,
  HOST_HOUR_DAYS_MAX,
  type HostHours,
  type HostHoursQuery,
} from '@rebootless/shared/contract/host-hours.ts'
import { gapsOfHost } from '@rebootless/shared/domain/host-hours/gaps-of-host.ts'
import {
  DAY_MS,
  HOUR_MS,
  hoursByDay,
  type MillisecondsByPart,
  noMilliseconds,
} from '@rebootless/shared/domain/host-hours/hours-by-day.ts'
import type { Kysely, Transaction } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { cveNotFound } from '../exposure/read-cve.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { readCataloguedFixes } from './catalogued-fixes.ts'
import { type AskedPeriod, readPeriods, readSpent, type SpentRows } from './host-hours-sql.ts'

const hours = (milliseconds: number): number => Math.round((milliseconds / HOUR_MS) * 1000) / 1000
const hoursByPart = (spent: MillisecondsByPart) => ({
  ...{ before_fix: hours(spent.before_fix), before_loaded: hours(spent.before_loaded) },
  ...{ in_transition: hours(spent.in_transition), gap: hours(spent.gap) },
  ...{ unknown: hours(spent.unknown), unjudged: hours(spent.unjudged) },
})
const instant = (milliseconds: number): string => new Date(milliseconds).toISOString()
const dayOf = (milliseconds: number): string => instant(milliseconds).slice(0, 10)

/**
 * Host-hours of one CVE, by what had been recorded at the end of the period: asked again, a period that is over gives the same.
 * @throws DomainError `cve_not_found`, `filter_invalid`
 */
export const readHostHours = (
  database: Kysely<DatabaseSchema>,
  cveId: string,
  scope: HostScope,
  query: HostHoursQuery,
  now: Date,
): Promise<HostHours> =>
  database
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (reading) => {
      const to = Math.min(query.to === undefined ? now.getTime() : Date.parse(query.to), now.getTime())
      const hosts = { scope, filter: query.filter }
      const disclosedOn = await readDisclosure(reading, cveId, new Date(to))
      const disclosedAt = disclosedOn === null ? Number.NEGATIVE_INFINITY : Date.parse(`${disclosedOn}T00:00:00.000Z`)
      const asked = query.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(query.from)
      const from = Math.min(to, Math.max(asked, disclosedAt, to - HOST_HOUR_DAYS_MAX * DAY_MS))
      const period: AskedPeriod = { cveId, hosts, window: { from, to } }
      const spent = await readSpent(reading, period, await readCataloguedFixes(reading, cveId, new Date(to)))
      const { knownSince } = spent
      const window = { from: Math.min(to, Math.max(from, knownSince ?? to)), to }
      const total = sumOf(spent, Math.floor(window.from / DAY_MS))
      return {
        ...{ id: cveId, from: instant(window.from), to: instant(to), disclosedOn },
        knownSince: knownSince === null ? null : instant(knownSince),
        exposedHosts: spent.exposedHosts,
        hours: hoursByPart(total.byPart),
        ...{ hoursWithoutFix: hours(total.withoutFix), hoursOfUndatedFix: hours(total.undated) },
        fixAvailable:
          spent.firstFixAt === null || spent.lastFixAt === null
            ? null
            : { first: dayOf(spent.firstFixAt), last: dayOf(spent.lastFixAt) },
        days: hoursByDay(spent.edges, window).map(({ day, spent: ofDay }) => ({
          day: dayOf(day * DAY_MS),
          ...hoursByPart(ofDay),
        })),
        gapHostCount: spent.gapHostCount,
        gapHosts: await readGaps(reading, period, spent),
      }
    })

const readDisclosure = async (
  reading: Transaction<DatabaseSchema>,
  cveId: string,
  until: Date,
): Promise<string | null> => {
  const row = await reading
    .selectFrom('cve_facts')
    .select('published_on')
    .where('cve_id', '=', cveId)
    .where('from_at', '<=', until)
    .where((where) => where.or([where('to_at', 'is', null), where('to_at', '>', until)]))
    .executeTakeFirst()
  if (row === undefined) throw cveNotFound()
  return row.published_on
}

/** Ends less begins. A span has both, so from which day they are counted is all one; from the first, the sums stay exact. */
const sumOf = ({ edges }: SpentRows, firstDay: number) => {
  const byPart = noMilliseconds()
  const byFix = { withoutFix: 0, undated: 0 }
  for (const { part, fix, day, net, left } of edges) {
    const spent = left - net * (day - firstDay) * DAY_MS
    byPart[part] += spent
    if (part === 'before_fix' && fix === 'none') byFix.withoutFix += spent
    if (fix === 'undated' && (part === 'before_loaded' || part === 'in_transition')) byFix.undated += spent
  }
  return { byPart, ...byFix }
}

const readGaps = async (
  reading: Transaction<DatabaseSchema>,
  period: AskedPeriod,
  { gapHosts }: SpentRows,
): Promise<GapHost[]> => {
  if (gapHosts.length === 0) return []
  const found = await readPeriods(
    reading,
    period,
    gapHosts.map(({ id }) => id),
  )
  return gapHosts.flatMap(({ id, spent }) => {
    const host = found.get(id)
    if (host === undefined) return []
    const { name, origin, labels, removed } = host
    const gaps = gapsOfHost(host.periods, period.window)
    return [
      {
        ...{ host: { id, name, origin, labels }, removed, hours: hours(spent), gapCount: gaps.length },
        gaps: gaps.slice(-GAPS_OF_HOST_MAX).map(({ from, to, open, inTransition, goesOn }) => ({
          ...{ from: instant(from), to: instant(to), goesOn, hours: hours(open), inTransition },
        })),
      },
    ]
  })
}
