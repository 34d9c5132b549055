import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { type HostListAsked, queryKeys } from '../../api/query-keys.ts'

const PAGE = 100

/** The hosts that match, in pages by keyset cursor. */
export const hostListQuery = (asked: HostListAsked) =>
  infiniteQueryOptions({
    queryKey: queryKeys.hostList(asked),
    queryFn: ({ signal, pageParam }) =>
      api.get('/api/v1/hosts', {
        query: pageParam === null ? { ...asked, limit: PAGE } : { ...asked, limit: PAGE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    // Which hosts match may have changed while nobody looked.
    staleTime: 0,
  })

/** A few hosts whose name holds `text`, for the palette. */
export const hostSearchQuery = (text: string) =>
  queryOptions({
    queryKey: [...queryKeys.hostLists, 'search', text],
    queryFn: ({ signal }) =>
      api.get('/api/v1/hosts', {
        query: text === '' ? { limit: 8 } : { filter: `name:*${text}*`, limit: 8, sort: 'name' },
        signal,
      }),
    staleTime: 10_000,
  })
