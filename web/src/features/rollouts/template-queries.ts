import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

/** No event tells of templates, so each page asks anew. */
export const templatesQuery = queryOptions({
  queryKey: queryKeys.rolloutTemplates,
  queryFn: ({ signal }) => api.get('/api/v1/rollout-templates', { signal }),
  staleTime: 0,
})
