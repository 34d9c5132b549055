import type { ExceptionSubject } from '@rebootless/shared/contract/compliance-policy.ts'
import { cveUnknownWarning } from '@rebootless/shared/domain/compliance/exception-warning.ts'
import { parseComplianceFilter } from '@rebootless/shared/domain/compliance/host-filter.ts'
import { SEVERITY_WORDS } from '@rebootless/shared/domain/exposure/exposure-state-words.ts'
import { SEVERITIES, type Severity } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { flushSync } from 'react-dom'
import { ApiProblem } from '../../api/api-problem.ts'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ReasonField } from '../../shell/reason-field.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { ChoiceList } from '../../ui/choice-list.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { Field } from '../../ui/field.tsx'
import { cveQuery } from './cve/queries.ts'
import { dayBefore, endOfDay, utcDay } from './day.ts'
import type { Scope } from './scope.ts'

const CVE = /^CVE-\d{4}-\d{4,19}$/
const NOW: Scope = { at: undefined, filter: '' }
const DAYS_MAX = 365
const DAYS_FIRST = 28

interface Draft {
  readonly kind: ExceptionSubject['kind']
  readonly cve: string
  readonly severity: Severity
  readonly hosts: string
  readonly owner: string
  readonly reason: string
  readonly until: string
}
type Mistakes = Partial<Record<'cve' | 'hosts' | 'owner' | 'reason' | 'until', string>>

const mistakesOf = (draft: Draft, today: string): Mistakes => {
  const parsed = parseComplianceFilter(draft.hosts)
  return {
    ...(draft.kind === 'cve' && !CVE.test(draft.cve.trim().toUpperCase()) ? { cve: 'Write it as CVE-2024-1086.' } : {}),
    ...(parsed.ok ? {} : { hosts: parsed.detail }),
    ...(draft.owner.trim() === '' ? { owner: 'Say who answers for it.' } : {}),
    ...(draft.reason.trim() === '' ? { reason: 'Say why it is accepted.' } : {}),
    ...(draft.until > today && draft.until <= dayBefore(today, -DAYS_MAX)
      ? {}
      : { until: 'Choose a day after today, at most a year away.' }),
  }
}

/** Asks that an exposure be accepted until a date: it counts once another person approves it. */
export const ExceptionDialog = ({
  cve,
  hosts,
  onClose,
}: {
  /** What it is begun with. */
  cve: string
  hosts: string
  onClose: () => void
}) => {
  const cache = useQueryClient()
  const [today] = useState(() => utcDay(Date.now()))
  const [draft, setDraft] = useState<Draft>({
    ...{ kind: 'cve', cve, severity: 'low', hosts, owner: '', reason: '', until: dayBefore(today, -DAYS_FIRST) },
  })
  const [tried, setTried] = useState(false)
  const ask = useMutation({
    mutationFn: () => {
      const subject: ExceptionSubject =
        draft.kind === 'cve'
          ? { kind: 'cve', cveId: draft.cve.trim().toUpperCase() }
          : { kind: 'severity', severity: draft.severity }
      const body = { subject, hosts: draft.hosts.trim(), owner: draft.owner.trim(), reason: draft.reason.trim() }
      return api.post('/api/v1/exceptions', { body: { ...body, until: endOfDay(draft.until) } })
    },
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.compliance })
      onClose()
    },
  })
  const wanted = draft.cve.trim().toUpperCase()
  const looked = useQuery({ ...cveQuery(wanted, NOW), enabled: draft.kind === 'cve' && CVE.test(wanted), retry: false })
  const isUnknown = looked.isEnabled && looked.error instanceof ApiProblem && looked.error.code === 'cve_not_found'
  const change = (one: Partial<Draft>) => setDraft((before) => ({ ...before, ...one }))
  const mistakes = mistakesOf(draft, today)
  const shown = tried ? mistakes : {}
  const isRight = Object.keys(mistakes).length === 0
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (ask.isPending) return
    if (isRight) return ask.mutate()
    // What is wrong may be far above the button.
    flushSync(() => setTried(true))
    event.currentTarget.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }
  return (
    <Dialog label="Ask for an exception" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Ask for an exception" onClose={onClose} />
      <form noValidate className="grid gap-5 p-4" onSubmit={submit}>
        <ChoiceList
          label="What is accepted"
          value={draft.kind}
          onChange={(kind) => change({ kind })}
          choices={[
            { value: 'cve', label: 'One CVE', about: 'On the hosts below.' },
            { value: 'severity', label: 'All CVEs of one severity', about: 'Those to come too: be brief with it.' },
          ]}
        />
        {draft.kind === 'cve' ? (
          <Field
            label="CVE"
            error={shown.cve}
            hint={isUnknown ? <span className="text-old-text">{cveUnknownWarning(wanted)}</span> : undefined}
          >
            {(control) => (
              <input
                {...control}
                data-autofocus={cve === '' ? true : undefined}
                autoComplete="off"
                spellCheck={false}
                placeholder="CVE-2024-1086"
                maxLength={30}
                value={draft.cve}
                onChange={({ target: { value } }) => change({ cve: value })}
                className={`${control.className} mono placeholder:text-ink-3`}
              />
            )}
          </Field>
        ) : (
          <Field label="Severity">
            {(control) => (
              <select
                {...control}
                value={draft.severity}
                onChange={({ target: { value } }) =>
                  change({ severity: SEVERITIES.find((one) => one === value) ?? 'low' })
                }
              >
                {SEVERITIES.map((one) => (
                  <option key={one} value={one}>
                    {SEVERITY_WORDS[one].word}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Field
          label="Hosts"
          error={shown.hosts}
          hint="Words such as label.env:test or name:web-*; empty: all hosts. Whichever comes to match is accepted too."
        >
          {(control) => (
            <input
              {...control}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              placeholder="all hosts"
              maxLength={1000}
              value={draft.hosts}
              onChange={({ target: { value } }) => change({ hosts: value })}
              className={`${control.className} mono placeholder:font-sans placeholder:text-ink-3`}
            />
          )}
        </Field>
        <Field label="Owner" error={shown.owner} hint="Who answers for it: a person or a team.">
          {(control) => (
            <input
              {...control}
              data-autofocus={cve === '' ? undefined : true}
              autoComplete="off"
              maxLength={120}
              value={draft.owner}
              onChange={({ target: { value } }) => change({ owner: value })}
            />
          )}
        </Field>
        <Field label="Until the end of" error={shown.until} hint="UTC. After it everything is open again.">
          {(control) => (
            <input
              {...control}
              type="date"
              min={dayBefore(today, -1)}
              max={dayBefore(today, -DAYS_MAX)}
              value={draft.until}
              onChange={({ target: { value } }) => change({ until: value })}
            />
          )}
        </Field>
        <div>
          <ReasonField reason={draft.reason} onChange={(reason) => change({ reason })} />
          {shown.reason === undefined ? null : (
            <p role="alert" className="mt-1 text-12 text-danger-text">
              {shown.reason}
            </p>
          )}
        </div>
        {ask.isError ? <Refusal error={ask.error} lead="Not asked." after="What you wrote is still here." /> : null}
        <div className="flex flex-wrap items-center gap-2">
          <Button type="submit" size="large" kind="primary" disabled={ask.isPending} className="disabled:bg-sunken">
            Ask for it
          </Button>
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
          <span className="min-w-0 flex-1 text-12 text-ink-3">
            {tried && !isRight
              ? 'Something above is not right yet.'
              : 'It counts once an approver, another person than you, approves it.'}
          </span>
        </div>
      </form>
    </Dialog>
  )
}
