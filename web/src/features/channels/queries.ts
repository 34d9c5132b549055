import type { DeliveryState } from '@rebootless/shared/domain/channel-words.ts'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

/** No event tells how deliveries go: they would be as many as the deliveries. */
const LOOK_MS = 5_000

export const channelsQuery = queryOptions({
  queryKey: queryKeys.channels,
  queryFn: ({ signal }) => api.get('/api/v1/channels', { signal }),
  refetchInterval: LOOK_MS,
})

/** Their settings and runbooks come along; here their titles are used. */
export const alertRulesQuery = queryOptions({
  queryKey: [...queryKeys.alerts, 'rules'],
  queryFn: ({ signal }) => api.get('/api/v1/alert-rules', { signal }),
})

export const deliveriesQuery = (id: string, state: DeliveryState | 'all') =>
  queryOptions({
    queryKey: [...queryKeys.channelDeliveries(id), state],
    queryFn: ({ signal }) =>
      api.get('/api/v1/channels/:id/deliveries', {
        ...{ params: { id }, signal },
        ...(state === 'all' ? {} : { query: { state } }),
      }),
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
  })
