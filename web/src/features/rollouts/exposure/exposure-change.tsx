import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { ExposureChangeShown } from './exposure-change-shown.tsx'

const EVERY_MS = 30_000

const ofRollout = (id: string) =>
  queryOptions({
    // Beside `rollouts`, which is asked for anew with each step of any rollout.
    queryKey: [...queryKeys.compliance, 'rollout', id],
    queryFn: ({ signal }) => api.get('/api/v1/rollouts/:id/exposure-change', { params: { id }, signal }),
    refetchInterval: ({ state }) => (state.data?.ahead === null ? false : EVERY_MS),
  })

const ofPlan = (id: string, plan: RolloutPlan) =>
  queryOptions({
    queryKey: [...queryKeys.compliance, 'plan', id, plan],
    queryFn: ({ signal }) =>
      api.post('/api/v1/rollouts/preview/exposure-change', {
        body: { id, plan: { ...plan, name: plan.name.trim() || '-', reason: plan.reason.trim() || '-' } },
        signal,
      }),
    staleTime: EVERY_MS,
    retry: false,
  })

/**
 * What a rollout does to exposures.
 * @param plan one that is not kept; left out: the rollout of that id
 * @param isCurrent the plan as it stands can be asked about; what is shown until then is of the plan before
 */
export const ExposureChange = ({
  id,
  plan,
  isCurrent = true,
}: {
  id: string
  plan?: RolloutPlan
  isCurrent?: boolean
}) => {
  const kept = useQuery({ ...ofRollout(id), enabled: plan === undefined })
  const previewed = useQuery({
    ...ofPlan(id, plan as RolloutPlan),
    enabled: plan !== undefined && isCurrent,
    placeholderData: keepPreviousData,
  })
  const { data, error, isPending, refetch } = plan === undefined ? kept : previewed
  return (
    <section aria-label="Exposures" aria-busy={isPending} className="@container border-t border-line">
      {data !== undefined ? (
        <ExposureChangeShown change={data} />
      ) : error === null ? (
        <ExposureChangeLoading />
      ) : (
        <div className="grid justify-items-start gap-3 px-6 py-4 max-desk:px-4">
          <h2 className="text-14">Exposures</h2>
          <Refusal error={error} lead="What it does to exposures could not be read." />
          <Button onClick={() => void refetch()}>Try again</Button>
        </div>
      )}
    </section>
  )
}

/** The head and the sentence, as they will stand; whether tables follow is not known. */
const ExposureChangeLoading = () => (
  <div className="grid grid-cols-1 gap-2 px-6 py-4 max-desk:px-4">
    <h2 className="text-14">Exposures</h2>
    <p role="status" className="sr-only">
      What it does to exposures is being counted.
    </p>
    <Placeholder className="w-[40em]" />
  </div>
)
