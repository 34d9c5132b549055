import type { AlertRule, AlertRuleChange } from '@rebootless/shared/contract/alerts.ts'
import { ALERT_SEVERITIES } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ReasonField } from '../../shell/reason-field.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { plural } from '../../ui/duration.ts'
import { Field } from '../../ui/field.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { changeOf, draftOf, mistakesOf, type RuleDraft } from './rule-draft.ts'
import { Runbook } from './runbook.tsx'

const SEVERITY_LABELS = { page: 'Page', ticket: 'Ticket', info: 'Info' } as const

/** When one rule fires and how urgent that is, for those who may change it; its runbook for everybody. */
export const RuleDialog = ({
  rule,
  mayChange,
  onClose,
}: {
  rule: AlertRule
  mayChange: boolean
  onClose: () => void
}) => (
  <Dialog label={rule.title} onClose={onClose} className="overflow-y-auto">
    <DialogHead title={rule.title} onClose={onClose} />
    <div className="divide-y divide-line">
      <div className="grid gap-2 p-4">
        <p>{rule.about}</p>
        <WhoIsTold rule={rule} />
      </div>
      {mayChange ? <Settings rule={rule} onClose={onClose} /> : null}
      <div className="p-4">
        <h3 className="mb-2 text-13">Runbook</h3>
        <Runbook markdown={rule.runbook.replace(/^# .*\n/, '')} />
      </div>
    </div>
  </Dialog>
)

const WhoIsTold = ({ rule: { settings } }: { rule: AlertRule }) => (
  <p className="text-12 text-ink-3">
    {settings.channels === null
      ? 'Told to the channels that take such alerts'
      : `Told to ${plural(settings.channels.length, 'channel')} that it names`}
    {settings.escalation.length === 0
      ? '; it does not escalate.'
      : `; escalates in ${plural(settings.escalation.length, 'step')}, from ${settings.escalation[0]?.afterMinutes} minutes on.`}{' '}
    Channels and steps of a rule are set by the API.
  </p>
)

const Settings = ({ rule, onClose }: { rule: AlertRule; onClose: () => void }) => {
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
        {mistakes.reason === undefined ? null : <span className="text-12 text-ink-3">{mistakes.reason}</span>}
      </div>
    </form>
  )
}
