import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

export const fleetCountsQuery = queryOptions({
  queryKey: queryKeys.fleetCounts,
  queryFn: ({ signal }) => api.get('/api/v1/fleet/counts', { signal }),
})

export const fleetSummaryQuery = queryOptions({
  queryKey: queryKeys.fleetSummary,
  queryFn: ({ signal }) => api.get('/api/v1/fleet/summary', { signal }),
})

const CELLS_MAX = 5000
const PAGE = 500

export interface FleetCells {
  hosts: HostSummary[]
  total: number
}

/** Every host for the map, page by page, most urgent first, up to what a map of elements can carry. */
export const fleetCellsQuery = queryOptions({
  queryKey: queryKeys.fleetCells,
  queryFn: async ({ signal }): Promise<FleetCells> => {
    const hosts: HostSummary[] = []
    let cursor: string | undefined
    let total = 0
    do {
      const query = cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor }
      const page = await api.get('/api/v1/hosts', { query, signal })
      hosts.push(...page.items)
      total = page.total
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined && hosts.length < CELLS_MAX)
    return { hosts, total }
  },
})

const CURVE_EVERY_MS = 5000

/** The readings of one transition for its small curve; asked for at this pace, however fast they come. */
export const underWayCurveQuery = (id: string) =>
  queryOptions({
    queryKey: ['fleet', 'curve', id],
    queryFn: ({ signal }) => api.get('/api/v1/hosts/:id/transition', { params: { id }, signal }),
    refetchInterval: CURVE_EVERY_MS,
  })
