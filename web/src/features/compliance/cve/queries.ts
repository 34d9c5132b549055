import type {
  CveDetail,
  CveHostList,
  CveList,
  CveListQuery,
  HostExposureList,
} from '@rebootless/shared/contract/cves.ts'
import type { Exposure } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { freshness } from '../queries.ts'
import { askedOf, type Scope } from '../scope.ts'

const CVES_AT_ONCE = 100
const HOSTS_AT_ONCE = 50

export type CvesAsked = Partial<Pick<CveListQuery, 'search' | 'severity' | 'status' | 'knownExploited' | 'sort'>>

const cursorOf = (pageParam: string | null) => (pageParam === null ? {} : { cursor: pageParam })

export const cvesQuery = (scope: Scope, asked: CvesAsked) =>
  infiniteQueryOptions({
    queryKey: queryKeys.cveLists({ ...askedOf(scope), ...asked }),
    queryFn: ({ signal, pageParam }): Promise<CveList> =>
      api.get('/api/v1/cves', {
        query: { ...askedOf(scope), ...asked, limit: CVES_AT_ONCE, ...cursorOf(pageParam) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 0,
  })

const FIRST = 8

/** Open somewhere: known exploited first, then by score. */
export const openCvesQuery = (scope: Scope) =>
  queryOptions({
    queryKey: queryKeys.cveLists({ ...askedOf(scope), first: FIRST }),
    queryFn: ({ signal }): Promise<CveList> =>
      api.get('/api/v1/cves', { query: { ...askedOf(scope), status: 'exposed', limit: FIRST }, signal }),
    ...freshness(scope),
  })

export const cveQuery = (id: string, scope: Scope) =>
  queryOptions({
    queryKey: queryKeys.cve(id, askedOf(scope)),
    queryFn: ({ signal }): Promise<CveDetail> =>
      api.get('/api/v1/cves/:id', { params: { id }, query: askedOf(scope), signal }),
    ...freshness(scope),
  })

export const cveHostsQuery = (id: string, scope: Scope, status: Exposure | undefined) =>
  infiniteQueryOptions({
    queryKey: queryKeys.cveHosts(id, { ...askedOf(scope), status }),
    queryFn: ({ signal, pageParam }): Promise<CveHostList> =>
      api.get('/api/v1/cves/:id/hosts', {
        params: { id },
        query: {
          ...askedOf(scope),
          ...(status === undefined ? {} : { status }),
          limit: HOSTS_AT_ONCE,
          ...cursorOf(pageParam),
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 0,
  })

export const hostExposureQuery = (
  id: string,
  { at }: Pick<Scope, 'at'>,
  asked: { status?: Exposure; search?: string },
) =>
  infiniteQueryOptions({
    queryKey: queryKeys.hostExposure(id, { ...askedOf({ at, filter: '' }), ...asked }),
    queryFn: ({ signal, pageParam }): Promise<HostExposureList> =>
      api.get('/api/v1/hosts/:id/exposure', {
        params: { id },
        query: { ...askedOf({ at, filter: '' }), ...asked, limit: HOSTS_AT_ONCE, ...cursorOf(pageParam) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 0,
  })

/** A few CVEs whose id or title holds a text, for the palette. */
export const cveSearchQuery = (text: string) =>
  queryOptions({
    queryKey: queryKeys.cveLists({ palette: text }),
    queryFn: ({ signal }): Promise<CveList> => api.get('/api/v1/cves', { query: { search: text, limit: 5 }, signal }),
    staleTime: 10_000,
  })
