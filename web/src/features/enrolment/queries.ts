import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

/** Nothing tells a page of tokens, of who waits or of authorities, so it asks. */
const OFTEN_MS = 4_000
const SELDOM_MS = 10_000

export const enrolmentFactsQuery = queryOptions({
  queryKey: queryKeys.enrolmentFacts,
  queryFn: ({ signal }) => api.get('/api/v1/enrolment', { signal }),
})

export const joinTokensQuery = queryOptions({
  queryKey: queryKeys.joinTokens,
  queryFn: ({ signal }) => api.get('/api/v1/enrolment-tokens', { signal }),
  staleTime: 0,
  refetchInterval: SELDOM_MS,
})

export const waitingRoomQuery = queryOptions({
  queryKey: queryKeys.waitingRoom,
  queryFn: ({ signal }) => api.get('/api/v1/waiting-room', { signal }),
  staleTime: 0,
  refetchInterval: OFTEN_MS,
})

export const authoritiesQuery = queryOptions({
  queryKey: queryKeys.authorities,
  queryFn: ({ signal }) => api.get('/api/v1/certificate-authorities', { signal }),
  staleTime: 0,
  refetchInterval: OFTEN_MS,
})

export const hostIdentityQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.hostIdentity(id),
    queryFn: ({ signal }) => api.get('/api/v1/hosts/:id/identity', { params: { id }, signal }),
  })
