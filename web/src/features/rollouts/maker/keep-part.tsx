import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ApiProblem } from '../../../api/api-problem.ts'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { plural } from '../../../ui/duration.ts'
import { Section } from '../../../ui/section.tsx'
import type { Draft } from './draft.ts'
import { TextField } from './plan-fields.tsx'
import type { Preview } from './use-preview.ts'

/** Keeps the draft. The answer of an earlier try may have been lost on its way: then it is there already, and that is it. */
const keep = async ({ id, plan }: Draft): Promise<RolloutDetail> => {
  try {
    return await api.post('/api/v1/rollouts', { body: { id, plan } })
  } catch (error) {
    if (!(error instanceof ApiProblem && error.code === 'rollout_refused')) throw error
    const kept = await api.get('/api/v1/rollouts/:id', { params: { id } }).catch(() => null)
    if (kept === null) throw error
    if (canonicalJson(kept.plan) !== canonicalJson(asKept(plan))) throw new KeptBefore()
    return kept
  }
}

const asKept = (plan: RolloutPlan): RolloutPlan => ({ ...plan, name: plan.name.trim(), reason: plan.reason.trim() })

/** The earlier try was kept as the plan was then; it was changed since, so this is another rollout. */
class KeptBefore extends Error {
  constructor() {
    super(
      'An earlier try was kept after all, with the plan as it was then; it stands in the list. Press once more to keep this one as well.',
    )
  }
}

const missingOf = (draft: Draft, { missing, isCurrent, shown, error, mistakes }: Preview): string | null => {
  if (draft.text !== null) return 'What is written as YAML is not a plan yet.'
  if (missing !== null) return missing
  if (draft.plan.name.trim() === '') return 'A name is missing.'
  if (draft.plan.reason.trim() === '') return 'A reason is missing.'
  if (error !== null || mistakes.size > 0) return 'Mend what is marked first.'
  if (!isCurrent) return 'Who goes when is being looked at.'
  return shown?.waves.every((wave) => wave.hosts.length === 0) ? 'No host goes.' : null
}

/** The name, the reason, and the plan is kept as it was previewed. Nothing begins by that. */
export const KeepPart = ({
  draft,
  preview,
  onName,
  onReason,
  onKept,
  onKeptBefore,
}: {
  draft: Draft
  preview: Preview
  onName: (name: string) => void
  onReason: (reason: string) => void
  onKept: (kept: RolloutDetail) => void
  /** The draft's id is taken, by a plan that it is no longer. */
  onKeptBefore: () => void
}) => {
  const cache = useQueryClient()
  const keeping = useMutation({
    mutationFn: () => keep(draft),
    // Without a connection it fails and says so; it is not kept behind somebody's back later.
    networkMode: 'always',
    onError: (error) => {
      if (error instanceof KeptBefore) onKeptBefore()
    },
    onSuccess: (kept) => {
      cache.setQueryData(queryKeys.rollout(kept.id), kept)
      void cache.invalidateQueries({ queryKey: queryKeys.rolloutLists })
      onKept(kept)
    },
  })
  const missing = missingOf(draft, preview)
  const going = preview.shown?.waves.reduce((sum, wave) => sum + wave.hosts.length, 0) ?? 0
  return (
    <Section title="Name and reason">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (missing === null && !keeping.isPending) keeping.mutate()
        }}
      >
        <TextField {...{ label: 'Name', at: 'name', value: draft.plan.name, max: 120 }} onChange={onName} />
        <TextField
          {...{ label: 'Reason', at: 'reason', value: draft.plan.reason }}
          hint="Approvers read it, and the audit log keeps it."
          onChange={onReason}
        />
        {keeping.isError ? (
          <Refusal error={keeping.error} lead="Not kept." after="What you wrote is still here." />
        ) : null}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            size="large"
            kind="primary"
            disabled={missing !== null || keeping.isPending}
            className="disabled:bg-sunken"
          >
            Keep the plan{missing === null ? `, for ${plural(going, 'host')}` : ''}
          </Button>
          <span role="status" className="min-w-0 flex-1 text-12 text-ink-3">
            {missing ?? 'Nothing begins yet: it waits until somebody starts it.'}
          </span>
        </div>
      </form>
    </Section>
  )
}
