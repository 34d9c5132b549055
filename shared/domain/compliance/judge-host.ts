import { SEVERITIES } from '../exposure/exposure-words.ts'
import type { ClockStart } from './compliance-words.ts'
import { holdsCve, holdsHost } from './exceptions.ts'
import type { ClassAtMoment, CveFacts, FleetAtMoment, HostAtMoment, OpenVerdict } from './fleet-at-moment.ts'
import { type ComplianceWord, matchesHost, parseComplianceFilter } from './host-filter.ts'
import { type DueAt, dueBy } from './local-days.ts'
import { type FindingPeriod, openSince } from './open-since.ts'
import { isSupported } from './supported.ts'

/** The CVEs of one judging are numbered, so that sets of them are quick. */
export interface NumberedCve extends CveFacts {
  readonly number: number
}

/** Hosts of one class to which the same overrides and exceptions apply: they differ in times alone. */
export interface Group {
  readonly judged: boolean
  readonly supported: boolean | null
  readonly open: readonly OpenEntry[]
  readonly accepted: readonly NumberedCve[]
  readonly unknown: readonly NumberedCve[]
  readonly fixedOnDisk: readonly NumberedCve[]
  /** Exceptions that take something out here. */
  readonly exceptions: readonly string[]
  /** How many of `open`, by the index of their severity. */
  readonly openBySeverity: readonly number[]
  readonly knownExploited: readonly NumberedCve[]
}

interface OpenEntry {
  readonly cve: NumberedCve
  /** Of the verdict in its class. */
  readonly index: number
  readonly severity: number
  readonly days: number | null
  readonly knownExploitedDays: number | null
  /** When its clock started, whoever has it; null: it has not; undefined: nobody dates it, so when it is seen. */
  readonly startsAt: number | null | undefined
}

/** Of one CVE on one host. */
export interface Dated {
  readonly cve: CveFacts
  readonly since: number
  /** The first moment that is too late; Infinity: never, as things stand. */
  readonly due: number
}

export interface HostJudgement {
  readonly host: HostAtMoment
  readonly group: Group
  /** Most overdue, else next due, else longest open. */
  readonly worst: Dated | null
  /** The same by the index of severity. */
  readonly worstBySeverity: readonly (Dated | null)[]
  readonly overdueBySeverity: readonly number[]
  readonly knownExploitedOverdue: boolean
  /** A bit for each of `group.open`. */
  readonly overdueBits: Uint32Array
}

const earlier = (left: Dated, right: Dated): number =>
  left.due === right.due ? left.since - right.since || (left.cve.id < right.cve.id ? -1 : 1) : left.due - right.due
export const worseOf = (left: Dated | null, right: Dated | null): Dated | null =>
  left === null || (right !== null && earlier(right, left) < 0) ? right : left

const shortest = (days: readonly (number | null)[]): number | null => {
  const given = days.filter((one) => one !== null)
  return given.length === 0 ? null : Math.min(...given)
}

const unscored = (id: string): CveFacts => ({ id, severity: 'unknown', publishedAt: null, knownExploitedAt: null })

/** Judges one host after another, and keeps for the next what hosts have in common. */
export const createHostJudge = (fleet: FleetAtMoment): ((host: HostAtMoment) => HostJudgement) => {
  const { spec } = fleet.policy
  const overrides = spec.overrides.map(({ hosts, days, knownExploitedDays }) => {
    const parsed = parseComplianceFilter(hosts)
    const words: readonly ComplianceWord[] | null = parsed.ok ? parsed.words : null
    return { words, days, knownExploitedDays }
  })
  const groups = new Map<string, Group>()
  const due = dueBy(spec.calendar)
  const withUnknown = spec.unknown === 'as_exposed'
  const findingsOf = createFindings(fleet, withUnknown)

  const cves = new Map<string, NumberedCve>()
  const numbered = (id: string): NumberedCve => {
    const found = cves.get(id)
    if (found !== undefined) return found
    const made = { ...(fleet.cves.get(id) ?? unscored(id)), number: cves.size }
    cves.set(id, made)
    return made
  }

  const makeGroup = (of: ClassAtMoment | undefined, holding: number[], excepting: number[]): Group => {
    // Overrides that hold a host take the place of the policy's days; of several the shortest count.
    const rows = holding.length === 0 ? [spec] : holding.flatMap((index) => overrides[index] ?? [])
    const exceptions = excepting.flatMap((index) => fleet.exceptions[index] ?? [])
    const open: OpenEntry[] = []
    const accepted: NumberedCve[] = []
    const unknown: NumberedCve[] = []
    const fixedOnDisk: NumberedCve[] = []
    const used = new Set<string>()
    for (const [index, verdict] of (of?.verdicts ?? []).entries()) {
      const cve = numbered(verdict.cveId)
      if (verdict.status === 'unknown') unknown.push(cve)
      if (verdict.status === 'unknown' && !withUnknown) continue
      const exception = exceptions.find((one) => holdsCve(one, cve))
      if (exception !== undefined) {
        used.add(exception.id)
        accepted.push(cve)
        continue
      }
      if (verdict.status === 'fixed_on_disk') fixedOnDisk.push(cve)
      open.push({
        ...{ cve, index, severity: SEVERITIES.indexOf(cve.severity), startsAt: startOf(verdict, cve, spec.clock) },
        days: shortest(rows.map(({ days }) => days[cve.severity])),
        knownExploitedDays: shortest(rows.map((row) => row.knownExploitedDays)),
      })
    }
    return {
      ...{ judged: of?.judged ?? false, open, accepted, unknown, fixedOnDisk, exceptions: [...used] },
      supported: of?.judged ? isSupported(spec.supported, { facts: of.facts, open: of.verdicts }) : null,
      openBySeverity: SEVERITIES.map((_, index) => open.filter(({ severity }) => severity === index).length),
      knownExploited: open.flatMap(({ cve }) => (cve.knownExploitedAt === null ? [] : [cve])),
    }
  }

  const groupOf = (host: HostAtMoment): Group => {
    const indexes = <T>(list: readonly T[], holds: (one: T) => boolean) =>
      list.flatMap((one, index) => (holds(one) ? [index] : []))
    const holding = indexes(overrides, ({ words }) => words !== null && matchesHost(words, host))
    const excepting = indexes(fleet.exceptions, (one) => holdsHost(one, host))
    const key = `${host.classId} ${holding} ${excepting}`
    const found = groups.get(key)
    if (found !== undefined) return found
    const made = makeGroup(fleet.classes.get(host.classId), holding, excepting)
    groups.set(key, made)
    return made
  }

  return (host) => {
    const group = groupOf(host)
    const worstBySeverity: (Dated | null)[] = SEVERITIES.map(() => null)
    const overdueBySeverity = SEVERITIES.map(() => 0)
    const overdueBits = new Uint32Array(Math.ceil(group.open.length / 32))
    let knownExploitedOverdue = false
    const columns = host.runs.map((run) => findingsOf(run.classId, host.classId))
    for (let index = 0; index < group.open.length; index += 1) {
      const entry = group.open[index]
      if (entry === undefined) continue
      // A verdict that stands now was recorded, so its beginning is found; else it is now.
      const since = openSince(host.runs, columns, entry.index) ?? fleet.at
      const dueAt = dueOf(entry, since, spec.notBeforeSeen, due)
      const before = worstBySeverity[entry.severity] ?? null
      // Most are not the worst: no object is made of them.
      if (before === null || dueAt < before.due || (dueAt === before.due && since <= before.since)) {
        worstBySeverity[entry.severity] = worseOf(before, { cve: entry.cve, since, due: dueAt })
      }
      if (dueAt > fleet.at) continue
      overdueBySeverity[entry.severity] = (overdueBySeverity[entry.severity] ?? 0) + 1
      overdueBits[index >> 5] = (overdueBits[index >> 5] ?? 0) | (1 << (index & 31))
      if (entry.cve.knownExploitedAt !== null) knownExploitedOverdue = true
    }
    const worst = worstBySeverity.reduce<Dated | null>(worseOf, null)
    return { host, group, worst, worstBySeverity, overdueBySeverity, knownExploitedOverdue, overdueBits }
  }
}

const NONE: readonly FindingPeriod[] = []

/** What a class was to the verdicts of another, in their order; kept, since many hosts went from the one to the other. */
const createFindings = ({ findings, classes }: FleetAtMoment, unknownIsOpen: boolean) => {
  const known = new Map<string, (readonly FindingPeriod[])[]>()
  const asOpen = (periods: readonly FindingPeriod[]): readonly FindingPeriod[] =>
    unknownIsOpen ? periods.map((one) => (one.finding === 'unknown' ? { ...one, finding: 'open' } : one)) : periods
  return (classId: string, presentId: string): readonly (readonly FindingPeriod[])[] => {
    const key = `${classId} ${presentId}`
    const found = known.get(key)
    if (found !== undefined) return found
    const byCve = findings.get(classId)
    const made = (classes.get(presentId)?.verdicts ?? []).map(({ cveId }) => asOpen(byCve?.get(cveId) ?? NONE))
    known.set(key, made)
    return made
  }
}

const startOf = (
  { status, hasFix, fixAvailableAt }: OpenVerdict,
  { publishedAt }: CveFacts,
  clock: ClockStart,
): number | null | undefined => {
  if (clock === 'publication') return publishedAt ?? undefined
  if (fixAvailableAt !== null) return fixAvailableAt
  return hasFix || status === 'fixed_on_disk' ? undefined : null
}

/** The severity's date or that of what is known to be exploited, whichever is earlier. */
const dueOf = (entry: OpenEntry, since: number, notBeforeSeen: boolean, due: DueAt): number => {
  const { startsAt, days, knownExploitedDays, cve } = entry
  let earliest = Number.POSITIVE_INFINITY
  if (startsAt !== null && days !== null) earliest = due(startAfter(startsAt, since, notBeforeSeen), days)
  if (cve.knownExploitedAt === null || knownExploitedDays === null) return earliest
  return Math.min(earliest, due(startAfter(cve.knownExploitedAt, since, notBeforeSeen), knownExploitedDays))
}

const startAfter = (start: number | undefined, since: number, notBeforeSeen: boolean): number =>
  start === undefined ? since : notBeforeSeen ? Math.max(start, since) : start
