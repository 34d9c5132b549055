import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

export const freezeQuery = queryOptions({
  queryKey: queryKeys.freeze,
  queryFn: ({ signal }) => api.get('/api/v1/fleet/freeze', { signal }),
})
