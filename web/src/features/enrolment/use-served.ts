import type { EnrolmentToken } from '@rebootless/shared/contract/enrolment.ts'
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { queryKeys } from '../../api/query-keys.ts'
import { joinTokensQuery } from './queries.ts'

/** Whether a token has let in as many hosts as it may; asked again with each host that comes, by whatever token it came. */
export const useServed = (token: EnrolmentToken | undefined, enrolled: readonly HostSummary[]): boolean => {
  const cache = useQueryClient()
  const tokens = useQuery({ ...joinTokensQuery, enabled: token !== undefined }).data
  const came = enrolled.length
  useEffect(() => {
    if (came > 0) void cache.invalidateQueries({ queryKey: queryKeys.joinTokens })
  }, [came, cache])
  return tokens?.items.some(({ id, state }) => id === token?.id && state === 'used') ?? false
}
