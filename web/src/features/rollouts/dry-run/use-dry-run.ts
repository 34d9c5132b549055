import type { DryRun } from '@rebootless/shared/contract/dry-run.ts'
import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'

/** No event tells of it: it is asked for while it runs. */
const EVERY_MS = 700
const isOver = ({ state }: DryRun) => state === 'done' || state === 'failed' || state === 'cancelled'

const dryRunQuery = (id: string) =>
  queryOptions({
    queryKey: queryKeys.dryRun(id),
    queryFn: ({ signal }) => api.get('/api/v1/rollouts/dry-run/:id', { params: { id }, signal }),
    refetchInterval: ({ state }) =>
      state.data === undefined || state.status === 'error' || isOver(state.data) ? false : EVERY_MS,
    staleTime: Number.POSITIVE_INFINITY,
  })

/** What is run through, and by which seed: the same plan, id and seed come to the same while the fleet is as it is. */
interface Asked {
  readonly plan: RolloutPlan
  readonly id: string
  readonly seed?: number
}

/** A dry run of a plan, from its asking to its result. */
export const useDryRun = () => {
  const client = useQueryClient()
  const [asked, setAsked] = useState<(Asked & { readonly job: string }) | null>(null)
  const start = useMutation({
    // A name and a reason are not yet needed, as for the preview.
    mutationFn: ({ plan, id, seed }: Asked) =>
      api.post('/api/v1/rollouts/dry-run', {
        body: {
          plan: { ...plan, name: plan.name.trim() || '-', reason: plan.reason.trim() || '-' },
          id,
          ...(seed === undefined ? {} : { seed }),
        },
      }),
    onSuccess: (shown, given) => {
      client.setQueryData(queryKeys.dryRun(shown.id), shown)
      setAsked({ ...given, job: shown.id })
    },
  })
  const cancel = useMutation({
    mutationFn: (job: string) => api.delete('/api/v1/rollouts/dry-run/:id', { params: { id: job } }),
    onSuccess: (shown) => client.setQueryData(queryKeys.dryRun(shown.id), shown),
  })
  const query = useQuery({ ...dryRunQuery(asked?.job ?? ''), enabled: asked !== null })
  const shown = asked === null ? undefined : query.data
  return {
    ...{ asked, shown },
    isRunning: start.isPending || (shown !== undefined && !query.isError && !isOver(shown)),
    error: start.error ?? (asked === null ? null : query.error),
    start: (given: Asked) => {
      cancel.reset()
      start.mutate(given)
    },
    cancel: () => {
      if (asked !== null) cancel.mutate(asked.job)
    },
  }
}
