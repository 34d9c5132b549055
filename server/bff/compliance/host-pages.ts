import type { ComplianceHost, ComplianceHostsQuery } from '@rebootless/shared/contract/compliance.ts'
import { DATACENTRE_LABELS, OWNER_LABELS } from '@rebootless/shared/domain/compliance/compliance-words.ts'
import type { Dated, HostJudgement } from '@rebootless/shared/domain/compliance/judge-host.ts'
import { exposureView, isOverdue, isWithin, labelOf } from '@rebootless/shared/domain/compliance/summarise.ts'
import { SEVERITIES } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { decodeCursor, encodeCursor } from '../hosts/cursor.ts'

type Wanted = (one: HostJudgement) => boolean

const ONLY: Record<NonNullable<ComplianceHostsQuery['only']>, (one: HostJudgement, at: number) => boolean> = {
  within: isWithin,
  exposed: ({ group }) => group.open.length > 0,
  unjudged: ({ group }) => !group.judged,
  accepted: ({ group }) => group.accepted.length > 0,
  unknown: ({ group }) => group.unknown.length > 0,
  known_exploited: ({ group }) => group.knownExploited.length > 0,
  fixed_on_disk: ({ group }) => group.fixedOnDisk.length > 0,
  unsupported: ({ group }) => group.supported === false,
}

/** All that is asked for holds. */
export const wantedBy = (query: Omit<ComplianceHostsQuery, 'limit' | 'filter'>, at: number): Wanted => {
  const { severity, owner, datacentre, overdue, doubt, only } = query
  const index = severity === undefined ? -1 : SEVERITIES.indexOf(severity)
  const conditions: Wanted[] = []
  if (severity !== undefined) {
    conditions.push(({ group, overdueBySeverity }) =>
      overdue === undefined ? (group.openBySeverity[index] ?? 0) > 0 : (overdueBySeverity[index] ?? 0) > 0,
    )
  } else if (overdue !== undefined) conditions.push((one) => isOverdue(one, at))
  if (owner !== undefined) conditions.push((one) => labelOf(one, OWNER_LABELS) === (owner === '' ? null : owner))
  if (datacentre !== undefined) {
    conditions.push((one) => labelOf(one, DATACENTRE_LABELS) === (datacentre === '' ? null : datacentre))
  }
  if (doubt !== undefined) conditions.push(({ host }) => host.doubts.includes(doubt))
  if (only !== undefined) conditions.push((one) => ONLY[only](one, at))
  return (one) => conditions.every((holds) => holds(one))
}

export const hostView = (one: HostJudgement, at: number): ComplianceHost => {
  const { host, group, worst, overdueBySeverity } = one
  return {
    ...{ id: host.id, name: host.name, origin: host.origin, labels: { ...host.labels } },
    ...{ judged: group.judged, within: isWithin(one, at), supported: group.supported },
    open: SEVERITIES.flatMap((severity, index) => {
      const cves = group.openBySeverity[index] ?? 0
      return cves === 0 ? [] : [{ severity, cves, overdue: overdueBySeverity[index] ?? 0 }]
    }),
    ...{ accepted: group.accepted.length, unknown: group.unknown.length, fixedOnDisk: group.fixedOnDisk.length },
    ...{ worst: worst === null ? null : exposureView(worst, at), doubts: [...host.doubts] },
    readAt: host.readAt === null ? null : new Date(host.readAt).toISOString(),
  }
}

/** Where a page ended: judged anew meanwhile, the next one begins where that host would stand. */
const placeOf = ({ worst, host }: HostJudgement): string[] => [
  ...(worst === null ? ['', ''] : [String(worst.due), String(worst.since)]),
  ...[host.name, host.id],
]
const isPlace = (key: readonly string[]) =>
  key.length === 4 && key.slice(0, 2).every((one) => /^(-?\d+(\.\d+)?|Infinity|)$/.test(one))

const isBehind = (one: HostJudgement, place: readonly string[]): boolean => {
  const [due = '', since = '', name = '', id = ''] = place
  const dated = (worst: Pick<Dated, 'due' | 'since'> | null) => (worst === null ? null : [worst.due, worst.since])
  const there = due === '' ? null : [Number(due), Number(since)]
  const mine = dated(one.worst)
  if (mine === null || there === null) {
    if (mine !== there) return mine === null
  } else {
    for (let index = 0; index < 2; index += 1) {
      const [left = 0, right = 0] = [mine[index], there[index]]
      if (left !== right) return left > right
    }
  }
  return one.host.name === name ? one.host.id > id : one.host.name > name
}

/** A page of hosts that stand worst first. @throws DomainError `cursor_invalid` */
export const pageOf = (
  hosts: readonly HostJudgement[],
  key: string,
  { limit, cursor }: Pick<ComplianceHostsQuery, 'limit' | 'cursor'>,
): { page: HostJudgement[]; nextCursor: string | null } => {
  const place = cursor === undefined ? null : decodeCursor(key, 'worst', cursor, isPlace)
  const from = place === null ? 0 : hosts.findIndex((one) => isBehind(one, place))
  const page = from < 0 ? [] : hosts.slice(from, from + limit)
  const last = page.at(-1)
  const isMore = from >= 0 && from + limit < hosts.length
  return { page, nextCursor: isMore && last !== undefined ? encodeCursor(key, 'worst', placeOf(last)) : null }
}
