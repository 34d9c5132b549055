import type { AlertRule, AlertRuleChange } from '@rebootless/shared/contract/alerts.ts'
import { ALERT_SEVERITIES } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ReasonField } from '../../shell/reason-field.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { changeOf, draftOf, mistakesOf, type RuleDraft } from './rule-draft.ts'
import { type ChannelChoice, ToldFields } from './told-fields.tsx'
import { namesNoneThatIsThere } from './told-words.ts'

const SEVERITY_LABELS = { page: 'Page', ticket: 'Ticket', info: 'Info' } as const

/** When one rule fires, how urgent that is, and who is told; sent as a whole. */
export const RuleForm = ({
  rule,
  channels,
  onClose,
}: {
  rule: AlertRule
  channels: readonly ChannelChoice[]
  onClose: () => void
}) => {
  const cache = useQueryClient()
  const [draft, setDraft] = useState<RuleDraft>(() => draftOf(rule))
  const save = useMutation({
    mutationFn: (body: AlertRuleChange) => api.patch('/api/v1/alert-rules/:id', { params: { id: rule.id }, body }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.alerts })
      onClose()
    },
  })
  const change = (one: Partial<RuleDraft>) => setDraft((before) => ({ ...before, ...one }))
  const mistakes = mistakesOf(draft, rule)
  const wanted = changeOf(draft, rule)
  const same = Object.keys(wanted).length === 0
  const wrong = Object.keys(mistakes).length > 0
  const number = (label: string, key: 'threshold' | 'forMinutes' | 'quietMinutes' | 'repeatMinutes', hint: string) => (
    <Field label={label} hint={hint} error={mistakes[key]}>
      {(control) => (
        <input
          {...control}
          inputMode="decimal"
          autoComplete="off"
          value={draft[key]}
          onChange={(event) => change({ [key]: event.target.value })}
        />
      )}
    </Field>
  )
  return (
    <form
      noValidate
      aria-label="Settings"
      className="grid gap-4 p-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!same && !save.isPending) save.mutate(wanted)
      }}
    >
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label="Whether it is asked"
          value={draft.enabled ? 'on' : 'off'}
          segments={[
            { value: 'on', label: 'On' },
            { value: 'off', label: 'Off' },
          ]}
          onChange={(value) => change({ enabled: value === 'on' })}
        />
        <Segmented
          label="Urgency"
          value={draft.severity}
          segments={ALERT_SEVERITIES.map((value) => ({ value, label: SEVERITY_LABELS[value] }))}
          onChange={(severity) => change({ severity })}
        />
      </div>
      {rule.settings.threshold === null
        ? null
        : number(`Threshold (${rule.thresholdUnit ?? ''})`, 'threshold', `Preset: ${rule.defaults.threshold ?? 0}.`)}
      <div className="grid gap-4 desk:grid-cols-3">
        {number('Fires after, minutes', 'forMinutes', 'So long it must be so.')}
        {number('Over after, minutes', 'quietMinutes', 'So long it must not.')}
        {number('Told again each, minutes', 'repeatMinutes', 'Empty: once.')}
      </div>
      <Field label="Only hosts (optional)" hint="As the filter of Hosts has them. Empty: all.">
        {(control) => (
          <input
            {...control}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={draft.hosts}
            onChange={(event) => change({ hosts: event.target.value })}
          />
        )}
      </Field>
      <ToldFields
        draft={draft.told}
        mistakes={mistakes.told ?? {}}
        choices={withRemoved(channels, rule)}
        onChange={(told) => setDraft((before) => ({ ...before, told: { ...before.told, ...told } }))}
      />
      {namesNoneThatIsThere(rule) && draft.told.told === 'named' ? (
        <p className="text-12 text-danger-text">Every channel that it names was removed: nobody is told of it.</p>
      ) : null}
      <ReasonField
        optional={mistakes.reason === undefined}
        reason={draft.reason}
        onChange={(reason) => change({ reason })}
      />
      {save.error ? <Refusal error={save.error} lead="Not changed." /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button type="submit" kind="primary" size="large" disabled={same || save.isPending}>
          Save
        </Button>
        <span role="status" className="text-12 text-ink-3">
          {mistakes.reason ?? (wrong ? 'Something above is not right yet.' : same ? 'Nothing is changed yet.' : '')}
        </span>
      </div>
    </form>
  )
}

/** Those that can be chosen, and those that are named and are gone: they are told nothing, and can be taken off. */
const withRemoved = (channels: readonly ChannelChoice[], { settings }: AlertRule): readonly ChannelChoice[] => {
  const named = [...(settings.channels ?? []), ...settings.escalation.flatMap((step) => step.channels)]
  const gone = [...new Set(named)].filter((id) => !channels.some((channel) => channel.id === id))
  return [...channels, ...gone.map((id) => ({ id, name: 'A channel that was removed', about: 'it is told nothing' }))]
}
