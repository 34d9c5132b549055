import type { SlaPolicy } from '@rebootless/shared/contract/compliance-policy.ts'
import { WEEKDAYS } from '@rebootless/shared/domain/compliance/compliance-words.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Plus, Trash2, TriangleAlert } from 'lucide-react'
import { type FormEvent, useMemo, useState } from 'react'
import { flushSync } from 'react-dom'
import { api } from '../../../api/client.ts'
import { queryKeys } from '../../../api/query-keys.ts'
import { ReasonField } from '../../../shell/reason-field.tsx'
import { Refusal } from '../../../shell/refusal.tsx'
import { Button } from '../../../ui/button.tsx'
import { ChoiceList } from '../../../ui/choice-list.tsx'
import { Field } from '../../../ui/field.tsx'
import { DaysFields } from './days-fields.tsx'
import { slaChanges } from './sla-changes.ts'
import { draftOf, emptyOverride, mistakesOf, type OverrideDraft, type SlaDraft, specOf } from './sla-draft.ts'

const PLAIN = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const

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
  const changeOverride = (key: number, one: Partial<OverrideDraft>) =>
    change({ overrides: draft.overrides.map((before) => (before.key === key ? { ...before, ...one } : before)) })
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
        <div className="grid gap-5 desk:grid-cols-2">
          <ChoiceList
            label="The clock starts"
            value={draft.clock}
            onChange={(clock) => change({ clock })}
            choices={[
              {
                value: 'fix_available',
                label: 'When a fix is available',
                about: 'Without a fix there is no due date.',
              },
              { value: 'publication', label: 'When it was published', about: 'With a fix or without one.' },
            ]}
          />
          <ChoiceList
            label="On a host that came later"
            value={draft.notBeforeSeen ? 'seen' : 'same'}
            onChange={(value) => change({ notBeforeSeen: value === 'seen' })}
            choices={[
              {
                value: 'seen',
                label: 'It starts when first seen exposed',
                about: 'A host that is new has all its days.',
              },
              { value: 'same', label: 'It started before', about: 'A host that is new may be past at once.' },
            ]}
          />
          <ChoiceList
            label="What is not known"
            value={draft.unknown}
            onChange={(unknown) => change({ unknown })}
            choices={[
              { value: 'apart', label: 'Is shown apart', about: 'Never as fixed, and without a date.' },
              { value: 'as_exposed', label: 'Counts as exposed', about: 'With the same days.' },
            ]}
          />
          <ChoiceList
            label="A host is supported when"
            value={draft.supported}
            onChange={(supported) => change({ supported })}
            choices={[
              {
                value: 'covers_newer_kernel',
                label: 'Nothing that a newer kernel on its disk fixes is open',
                about: 'Livepatches stand for the kernel that was not booted.',
              },
              {
                value: 'newest_in_effect',
                label: 'Its newest kernel runs, or its newest livepatch is in effect',
                about: 'Whatever either fixes.',
              },
            ]}
          />
        </div>
        <div className="grid gap-5 desk:grid-cols-2">
          <ChoiceList
            label="Days that count"
            value={draft.count}
            onChange={(count) => change({ count })}
            choices={[
              { value: 'calendar_days', label: 'Every day', about: 'Weekends and holidays too.' },
              { value: 'working_days', label: 'Working days', about: 'Those below, without holidays.' },
            ]}
          />
          <Field label="Time zone" error={mistakes.timeZone} hint="A date is over at midnight there.">
            {(control) => (
              <input
                {...control}
                {...PLAIN}
                maxLength={64}
                value={draft.timeZone}
                onChange={({ target }) => change({ timeZone: target.value })}
              />
            )}
          </Field>
        </div>
        {draft.count === 'calendar_days' ? null : (
          <div className="grid gap-5 desk:grid-cols-2">
            <fieldset>
              <legend className="mb-1.5 text-12 font-medium text-ink-2">Working days</legend>
              <div className="flex flex-wrap gap-x-4 gap-y-1">
                {WEEKDAYS.map((day) => (
                  <label key={day} className="flex items-center gap-1.5 text-12 touch:min-h-11">
                    <input
                      type="checkbox"
                      checked={draft.workingDays.includes(day)}
                      aria-invalid={mistakes.workingDays !== undefined}
                      onChange={({ target: { checked } }) =>
                        change({
                          workingDays: checked
                            ? [...draft.workingDays, day]
                            : draft.workingDays.filter((one) => one !== day),
                        })
                      }
                      className="size-3.5 accent-ink"
                    />
                    <span className="capitalize">{day}</span>
                  </label>
                ))}
              </div>
              {mistakes.workingDays === undefined ? null : (
                <p role="alert" className="mt-1 text-12 text-danger-text">
                  {mistakes.workingDays}
                </p>
              )}
            </fieldset>
            <Field label="Holidays" error={mistakes.holidays} hint="One a line: 2026-12-25.">
              {({ className: _, ...control }) => (
                <textarea
                  {...control}
                  {...PLAIN}
                  rows={4}
                  value={draft.holidays}
                  onChange={({ target }) => change({ holidays: target.value })}
                  className="mono w-full rounded-control border border-line-3 bg-sheet px-2.5 py-2 text-12 aria-invalid:border-danger-fill touch:text-16"
                />
              )}
            </Field>
          </div>
        )}
        <section aria-labelledby="sla-overrides" className="grid gap-4">
          <div className="flex flex-wrap items-center gap-3">
            <h3 id="sla-overrides" className="text-13">
              Other days for some hosts
            </h3>
            <span className="text-12 text-ink-3">Of several that hold a host the shortest count.</span>
            {readOnly ? null : (
              <Button
                className="ml-auto"
                onClick={() =>
                  change({
                    overrides: [
                      ...draft.overrides,
                      emptyOverride(Math.max(0, ...draft.overrides.map(({ key }) => key + 1)), draft),
                    ],
                  })
                }
              >
                <Plus size={14} aria-hidden />
                Add
              </Button>
            )}
          </div>
          {draft.overrides.length === 0 ? (
            <p className="text-12 text-ink-3">None: all hosts have the days above.</p>
          ) : null}
          {draft.overrides.map((one, index) => (
            <fieldset key={one.key} className="grid gap-4 border-l-2 border-line-2 pl-4">
              <legend className="sr-only">Override {index + 1}</legend>
              <div className="grid items-start gap-4 desk:grid-cols-[200px_minmax(0,1fr)_auto]">
                <Field label="Name" error={tried ? mistakes[`name ${one.key}`] : undefined}>
                  {(control) => (
                    <input
                      {...control}
                      {...PLAIN}
                      maxLength={64}
                      placeholder="internet-facing"
                      value={one.name}
                      onChange={({ target }) => changeOverride(one.key, { name: target.value })}
                      className={`${control.className} placeholder:text-ink-3`}
                    />
                  )}
                </Field>
                <Field label="Hosts" error={tried ? mistakes[`hosts ${one.key}`] : undefined}>
                  {(control) => (
                    <input
                      {...control}
                      {...PLAIN}
                      maxLength={1000}
                      placeholder="label.zone:dmz"
                      value={one.hosts}
                      onChange={({ target }) => changeOverride(one.key, { hosts: target.value })}
                      className={`${control.className} mono placeholder:text-ink-3`}
                    />
                  )}
                </Field>
                {readOnly ? null : (
                  <Button
                    kind="danger"
                    className="desk:mt-6"
                    aria-label={`Take ${one.name === '' ? `override ${index + 1}` : one.name} away`}
                    onClick={() => change({ overrides: draft.overrides.filter(({ key }) => key !== one.key) })}
                  >
                    <Trash2 size={14} aria-hidden />
                    Take away
                  </Button>
                )}
              </div>
              <DaysFields
                legend={`Days for ${one.name === '' ? 'them' : one.name}`}
                draft={one}
                error={mistakes[`days ${one.key}`]}
                onChange={(next) => changeOverride(one.key, next)}
              />
            </fieldset>
          ))}
        </section>
      </fieldset>
      {readOnly ? null : (
        <section aria-label="What would change" className="grid gap-4 border-t border-line pt-4">
          <h3 className="text-13">What would change</h3>
          {changes.length === 0 ? (
            <p className="text-ink-3">{isRight ? 'Nothing.' : 'Something above is not right yet.'}</p>
          ) : (
            <ul className="grid gap-1">
              {changes.map(({ text, shorter }) => (
                <li key={text} className="flex gap-2">
                  {shorter ? (
                    <TriangleAlert size={14} aria-hidden className="mt-0.5 flex-none text-old-text" />
                  ) : (
                    <span aria-hidden className="w-3.5 flex-none text-center text-ink-3">
                      ·
                    </span>
                  )}
                  <span className="min-w-0 wrap-anywhere">
                    {text}
                    {shorter ? (
                      <span className="text-12 text-ink-3"> Hosts that are within may be past at once.</span>
                    ) : null}
                  </span>
                </li>
              ))}
            </ul>
          )}
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
