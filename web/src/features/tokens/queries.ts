import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

/** One's own, or everybody's for an admin of the whole fleet. When each was last used no event tells, so a page begins anew. */
export const apiTokensQuery = (of: 'own' | 'all') =>
  queryOptions({
    queryKey: [...queryKeys.apiTokens, of],
    queryFn: ({ signal }) => api.get('/api/v1/tokens', { signal, ...(of === 'all' ? { query: { user: 'all' } } : {}) }),
    staleTime: 0,
  })
