import { queryOptions } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'

/** By name. No event tells of policies, so each page asks anew. */
export const policiesQuery = queryOptions({
  queryKey: queryKeys.rolloutPolicies,
  queryFn: ({ signal }) => api.get('/api/v1/rollout-policies', { signal }),
  staleTime: 0,
})
