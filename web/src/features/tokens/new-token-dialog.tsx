import type { Session } from '@rebootless/shared/contract/session.ts'
import { isScopeWithin, lesserRole } from '@rebootless/shared/domain/scope-within.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { saidOfField } from '../../api/api-problem.ts'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { type Rights, RightsFields } from '../../shell/rights-fields.tsx'
import { ROLE_WORDS, TOKEN_ROLE_ABOUT } from '../../shell/role-words.ts'
import { Button } from '../../ui/button.tsx'
import { CopyableText } from '../../ui/copyable-text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { dayOf } from '../../ui/duration.ts'
import { Field } from '../../ui/field.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'

const DAYS_MAX = 365
const DAY_MS = 24 * 60 * 60_000

/** A new token for a script, with no more rights than its maker has. */
export const NewTokenDialog = ({ session, onClose }: { session: Session; onClose: () => void }) => {
  const cache = useQueryClient()
  const [rights, setRights] = useState<Rights>({ role: 'viewer', scope: session.scope })
  const form = useForm({ defaultValues: { name: '', validDays: 90 } })
  const create = useMutation({
    mutationFn: ({ name, validDays }: { name: string; validDays: number }) =>
      api.post('/api/v1/tokens', { body: { name, validDays, role: rights.role, scope: rights.scope?.trim() ?? null } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.apiTokens }),
    // The token is a secret: it goes with the dialog that shows it.
    gcTime: 0,
  })
  if (create.isSuccess) return <Made token={create.data.token} name={create.data.item.name} onClose={onClose} />
  const { errors, submitCount } = form.formState
  const scopeError = saidOfScope(rights.scope, session.scope) ?? saidOfField(create.error, 'scope_invalid')
  const days = Number(form.watch('validDays'))
  return (
    <Dialog label="Make an API token" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Make an API token" onClose={onClose} />
      <form
        className="grid gap-5 p-4"
        onSubmit={form.handleSubmit((given) => {
          if (saidOfScope(rights.scope, session.scope) === undefined) create.mutate(given)
        })}
      >
        <Field label="Name" error={errors.name?.message} hint="What it is for: the audit log shows it.">
          {(control) => (
            <input
              {...control}
              data-autofocus
              autoComplete="off"
              maxLength={64}
              {...form.register('name', {
                setValueAs: (typed: string) => typed.trim(),
                required: 'Write what it is for.',
                pattern: { value: /^[^\p{Cc}\p{Cs}]*$/u, message: 'Leave out what cannot be printed.' },
              })}
            />
          )}
        </Field>
        <RightsFields
          rights={rights}
          onChange={setRights}
          aboutRole={(role) => TOKEN_ROLE_ABOUT[role]}
          refusedRole={(role) =>
            lesserRole(role, session.role) === role
              ? undefined
              : `More than you have: you are ${ROLE_WORDS[session.role].word.toLowerCase()}.`
          }
          refusedFleet={session.scope === null ? undefined : 'More than you have: you see some hosts only.'}
          scopeError={submitCount > 0 ? scopeError : undefined}
        />
        <Field
          label="Days until it ends"
          error={errors.validDays?.message}
          hint={days >= 1 && days <= DAYS_MAX ? `Until ${dayOf(Date.now() + days * DAY_MS)}.` : undefined}
        >
          {(control) => (
            <input
              {...control}
              className={`${control.className} max-w-28`}
              type="number"
              inputMode="numeric"
              min={1}
              max={DAYS_MAX}
              {...form.register('validDays', {
                valueAsNumber: true,
                validate: (given) =>
                  (Number.isInteger(given) && given >= 1 && given <= DAYS_MAX) ||
                  `Write a whole number from 1 to ${DAYS_MAX}.`,
              })}
            />
          )}
        </Field>
        {create.isError && scopeError === undefined ? <Refusal error={create.error} lead="Not made." /> : null}
        <div className="flex gap-2">
          <Button type="submit" size="large" kind="primary" disabled={create.isPending} className="disabled:bg-sunken">
            Make the token
          </Button>
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

const saidOfScope = (scope: string | null, own: string | null): string | undefined => {
  if (scope?.trim() === '') return 'Write which labels.'
  return isScopeWithin(scope, own) ? undefined : `Your own words must be among them: ${own}`
}

const Made = ({ token, name, onClose }: { token: string; name: string; onClose: () => void }) => {
  const example = `curl -H "Authorization: Bearer $TOKEN" '${location.origin}/api/v1/hosts?filter=state:stalled'`
  return (
    <Dialog label="The token is made" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="The token is made" onClose={onClose} />
      <div className="grid gap-4 p-4">
        <ShownOnce text={token} label={`API token ${name}`}>
          It is not shown again. Whoever has it may do what it may: keep it where your script keeps secrets.
        </ShownOnce>
        <div className="grid gap-2">
          <p className="text-ink-2">
            With the token in <code className="mono">TOKEN</code>, this lists stalled hosts:
          </p>
          <CopyableText text={example} />
        </div>
        <div>
          <Button size="large" kind="primary" data-autofocus onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
