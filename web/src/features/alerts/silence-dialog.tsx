import type { AlertRule } from '@rebootless/shared/contract/alerts.ts'
import type { AlertRuleId } from '@rebootless/shared/domain/alerts/alert-words.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ReasonField } from '../../shell/reason-field.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { Field } from '../../ui/field.tsx'
import { endOfSilence, SILENCE_LENGTHS } from './silence-words.ts'

/** Keeps alerts quiet by their rule, by hosts, or both; it ends by itself. */
export const SilenceDialog = ({ rules, onClose }: { rules: readonly AlertRule[]; onClose: () => void }) => {
  const cache = useQueryClient()
  const [rule, setRule] = useState<AlertRuleId | ''>('')
  const [hosts, setHosts] = useState('')
  const [minutes, setMinutes] = useState<number>(SILENCE_LENGTHS[0].minutes)
  const [reason, setReason] = useState('')
  const make = useMutation({
    mutationFn: () => {
      const matcher = { rule: rule === '' ? null : rule, cause: null, hosts: hosts.trim() === '' ? null : hosts.trim() }
      return api.post('/api/v1/silences', { body: { matcher, endsAt: endOfSilence(minutes), reason: reason.trim() } })
    },
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.alerts })
      onClose()
    },
  })
  const missing =
    rule === '' && hosts.trim() === ''
      ? 'Choose a rule, or say which hosts.'
      : reason.trim() === ''
        ? 'A reason is missing.'
        : null
  return (
    <Dialog label="Silence alerts" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Silence alerts" onClose={onClose} />
      <form
        className="grid gap-4 p-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (missing === null && !make.isPending) make.mutate()
        }}
      >
        <Field label="Rule">
          {(control) => (
            <select
              {...control}
              data-autofocus
              value={rule}
              onChange={(event) => setRule(event.target.value as AlertRuleId | '')}
            >
              <option value="">Every rule</option>
              {rules.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Hosts (optional)" hint="As the filter of Hosts has them: label.env:staging.">
          {(control) => (
            <input
              {...control}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={hosts}
              onChange={(event) => setHosts(event.target.value)}
            />
          )}
        </Field>
        <Field label="How long">
          {(control) => (
            <select {...control} value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
              {SILENCE_LENGTHS.map((one) => (
                <option key={one.minutes} value={one.minutes}>
                  {one.word}
                </option>
              ))}
            </select>
          )}
        </Field>
        <ReasonField reason={reason} onChange={setReason} />
        {make.error ? <Refusal error={make.error} lead="Not silenced." /> : null}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            kind="primary"
            size="large"
            disabled={missing !== null || make.isPending}
            className="disabled:bg-sunken"
          >
            Silence
          </Button>
          {missing === null ? null : <span className="text-12 text-ink-3">{missing}</span>}
        </div>
      </form>
    </Dialog>
  )
}
