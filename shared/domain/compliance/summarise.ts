import type {
  ComplianceCounts,
  ComplianceForecast,
  ComplianceOfLabel,
  ComplianceOfSeverity,
  ComplianceSummary,
  OpenExposure,
} from '../../contract/compliance.ts'
import { DOUBTS, SEVERITIES } from '../exposure/exposure-words.ts'
import { complianceSentence } from './compliance-sentence.ts'
import { DATACENTRE_LABELS, OWNER_LABELS } from './compliance-words.ts'
import type { MomentOfFleet } from './fleet-at-moment.ts'
import { forecastMethod, PACE_DAYS, willBreach } from './forecast.ts'
import { type Dated, type Group, type HostJudgement, type NumberedCve, worseOf } from './judge-host.ts'

const DAY_MS = 24 * 60 * 60_000
const VALUES_MAX = 200
const BREACHES_SHOWN = 100

const isExposed = ({ group }: HostJudgement): boolean => group.open.length > 0
export const isOverdue = ({ worst }: HostJudgement, at: number): boolean => worst !== null && worst.due <= at
export const isWithin = (one: HostJudgement, at: number): boolean => one.group.judged && !isOverdue(one, at)

export const labelOf = ({ host }: HostJudgement, keys: readonly string[]): string | null => {
  const key = keys.find((name) => Object.hasOwn(host.labels, name))
  return key === undefined ? null : (host.labels[key] ?? null)
}

const countHosts = (hosts: readonly HostJudgement[], at: number): ComplianceCounts => {
  const counts = { hosts: hosts.length, judged: 0, within: 0, exposed: 0, overdue: 0 }
  for (const one of hosts) {
    if (one.group.judged) counts.judged += 1
    if (isWithin(one, at)) counts.within += 1
    if (isExposed(one)) counts.exposed += 1
    if (isOverdue(one, at)) counts.overdue += 1
  }
  return counts
}

export const exposureView = ({ cve, since, due }: Dated, at: number): OpenExposure => ({
  ...{ cveId: cve.id, severity: cve.severity, knownExploited: cve.knownExploitedAt !== null },
  since: new Date(since).toISOString(),
  dueAt: due === Number.POSITIVE_INFINITY ? null : new Date(due).toISOString(),
  overdueDays: due <= at ? Math.floor((at - due) / DAY_MS) : null,
})

const byGroup = (hosts: readonly HostJudgement[]): Map<Group, HostJudgement[]> => {
  const groups = new Map<Group, HostJudgement[]>()
  for (const one of hosts) {
    const list = groups.get(one.group)
    if (list === undefined) groups.set(one.group, [one])
    else list.push(one)
  }
  return groups
}

/** A set of numbers that begin at zero, and how many are in it. */
const createMarks = () => {
  const marked: boolean[] = []
  let count = 0
  return {
    add(number: number) {
      if (marked[number] === true) return
      marked[number] = true
      count += 1
    },
    count: () => count,
  }
}

const severities = (groups: Map<Group, HostJudgement[]>, at: number): ComplianceOfSeverity[] => {
  const open = SEVERITIES.map(createMarks)
  const overdue = SEVERITIES.map(createMarks)
  const hosts = SEVERITIES.map(() => 0)
  const overdueHosts = SEVERITIES.map(() => 0)
  const oldest: (Dated | null)[] = SEVERITIES.map(() => null)
  for (const [group, members] of groups) {
    const bits = new Uint32Array(Math.ceil(group.open.length / 32))
    for (const { overdueBits, overdueBySeverity, worstBySeverity } of members) {
      for (let word = 0; word < bits.length; word += 1) bits[word] = (bits[word] ?? 0) | (overdueBits[word] ?? 0)
      for (let index = 0; index < SEVERITIES.length; index += 1) {
        if ((overdueBySeverity[index] ?? 0) > 0) overdueHosts[index] = (overdueHosts[index] ?? 0) + 1
        oldest[index] = worseOf(oldest[index] ?? null, worstBySeverity[index] ?? null)
      }
    }
    group.openBySeverity.forEach((count, index) => {
      if (count > 0) hosts[index] = (hosts[index] ?? 0) + members.length
    })
    group.open.forEach(({ cve, severity }, index) => {
      open[severity]?.add(cve.number)
      if (((bits[index >> 5] ?? 0) & (1 << (index & 31))) !== 0) overdue[severity]?.add(cve.number)
    })
  }
  return SEVERITIES.map((severity, index) => {
    const dated = oldest[index] ?? null
    return {
      ...{ severity, cves: open[index]?.count() ?? 0, overdueCves: overdue[index]?.count() ?? 0 },
      ...{ hosts: hosts[index] ?? 0, overdueHosts: overdueHosts[index] ?? 0 },
      oldest: dated === null ? null : exposureView(dated, at),
    }
  })
}

const withCves = (groups: Map<Group, HostJudgement[]>, of: (group: Group) => readonly NumberedCve[]) => {
  const cves = createMarks()
  let hosts = 0
  for (const [group, members] of groups) {
    const list = of(group)
    for (const { number } of list) cves.add(number)
    if (list.length > 0) hosts += members.length
  }
  return { cves: cves.count(), hosts }
}

/** Every value, most overdue hosts first. */
export const countsByLabel = (
  hosts: readonly HostJudgement[],
  keys: readonly string[],
  at: number,
): ComplianceOfLabel[] => {
  const lists = new Map<string | null, HostJudgement[]>()
  for (const one of hosts) {
    const value = labelOf(one, keys)
    const list = lists.get(value)
    if (list === undefined) lists.set(value, [one])
    else list.push(one)
  }
  return [...lists]
    .map(([value, list]) => ({ value, ...countHosts(list, at) }))
    .sort(
      (left, right) =>
        right.overdue - left.overdue || right.hosts - left.hosts || ((left.value ?? '') < (right.value ?? '') ? -1 : 1),
    )
}

const worstHost = (hosts: readonly HostJudgement[]): { one: HostJudgement; dated: Dated } | null => {
  let found: { one: HostJudgement; dated: Dated } | null = null
  for (const one of hosts) {
    if (one.worst === null) continue
    if (found === null || worseOf(found.dated, one.worst) !== found.dated) found = { one, dated: one.worst }
  }
  return found
}

const oldestOf = (
  hosts: readonly HostJudgement[],
  groups: Map<Group, HostJudgement[]>,
  at: number,
): ComplianceSummary['oldest'] => {
  const found = worstHost(hosts)
  if (found === null) return null
  let having = 0
  for (const [{ open }, members] of groups) {
    if (open.some(({ cve }) => cve.id === found.dated.cve.id)) having += members.length
  }
  const { id, name } = found.one.host
  return { ...exposureView(found.dated, at), hostId: id, hostName: name, hosts: having }
}

const forecastOf = (
  hosts: readonly HostJudgement[],
  { at, fixes }: MomentOfFleet,
  withinDays: number,
): ComplianceForecast => {
  const ids = new Set(hosts.map(({ host }) => host.id))
  const hostsPerDay = fixes.filter(({ hostId }) => ids.has(hostId)).length / PACE_DAYS
  const dated = hosts.flatMap(({ host, worst }) =>
    worst === null || worst.due === Number.POSITIVE_INFINITY
      ? []
      : [{ id: host.id, name: host.name, due: worst.due, cveId: worst.cve.id }],
  )
  const which = willBreach(dated, at, withinDays, hostsPerDay)
  return {
    ...{ withinDays, hostsPerDay, paceDays: PACE_DAYS, hosts: which.length },
    which: which.slice(0, BREACHES_SHOWN).map(({ id, name, due, cveId }) => ({
      ...{ id, name, cveId, breachAt: new Date(due).toISOString() },
    })),
    method: forecastMethod(hostsPerDay),
  }
}

const countsOfDoubts = (hosts: readonly HostJudgement[]): ComplianceSummary['doubts'] => {
  const counts = new Map<string, number>()
  for (const { host } of hosts) for (const doubt of host.doubts) counts.set(doubt, (counts.get(doubt) ?? 0) + 1)
  return DOUBTS.map((doubt) => ({ doubt, hosts: counts.get(doubt) ?? 0 }))
}

/** How some hosts of a fleet stand at its moment, part by part; `isNarrowed`: those that a filter names. */
export function* summariseInSteps(
  hosts: readonly HostJudgement[],
  fleet: MomentOfFleet,
  withinDays: number,
  isNarrowed = false,
): Generator<undefined, Omit<ComplianceSummary, 'asOf' | 'judgedBy'>> {
  const { at, policy } = fleet
  const groups = byGroup(hosts)
  const counts = countHosts(hosts, at)
  yield
  const bySeverity = severities(groups, at)
  yield
  const byOwner = countsByLabel(hosts, OWNER_LABELS, at).slice(0, VALUES_MAX)
  yield
  const byDatacentre = countsByLabel(hosts, DATACENTRE_LABELS, at).slice(0, VALUES_MAX)
  yield
  const knownExploited = {
    ...withCves(groups, (group) => group.knownExploited),
    overdueHosts: hosts.filter((one) => one.knownExploitedOverdue).length,
  }
  const accepted = {
    exceptions: new Set([...groups.keys()].flatMap((group) => group.exceptions)).size,
    ...withCves(groups, (group) => group.accepted),
  }
  const [fixedOnDisk, unknown] = [
    withCves(groups, (group) => group.fixedOnDisk),
    withCves(groups, (group) => group.unknown),
  ]
  yield
  const doubts = countsOfDoubts(hosts)
  const supported = (answer: boolean | null) => hosts.filter(({ group }) => group.supported === answer).length
  const ofRule = {
    rule: policy.spec.supported,
    hosts: supported(true),
    not: supported(false),
    unknown: supported(null),
  }
  yield
  const oldest = oldestOf(hosts, groups, at)
  yield
  const forecast = forecastOf(hosts, fleet, withinDays)
  return {
    sentence: complianceSentence({ counts, bySeverity, unknown }, isNarrowed),
    ...{ counts, bySeverity, byOwner, byDatacentre, knownExploited, accepted, fixedOnDisk, unknown, doubts },
    ...{ supported: ofRule, oldest, forecast, policyVersion: policy.version, judgedAt: new Date(at).toISOString() },
  }
}

/** The same at once. */
export const summarise = (
  ...asked: Parameters<typeof summariseInSteps>
): Omit<ComplianceSummary, 'asOf' | 'judgedBy'> => {
  const steps = summariseInSteps(...asked)
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}
