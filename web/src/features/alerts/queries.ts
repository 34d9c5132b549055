import type { AlertCounts, AlertDetail, AlertList, AlertRule, Silence } from '@rebootless/shared/contract/alerts.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import type { AlertsAsked } from './alerts-asked.ts'

const AT_ONCE = 50

export const alertListQuery = ({ status, taken, filter = '', ...asked }: AlertsAsked) =>
  infiniteQueryOptions({
    queryKey: [...queryKeys.alerts, 'list', { status, taken, filter, ...asked }] as const,
    queryFn: ({ signal, pageParam }): Promise<AlertList> =>
      api.get('/api/v1/alerts', {
        query: {
          ...{ status: status ?? 'open', filter, ...asked, limit: AT_ONCE },
          ...(taken === undefined ? {} : { acknowledged: taken === 'yes' ? 'true' : 'false' }),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  })

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: [...queryKeys.alerts, 'one', id] as const,
    queryFn: ({ signal }): Promise<AlertDetail> => api.get('/api/v1/alerts/:id', { params: { id }, signal }),
  })

export const alertCountsQuery = queryOptions({
  queryKey: [...queryKeys.alerts, 'counts'] as const,
  queryFn: ({ signal }): Promise<AlertCounts> => api.get('/api/v1/alert-counts', { signal }),
})

export const alertRulesQuery = queryOptions({
  queryKey: [...queryKeys.alerts, 'rules'] as const,
  queryFn: ({ signal }): Promise<{ items: AlertRule[] }> => api.get('/api/v1/alert-rules', { signal }),
})

/** What rules are called: they come with the program, and no event changes that. */
export const ruleTitlesQuery = queryOptions({
  queryKey: ['alert-rule-titles'] as const,
  queryFn: async ({ signal }): Promise<ReadonlyMap<string, string>> => {
    const { items } = await api.get('/api/v1/alert-rules', { signal })
    return new Map(items.map(({ id, title }) => [id, title]))
  },
  staleTime: Number.POSITIVE_INFINITY,
})

export const silencesQuery = (ended: boolean) =>
  queryOptions({
    queryKey: [...queryKeys.alerts, 'silences', ended] as const,
    queryFn: ({ signal }): Promise<{ items: Silence[] }> =>
      api.get('/api/v1/silences', { query: { ended: ended ? 'true' : 'false' }, signal }),
  })
