import type { SlaPolicy } from '@rebootless/shared/contract/compliance-policy.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useMemo, useState } from 'react'
import { flushSync } from 'react-dom'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { ReasonField } from '../../../shell/reason-field.tsx'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { ChangeList } from './change-list.tsx'
import { DaysFields } from './days-fields.tsx'
import { OverrideFields } from './override-fields.tsx'
import { RuleFields } from './rule-fields.tsx'
import { slaChanges } from './sla-changes.ts'
import { draftOf, mistakesOf, type SlaDraft, specOf } from './sla-draft.ts'

/** The SLA as a form; what would change is said before it is set. `readOnly`: whoever looks may not. */
export const SlaForm = ({ policy, readOnly }: { policy: SlaPolicy; readOnly: boolean }) => {
  const cache = useQueryClient()
  const [draft, setDraft] = useState<SlaDraft>(() => draftOf(policy.spec))
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const set = useMutation({
    mutationFn: () =>
      api.put('/api/v1/sla-policy', {
        body: { spec: specOf(draft), reason: reason.trim(), basedOn: policy.version },
      }),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.compliance }),
  })
  const change = (one: Partial<SlaDraft>) => {
    setDraft((before) => ({ ...before, ...one }))
    if (set.isError) set.reset()
  }
  const mistakes = useMemo(() => mistakesOf(draft), [draft])
  const isRight = Object.keys(mistakes).length === 0
  const changes = useMemo(() => (isRight ? slaChanges(policy.spec, specOf(draft)) : []), [isRight, policy, draft])
  const missing = !isRight
    ? 'Something is not right yet.'
    : changes.length === 0
      ? 'It is set like this.'
      : reason.trim() === ''
        ? 'A reason is missing.'
        : null
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (missing === null && !set.isPending) return set.mutate()
    flushSync(() => setTried(true))
    event.currentTarget.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }
  return (
    <form noValidate className="grid max-w-[760px] gap-6" onSubmit={submit}>
      <fieldset disabled={readOnly} className="grid gap-6">
        <legend className="sr-only">The policy</legend>
        <DaysFields legend="Days to mend it" draft={draft} error={mistakes.days} onChange={change} />
        <RuleFields draft={draft} mistakes={mistakes} onChange={change} />
        <OverrideFields {...{ draft, mistakes, tried, readOnly }} onChange={change} />
      </fieldset>
      {readOnly ? null : (
        <section aria-label="What would change" className="grid gap-4 border-t border-line pt-4">
          <h3 className="text-13">What would change</h3>
          <ChangeList changes={changes} isRight={isRight} />
          <p className="text-12 text-ink-3">It holds from now on. What was counted before stays as it was.</p>
          <ReasonField reason={reason} onChange={setReason} />
          {set.isError ? <Refusal error={set.error} lead="Not set." after="What you wrote is still here." /> : null}
          <div className="flex flex-wrap items-center gap-3">
            <Button
              type="submit"
              size="large"
              kind="primary"
              disabled={missing !== null || set.isPending}
              className="disabled:bg-sunken"
            >
              Set the policy
            </Button>
            <span role="status" className="text-12 text-ink-3">
              {set.isSuccess && missing === 'It is set like this.' ? 'Set.' : missing}
            </span>
          </div>
        </section>
      )}
    </form>
  )
}
