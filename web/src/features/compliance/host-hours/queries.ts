import type { HostHours } from '@rebootless/shared/contract/host-hours.ts'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { dayBefore, momentOf, utcDay } from '../day.ts'
import type { Scope } from '../scope.ts'

export const HOURS_PERIODS = ['30', '90', '365', 'all'] as const
export type HoursPeriod = (typeof HOURS_PERIODS)[number]

const KEPT_MS = 60_000

/** So many whole days up to today, or to the day that is looked at; all: from disclosure. */
export const hostHoursQuery = (id: string, { at, filter }: Scope, period: HoursPeriod, now: number) => {
  const to = at === undefined ? undefined : momentOf(at)
  const last = to === undefined ? utcDay(now) : to.slice(0, 10)
  const asked = {
    ...(filter === '' ? {} : { filter }),
    ...(to === undefined ? {} : { to }),
    ...(period === 'all' ? {} : { from: `${dayBefore(last, Number(period) - 1)}T00:00:00.000Z` }),
  }
  return queryOptions({
    queryKey: queryKeys.hostHours(id, asked),
    queryFn: ({ signal }): Promise<HostHours> =>
      api.get('/api/v1/cves/:id/host-hours', { params: { id }, query: asked, signal }),
    // The server adds up all that is recorded of the hosts, and keeps it as long.
    staleTime: to === undefined ? KEPT_MS : Number.POSITIVE_INFINITY,
  })
}
