import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

/** Nothing tells a page what another admin changes, so it asks. */
const EVERY_MS = 15_000

export const usersQuery = queryOptions({
  queryKey: queryKeys.users,
  queryFn: ({ signal }) => api.get('/api/v1/users', { signal }),
  staleTime: 0,
  refetchInterval: EVERY_MS,
})
