import type {
  AlertCounts,
  AlertDetail,
  AlertList,
  AlertListQuery,
  AlertRule,
  Silence,
} from '@rebootless/shared/contract/alerts.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

const AT_ONCE = 50

export type AlertsAsked = Pick<AlertListQuery, 'status' | 'filter'> & Partial<Pick<AlertListQuery, 'severity'>>

export const alertListQuery = (asked: AlertsAsked) =>
  infiniteQueryOptions({
    queryKey: [...queryKeys.alerts, 'list', asked] as const,
    queryFn: ({ signal, pageParam }): Promise<AlertList> =>
      api.get('/api/v1/alerts', {
        query: { ...asked, limit: AT_ONCE, ...(pageParam === null ? {} : { cursor: pageParam }) },
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

export const silencesQuery = (ended: boolean) =>
  queryOptions({
    queryKey: [...queryKeys.alerts, 'silences', ended] as const,
    queryFn: ({ signal }): Promise<{ items: Silence[] }> =>
      api.get('/api/v1/silences', { query: { ended: ended ? 'true' : 'false' }, signal }),
  })
