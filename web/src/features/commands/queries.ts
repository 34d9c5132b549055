import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

export const hostActionsQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.hostActions(id),
    queryFn: ({ signal }) => api.get('/api/v1/hosts/:id/actions', { params: { id }, signal }),
  })

export const authorisationQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.authorisation(id),
    queryFn: ({ signal }) => api.get('/api/v1/authorisations/:id', { params: { id }, signal }),
  })

/** Newest first. */
export const commandsQuery = (asked: { host: string } | { authorisation: string }) =>
  queryOptions({
    queryKey: queryKeys.commandsOf(asked),
    queryFn: ({ signal }) => api.get('/api/v1/commands', { query: { ...asked, limit: 200 }, signal }),
  })

export const patchFilesQuery = queryOptions({
  queryKey: queryKeys.patchFiles,
  queryFn: ({ signal }) => api.get('/api/v1/patches', { query: { filter: 'kind:module', limit: 500 }, signal }),
  // Another may have uploaded one, of which no event tells.
  staleTime: 0,
})
