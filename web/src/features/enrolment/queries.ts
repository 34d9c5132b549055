import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

/** How often what no event tells is asked for, and only while there is some of it. */
const OFTEN_MS = 4_000
/** The server's clock is what counts, and ours may be a little before it. */
const END_MARGIN_MS = 1_000

/** How long until the first of these is over; false: none will be. */
const untilFirstEnd = (ends: readonly string[]): number | false => {
  const left = ends.map((end) => Date.parse(end) - Date.now()).filter((ms) => ms > -60_000)
  return left.length === 0 ? false : Math.max(0, Math.min(...left)) + END_MARGIN_MS
}

export const enrolmentFactsQuery = queryOptions({
  queryKey: queryKeys.enrolmentFacts,
  queryFn: ({ signal }) => api.get('/api/v1/enrolment', { signal }),
})

export const joinTokensQuery = queryOptions({
  queryKey: queryKeys.joinTokens,
  queryFn: ({ signal }) => api.get('/api/v1/enrolment-tokens', { signal }),
  // A token ends by time alone, of which no event tells.
  refetchInterval: ({ state: { data } }) =>
    untilFirstEnd(data?.items.filter(({ state }) => state === 'open').map(({ expiresAt }) => expiresAt) ?? []),
})

export const waitingRoomQuery = queryOptions({
  queryKey: queryKeys.waitingRoom,
  queryFn: ({ signal }) => api.get('/api/v1/waiting-room', { signal }),
  // Who comes, and what is decided, is told; that an hour has gone by is not.
  refetchInterval: ({ state: { data } }) => untilFirstEnd(data?.items.map(({ expiresAt }) => expiresAt) ?? []),
})

export const authoritiesQuery = queryOptions({
  queryKey: queryKeys.authorities,
  queryFn: ({ signal }) => api.get('/api/v1/certificate-authorities', { signal }),
  staleTime: 0,
  // While one takes another's place, hosts go over one by one.
  refetchInterval: ({ state: { data } }) => (data !== undefined && data.items.length > 1 ? OFTEN_MS : false),
})

export const hostIdentityQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.hostIdentity(id),
    queryFn: ({ signal }) => api.get('/api/v1/hosts/:id/identity', { params: { id }, signal }),
  })
