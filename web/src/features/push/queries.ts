import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ownFingerprint } from './this-browser.ts'

export const pushSubscriptionsQuery = queryOptions({
  queryKey: queryKeys.pushSubscriptions,
  queryFn: async ({ signal }) => ({
    ...(await api.get('/api/v1/push-subscriptions', { signal })),
    own: await ownFingerprint(),
  }),
})
