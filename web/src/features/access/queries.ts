import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

export const sessionQuery = queryOptions({
  queryKey: queryKeys.session,
  queryFn: ({ signal }) => api.get('/api/v1/session', { signal }),
  retry: false,
})

const sessionsOf = (user: string | undefined, signal: AbortSignal) =>
  api.get('/api/v1/sessions', { signal, ...(user === undefined ? {} : { query: { user } }) })
export type OpenSession = Awaited<ReturnType<typeof sessionsOf>>['items'][number]

/**
 * Sessions that have not ended: one's own, or another's for an admin of the whole fleet. When each was last used no event
 * tells, so a page begins anew.
 */
export const sessionsQuery = (user?: string) =>
  queryOptions({
    queryKey: queryKeys.sessions(user),
    queryFn: ({ signal }) => sessionsOf(user, signal),
    staleTime: 0,
  })

export const signInWaysQuery = queryOptions({
  queryKey: queryKeys.signInWays,
  queryFn: ({ signal }) => api.get('/api/v1/session/ways', { signal }),
})

export const singleSignOnQuery = queryOptions({
  queryKey: queryKeys.singleSignOn,
  queryFn: ({ signal }) => api.get('/api/v1/single-sign-on', { signal }),
})
