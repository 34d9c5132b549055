import type { PatchFitQuery, PatchForecastQuery } from '@rebootless/shared/contract/patch-hosts.ts'
import type { PatchListQuery } from '@rebootless/shared/contract/patches.ts'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

const PAGE = 100
const MOST = 500
/** No event tells of the catalogue, and what fits changes with every host: it is asked for anew each time. */
const ANEW = { staleTime: 0 } as const

export type PatchListAsked = Pick<PatchListQuery, 'filter' | 'sort'>

/** The entries that match, in pages. */
export const patchListQuery = (asked: PatchListAsked) =>
  infiniteQueryOptions({
    queryKey: [...queryKeys.patchLists, asked],
    queryFn: ({ signal, pageParam }) =>
      api.get('/api/v1/patches', {
        query: { ...asked, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    ...ANEW,
  })

/** Modules to choose from, by name; the first 500 of them. */
export const modulesQuery = queryOptions({
  queryKey: [...queryKeys.patchLists, 'modules'],
  queryFn: ({ signal }) =>
    api.get('/api/v1/patches', { query: { filter: 'kind:module', sort: 'name', limit: MOST }, signal }),
  ...ANEW,
})

/** A few patches whose name holds `text`, or that fix a CVE whose id does, for the palette. */
export const patchSearchQuery = (text: string) =>
  queryOptions({
    queryKey: [...queryKeys.patchLists, 'search', text],
    queryFn: ({ signal }) =>
      api.get('/api/v1/patches', {
        query: { filter: `${/^cve/i.test(text) ? 'cve' : 'name'}:*${text}*`, limit: 5 },
        signal,
      }),
    enabled: text !== '',
    staleTime: 10_000,
  })

export const patchQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.patch(id),
    queryFn: ({ signal }) => api.get('/api/v1/patches/:id', { params: { id }, signal }),
    ...ANEW,
  })

export type PatchFitAsked = Pick<PatchFitQuery, 'filter'> & { [Key in 'fits' | 'reason']?: PatchFitQuery[Key] }

/** Which hosts can take it; whose pages hold the counts too. */
export const patchFitQuery = (id: string, asked: PatchFitAsked, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: [...queryKeys.patch(id), 'fit', asked, limit],
    queryFn: ({ signal, pageParam }) =>
      api.get('/api/v1/patches/:id/fit', {
        params: { id },
        query: { ...asked, limit, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    ...ANEW,
  })

/** As many hosts as one request takes. */
export const LOAD_HOSTS_MAX = MOST

export const patchForecastQuery = (id: string, asked: Pick<PatchForecastQuery, 'filter'>) =>
  infiniteQueryOptions({
    queryKey: [...queryKeys.patch(id), 'forecast', asked],
    queryFn: ({ signal, pageParam }) =>
      api.get('/api/v1/patches/:id/forecast', {
        params: { id },
        query: { ...asked, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    ...ANEW,
  })

export const comparisonQuery = (left: string, right: string) =>
  queryOptions({
    queryKey: [...queryKeys.patch(left), 'compare', right],
    queryFn: ({ signal }) =>
      api.get('/api/v1/patches/:id/compare/:other', { params: { id: left, other: right }, signal }),
  })

/** Whose signatures over modules count, and whose do no more. */
export const publisherKeysQuery = queryOptions({
  queryKey: queryKeys.publisherKeys,
  queryFn: ({ signal }) => api.get('/api/v1/publisher-keys', { signal }),
  ...ANEW,
})
