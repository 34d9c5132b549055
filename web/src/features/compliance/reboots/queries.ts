import type { RebootDays, RebootDebtList } from '@rebootless/shared/contract/reboot-debt.ts'
import type { PLANNED_WORDS, RebootReason } from '@rebootless/shared/domain/reboot-debt/reboot-debt-words.ts'
import type { RebootAnswer } from '@rebootless/shared/domain/words.ts'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { EVERY_MS } from '../queries.ts'

/** Which hosts a list shows. */
export interface DebtAsked {
  filter?: string
  reason?: RebootReason
  answer?: RebootAnswer
  plan?: (typeof PLANNED_WORDS)[number]
  day?: string
}

interface Address extends DebtAsked {
  month?: string
  view?: 'month' | 'table'
}

/** What an address keeps when another part of the list is shown: whose hosts, and how the calendar stands. */
export const narrowedTo =
  (next: Omit<DebtAsked, 'filter'>) =>
  ({ filter, month, view }: Address): Address => ({
    ...(filter === undefined ? {} : { filter }),
    ...(month === undefined ? {} : { month }),
    ...(view === undefined ? {} : { view }),
    ...next,
  })

const HOSTS_AT_ONCE = 50

/** No event tells that a day is over or that a plan was set. */
export const rebootDebtQuery = (asked: DebtAsked) =>
  infiniteQueryOptions({
    queryKey: queryKeys.rebootDebt(asked),
    queryFn: ({ signal, pageParam }): Promise<RebootDebtList> =>
      api.get('/api/v1/reboot-debt', {
        query: { ...asked, limit: HOSTS_AT_ONCE, ...(pageParam === null ? {} : { cursor: pageParam }) },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    // Numbers and calendar stay where they are while another part of the list comes.
    placeholderData: keepPreviousData,
    ...{ staleTime: 0, refetchInterval: EVERY_MS },
  })

export const rebootDaysQuery = (asked: { filter: string; from: string; to: string }) =>
  queryOptions({
    queryKey: queryKeys.rebootDays(asked),
    queryFn: ({ signal }): Promise<RebootDays> => api.get('/api/v1/reboot-debt/days', { query: asked, signal }),
    ...{ staleTime: 0, refetchInterval: EVERY_MS },
  })
