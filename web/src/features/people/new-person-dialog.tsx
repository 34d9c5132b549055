import { wantsReason } from '@rebootless/shared/domain/wants-reason.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { saidOfField } from '../../api/api-problem.ts'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ReasonField } from '../../shell/reason-field.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { type Rights, RightsFields } from '../../shell/rights-fields.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { Field } from '../../ui/field.tsx'
import { PersonalLink } from './personal-link.tsx'

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** A new person, and the link by which that person first signs in. */
export const NewPersonDialog = ({ onClose }: { onClose: () => void }) => {
  const cache = useQueryClient()
  const [rights, setRights] = useState<Rights>({ role: 'viewer', scope: null })
  const [reason, setReason] = useState('')
  const form = useForm({ defaultValues: { username: '' } })
  const create = useMutation({
    mutationFn: ({ username }: { username: string }) =>
      api.post('/api/v1/users', {
        body: {
          ...{ username, role: rights.role, scope: rights.scope?.trim() ?? null },
          ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
        },
      }),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.users }),
    // The link is a secret: it goes with the dialog that shows it.
    gcTime: 0,
  })
  const taken = saidOfField(create.error, 'user_name_taken')
  const scopeError = emptyScope(rights) ?? saidOfField(create.error, 'scope_invalid')
  const { submitCount, errors } = form.formState
  const unreasoned = wantsReason(rights) && reason.trim() === ''
  if (create.isSuccess) {
    const { user, link } = create.data
    return (
      <Dialog label={`${user.username} can sign in`} onClose={onClose} className="overflow-y-auto">
        <DialogHead title={`${user.username} can sign in`} onClose={onClose} />
        <div className="grid gap-4 p-4">
          <PersonalLink link={link} username={user.username} />
          <div>
            <Button size="large" kind="primary" data-autofocus onClick={onClose}>
              Done
            </Button>
          </div>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog label="Add a person" onClose={onClose} className="overflow-y-auto">
      <DialogHead title="Add a person" onClose={onClose} />
      <form
        className="grid gap-5 p-4"
        onSubmit={form.handleSubmit((given) => {
          if (emptyScope(rights) === undefined) create.mutate(given)
        })}
      >
        <Field
          label="Name"
          error={errors.username?.message ?? taken}
          hint="What is typed to sign in, and what the audit log shows. It stays for ever."
        >
          {(control) => (
            <input
              {...control}
              data-autofocus
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              {...form.register('username', {
                setValueAs: (typed: string) => typed.trim(),
                pattern: {
                  value: NAME,
                  message: 'Use a-z, 0-9 and . _ - with a letter or a digit first, 64 at most.',
                },
                required: 'Write a name.',
              })}
            />
          )}
        </Field>
        <RightsFields rights={rights} onChange={setRights} scopeError={submitCount > 0 ? scopeError : undefined} />
        {wantsReason(rights) ? <ReasonField reason={reason} onChange={setReason} /> : null}
        {create.isError && taken === undefined && scopeError === undefined ? (
          <Refusal error={create.error} lead="Not added." />
        ) : null}
        <div className="flex flex-wrap items-center gap-2">
          <Button
            type="submit"
            size="large"
            kind="primary"
            disabled={create.isPending || unreasoned}
            className="disabled:bg-sunken"
          >
            Add and make a link
          </Button>
          <Button size="large" onClick={onClose}>
            Cancel
          </Button>
          {unreasoned ? <span className="text-12 text-ink-3">To make an admin takes a reason.</span> : null}
        </div>
      </form>
    </Dialog>
  )
}

const emptyScope = ({ scope }: Rights): string | undefined =>
  scope?.trim() === '' ? 'Write which labels, or choose the whole fleet.' : undefined
