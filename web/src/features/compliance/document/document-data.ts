import type { ComplianceDay, ComplianceHost, ComplianceSummary } from '@rebootless/shared/contract/compliance.ts'
import type { ComplianceGains } from '@rebootless/shared/contract/compliance-gains.ts'
import type { ComplianceException, SlaPolicy } from '@rebootless/shared/contract/compliance-policy.ts'
import type { CveItem } from '@rebootless/shared/contract/cves.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { queryOptions } from '@tanstack/react-query'
import { ApiProblem } from '../../../api/api-problem.ts'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { dayBefore, endOfDay, momentOf, utcDay } from '../day.ts'
import { askedOf, type Scope } from '../scope.ts'

/** Everything that a document says: it is made from these answers and from nothing else. */
export interface DocumentData {
  readonly summary: ComplianceSummary
  readonly cves: readonly CveItem[]
  readonly cvesTotal: number
  readonly hosts: readonly ComplianceHost[]
  readonly hostsTotal: number
  readonly exceptions: readonly ComplianceException[]
  readonly policy: SlaPolicy
  /** The days that were over by then, oldest first. Null: it tells of a part of the fleet, of which days are not kept. */
  readonly trend: readonly Pick<ComplianceDay, 'day' | 'counts'>[] | null
  readonly gains: ComplianceGains
}

export const TREND_DAYS = 90

const CVES_MAX = 500
const HOSTS_AT_ONCE = 200
/** A document of more pages is read by nobody; the files have every host. */
const HOSTS_MAX = 1000

/** All hosts past their SLA, worst first, up to what a document holds. */
const overdueHosts = async (
  scope: Scope,
  signal: AbortSignal,
): Promise<{ hosts: ComplianceHost[]; hostsTotal: number }> => {
  const hosts: ComplianceHost[] = []
  let cursor: string | null = null
  let hostsTotal = 0
  do {
    const query = { ...askedOf(scope), overdue: 'true' as const, limit: HOSTS_AT_ONCE }
    const page: { items: ComplianceHost[]; nextCursor: string | null; total: number } = await api.get(
      '/api/v1/compliance/hosts',
      { query: cursor === null ? query : { ...query, cursor }, signal },
    )
    hosts.push(...page.items)
    hostsTotal = page.total
    cursor = page.nextCursor
  } while (cursor !== null && hosts.length < HOSTS_MAX)
  return { hosts, hostsTotal }
}

const DAY_MS = 86_400_000
/** As many as are kept at once: ten years. */
const DAYS_BACK_MAX = 3660

const daysUntil = async ({ at, filter }: Scope, signal: AbortSignal): Promise<DocumentData['trend']> => {
  if (filter !== '') return null
  const moment = at === undefined ? Date.now() : Date.parse(momentOf(at))
  const days = Math.min(DAYS_BACK_MAX, TREND_DAYS + Math.ceil((Date.now() - moment) / DAY_MS))
  const first = dayBefore(utcDay(moment), TREND_DAYS)
  try {
    const trend = await api.get('/api/v1/compliance/trend', { query: { days }, signal })
    return trend.days
      .filter(({ day }) => day >= first && Date.parse(endOfDay(day)) <= moment)
      .map(({ day, counts }) => ({ day, counts }))
  } catch (error) {
    // Whoever has a scope is refused it.
    if (error instanceof ApiProblem && error.status === 403) return null
    throw error
  }
}

/** Read once and then left: a document does not change under whoever reads it. */
export const documentQuery = (scope: Scope) =>
  queryOptions({
    queryKey: [...queryKeys.complianceSummary(askedOf(scope)), 'document'],
    queryFn: async ({ signal }): Promise<DocumentData> => {
      const asked = askedOf(scope)
      const [summary, cves, hosts, exceptions, { policy }, trend, gains] = await Promise.all([
        api.get('/api/v1/compliance', { query: asked, signal }),
        api.get('/api/v1/cves', { query: { ...asked, status: 'exposed', limit: CVES_MAX }, signal }),
        overdueHosts(scope, signal),
        api.get('/api/v1/exceptions', { query: { state: 'in_effect' }, signal }),
        api.get('/api/v1/sla-policy', { signal }),
        daysUntil(scope, signal),
        api.get('/api/v1/compliance/gains', { query: asked, signal }),
      ])
      return {
        ...{ summary, cves: cves.items, cvesTotal: cves.total, ...hosts },
        ...{ exceptions: exceptions.items, policy, trend, gains },
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  })

/** The data as the file whose SHA-256 the document carries. */
export const documentText = (data: DocumentData): string => canonicalJson(data)

/** SHA-256 in hexadecimal; null where the browser has no means: it gives them to pages by HTTPS alone. */
export const sha256 = async (text: string): Promise<string | null> => {
  if (!globalThis.crypto?.subtle) return null
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** `9be041f7 22c8d07a …`: eight at a time, as people compare. */
export const inEights = (hex: string): string => hex.match(/.{1,8}/g)?.join(' ') ?? hex
