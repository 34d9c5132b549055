import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import type { AuditAsked } from './audit-filter.ts'

const PAGE = 100
const NEWEST_MS = 10_000

/** Entries that match, newest first, in pages. */
export const auditListQuery = (asked: AuditAsked) =>
  infiniteQueryOptions({
    queryKey: queryKeys.auditList(asked),
    queryFn: ({ signal, pageParam }) =>
      api.get('/api/v1/audit', {
        query: pageParam === null ? { ...asked, limit: PAGE } : { ...asked, limit: PAGE, cursor: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    staleTime: 0,
  })

/** The newest entry that matches: no event tells of the log, so it is asked for. */
export const newestEntryQuery = (asked: AuditAsked) =>
  queryOptions({
    queryKey: queryKeys.auditNewest(asked),
    queryFn: ({ signal }) => api.get('/api/v1/audit', { query: { ...asked, limit: 1 }, signal }),
    select: ({ items }) => items[0]?.sequence ?? 0,
    refetchInterval: NEWEST_MS,
    staleTime: 0,
  })

/** One entry by its place; null when there is none. It never changes. */
export const entryQuery = (sequence: number) =>
  queryOptions({
    queryKey: queryKeys.auditEntry(sequence),
    queryFn: async ({ signal }) => {
      const { items } = await api.get('/api/v1/audit', { query: { cursor: String(sequence + 1), limit: 1 }, signal })
      return items.find((item) => item.sequence === sequence) ?? null
    },
  })
