import type { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import { ACT_WORDS } from '@rebootless/shared/domain/act-words.ts'
import { approvalsNeeded } from '@rebootless/shared/domain/approvals-needed.ts'
import { isDangerous } from '@rebootless/shared/domain/possible-actions.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useId, useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { visibleText } from '../../ui/host-text.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { type ActedHost, ActSubject } from './act-subject.tsx'
import type { PossibleAction } from './act-words.ts'
import { ModuleField, OWN_COPY } from './module-field.tsx'

const HOURS = ['1', '8', '24', '72'] as const
const PLAIN = { autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const

/** One act: all that has to be known before, and what has to be said for it. */
export const ActForm = ({
  acted,
  act,
  onAsked,
  onBack,
}: {
  acted: ActedHost
  act: PossibleAction
  onAsked: (authorisation: AuthorisationDetail) => void
  onBack: () => void
}) => {
  const cache = useQueryClient()
  const { host, possible } = acted
  const takesModule = act.action === 'load' || act.action === 'enable'
  const [module, setModule] = useState<string | null>(act.action === 'enable' ? OWN_COPY : null)
  const [downgrade, setDowngrade] = useState(false)
  const [reversal, setReversal] = useState(false)
  const [hours, setHours] = useState<(typeof HOURS)[number]>('24')
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const name = visibleText(host.name, 255)
  const dangerous = isDangerous({ action: act.action, downgrade })
  const approvals = approvalsNeeded(possible, { action: act.action, downgrade })
  const missing =
    act.refusal ??
    (takesModule && module === null ? 'No module is chosen yet.' : null) ??
    (reason.trim() === '' ? 'A reason is missing.' : null) ??
    (dangerous && typed.trim() !== name ? 'The host’s name is not typed yet.' : null)
  const ask = useMutation({
    mutationFn: () =>
      api.post('/api/v1/authorisations', {
        body: {
          action: act.action,
          patch: act.action === 'load' ? null : act.patch,
          provider: act.provider,
          target: act.target,
          artefact: module === OWN_COPY ? null : module,
          hosts: [{ id: host.id }],
          reason: reason.trim(),
          validHours: Number(hours),
          downgrade,
          reversal,
        },
      }),
    onSuccess: (authorisation) => {
      cache.setQueryData(queryKeys.authorisation(authorisation.id), authorisation)
      void cache.invalidateQueries({ queryKey: queryKeys.commands })
      onAsked(authorisation)
    },
  })
  return (
    <form
      className="grid gap-4 p-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (missing === null && !ask.isPending) ask.mutate()
      }}
    >
      <ActSubject acted={acted} act={act} approvals={approvals} />
      {takesModule ? (
        <>
          <ModuleField
            kernelRelease={host.kernelRelease}
            loaded={host.stack.filter(({ moduleLoaded }) => moduleLoaded !== false).map((status) => status.name)}
            patch={act.action === 'enable' ? act.patch : null}
            value={module}
            onChange={setModule}
          />
          <Check label="Allow taking it out again, without another request" checked={reversal} onChange={setReversal}>
            Until this request expires.
          </Check>
          <Check label="Allow a downgrade" checked={downgrade} onChange={setDowngrade}>
            An older release may take the place of a newer one. That is as dangerous as disabling.
          </Check>
        </>
      ) : null}
      {possible.hostClass === 'production' ? (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span aria-hidden className="text-12 font-medium text-ink-2">
            Good for, in hours
          </span>
          <Segmented
            label="Good for, in hours"
            value={hours}
            onChange={setHours}
            segments={HOURS.map((value) => ({ value, label: value }))}
          />
        </div>
      ) : null}
      <Field
        label="Reason"
        hint={
          approvals === 0
            ? 'The server’s signature alone is enough here; the audit log keeps the reason.'
            : 'Approvers read it, and the audit log keeps it.'
        }
      >
        {(control) => (
          <input
            {...control}
            data-autofocus
            autoComplete="off"
            value={reason}
            maxLength={1000}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
      {dangerous ? (
        <Field label={`Type ${name} to go on`}>
          {(control) => (
            <input {...control} {...PLAIN} value={typed} onChange={(event) => setTyped(event.target.value)} />
          )}
        </Field>
      ) : null}
      {ask.isError ? <Refusal error={ask.error} lead="Not asked for." /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          size="large"
          kind={dangerous ? 'danger' : 'primary'}
          disabled={missing !== null || ask.isPending}
          className={dangerous ? '' : 'disabled:bg-sunken'}
        >
          {approvals === 0 ? ACT_WORDS[act.action] : `Ask for approval: ${ACT_WORDS[act.action].toLowerCase()}`}
        </Button>
        <Button size="large" onClick={onBack}>
          Back
        </Button>
        {missing === null ? null : (
          <span role="status" className="min-w-0 flex-1 text-12 text-ink-3">
            {visibleText(missing, 700)}
          </span>
        )}
      </div>
    </form>
  )
}

const Check = ({
  label,
  checked,
  onChange,
  children,
}: {
  label: string
  checked: boolean
  onChange: (checked: boolean) => void
  children: ReactNode
}) => {
  const about = useId()
  return (
    <label className="flex cursor-pointer gap-2.5 touch:min-h-11">
      <input
        type="checkbox"
        checked={checked}
        aria-describedby={about}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-1 size-3.5 flex-none accent-ink"
      />
      <span className="min-w-0">
        {label}
        <span id={about} className="block text-12 text-ink-3">
          {children}
        </span>
      </span>
    </label>
  )
}
