import type {
  ComplianceHostList,
  ComplianceHostsQuery,
  ComplianceSummary,
  ComplianceTrend,
  ComplianceTrendOfPart,
} from '@rebootless/shared/contract/compliance.ts'
import type { ExceptionList, SlaPolicyAnswer } from '@rebootless/shared/contract/compliance-policy.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { askedOf, type Scope } from './scope.ts'

/** Due dates pass and exceptions begin without an event; the server has the answer ready. */
export const EVERY_MS = 10_000

/** The past does not change; the present is asked for anew. */
export const freshness = ({ at }: Pick<Scope, 'at'>) =>
  at === undefined ? { staleTime: 0, refetchInterval: EVERY_MS } : { staleTime: Number.POSITIVE_INFINITY }

export const summaryQuery = (scope: Scope) =>
  queryOptions({
    queryKey: queryKeys.complianceSummary(askedOf(scope)),
    queryFn: ({ signal }): Promise<ComplianceSummary> =>
      api.get('/api/v1/compliance', { query: askedOf(scope), signal }),
    ...freshness(scope),
  })

export const trendQuery = (days: number) =>
  queryOptions({
    queryKey: queryKeys.complianceTrend(days),
    queryFn: ({ signal }): Promise<ComplianceTrend> => api.get('/api/v1/compliance/trend', { query: { days }, signal }),
    // A day is added at midnight.
    staleTime: 10 * 60_000,
  })

const STILL_RECKONED_MS = 2_000

/** Some days of the hosts of a scope and a filter, which a large fleet takes a while for. */
export const trendOfPartQuery = (asked: { readonly days: number; readonly filter: string }) =>
  queryOptions({
    queryKey: queryKeys.complianceTrendOfPart(asked),
    queryFn: ({ signal }): Promise<ComplianceTrendOfPart> =>
      api.get('/api/v1/compliance/trend/part', { query: asked, signal }),
    staleTime: 10 * 60_000,
    refetchInterval: ({ state: { data } }) => (data !== undefined && data.missing > 0 ? STILL_RECKONED_MS : false),
  })

/** What a number of the summary counts. */
export type HostsAsked = Pick<ComplianceHostsQuery, 'severity' | 'owner' | 'datacentre' | 'overdue' | 'doubt' | 'only'>

const HOSTS_AT_ONCE = 50

/** The hosts behind a number, worst first. */
export const complianceHostsQuery = (scope: Scope, asked: HostsAsked) =>
  infiniteQueryOptions({
    queryKey: queryKeys.complianceHosts({ ...askedOf(scope), ...asked }),
    queryFn: ({ signal, pageParam }): Promise<ComplianceHostList> =>
      api.get('/api/v1/compliance/hosts', {
        query: {
          ...askedOf(scope),
          ...asked,
          limit: HOSTS_AT_ONCE,
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 0,
  })

export const slaPolicyQuery = queryOptions({
  queryKey: queryKeys.slaPolicy,
  queryFn: ({ signal }): Promise<SlaPolicyAnswer> => api.get('/api/v1/sla-policy', { signal }),
  staleTime: 0,
})

export type ExceptionsShown = 'open' | 'ended' | 'expired' | 'declined'

export const exceptionsQuery = (state: ExceptionsShown, endingWithinDays?: number) =>
  queryOptions({
    queryKey: queryKeys.exceptions({ state, endingWithinDays }),
    queryFn: ({ signal }): Promise<ExceptionList> =>
      api.get('/api/v1/exceptions', {
        query: { state, ...(endingWithinDays === undefined ? {} : { endingWithinDays }) },
        signal,
      }),
    staleTime: 0,
    refetchInterval: EVERY_MS,
  })
