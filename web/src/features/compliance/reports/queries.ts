import type { ReportList } from '@rebootless/shared/contract/reports.ts'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'

/** No event tells that a report was due, or that its message arrived. */
const LOOK_MS = 5_000

export const reportsQuery = queryOptions({
  queryKey: queryKeys.reports,
  queryFn: ({ signal }): Promise<ReportList> => api.get('/api/v1/reports', { signal }),
  refetchInterval: LOOK_MS,
})

/** Where a report may go. */
export const reportChannelsQuery = queryOptions({
  queryKey: queryKeys.channels,
  queryFn: ({ signal }) => api.get('/api/v1/channels', { signal }),
})
