import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'

/** Entries of the catalogue of these kinds whose name holds `text`, newest first. */
export const catalogueQuery = (kinds: 'module,set' | 'vendor_update', text: string) =>
  queryOptions({
    queryKey: [...queryKeys.patchLists, 'to roll out', kinds, text],
    queryFn: ({ signal }) => {
      const name = text.replaceAll(/["\\*]/g, '')
      const filter = `kind:${kinds}${name === '' ? '' : ` name:"*${name}*"`}`
      return api.get('/api/v1/patches', { query: { filter, sort: '-added', limit: 50 }, signal })
    },
    staleTime: 0,
  })

/** An entry that a link names. */
export const catalogueEntryQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.patch(id),
    queryFn: ({ signal }) => api.get('/api/v1/patches/:id', { params: { id }, signal }),
    staleTime: 0,
  })

/**
 * Who would go when. A name and a reason are not yet needed for that. It is no part of `rollouts`, which is asked for anew
 * with each step of any rollout.
 */
export const previewQuery = (id: string, plan: RolloutPlan) =>
  queryOptions({
    queryKey: ['rollout-preview', id, plan],
    queryFn: ({ signal }) =>
      api.post('/api/v1/rollouts/preview', {
        body: { id, plan: { ...plan, name: plan.name.trim() || '-', reason: plan.reason.trim() || '-' } },
        signal,
      }),
    staleTime: 30_000,
    // Hosts change while somebody writes.
    refetchInterval: 30_000,
    retry: false,
  })
