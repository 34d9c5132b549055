import type { RolloutPhase } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'

/** Newest first, the first 200. */
export const rolloutListQuery = (phase?: RolloutPhase) =>
  queryOptions({
    queryKey: [...queryKeys.rolloutLists, phase ?? 'all'],
    queryFn: ({ signal }) =>
      api.get('/api/v1/rollouts', { query: phase === undefined ? { limit: 200 } : { phase, limit: 200 }, signal }),
  })

export const rolloutQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.rollout(id),
    queryFn: ({ signal }) => api.get('/api/v1/rollouts/:id', { params: { id }, signal }),
  })

export const rolloutApprovalsQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.rolloutApprovals(id),
    queryFn: ({ signal }) => api.get('/api/v1/rollouts/:id/approvals', { params: { id }, signal }),
  })
