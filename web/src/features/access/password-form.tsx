import type { Session } from '@rebootless/shared/contract/session.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useForm } from 'react-hook-form'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'

const LENGTH_MIN = 12

/**
 * A new password. There is no field for the old one: the server asks for a proof of its own when the last is minutes
 * old, with the second factor where there is one.
 */
export const PasswordForm = ({ session }: { session: Session }) => {
  const cache = useQueryClient()
  const form = useForm({ defaultValues: { password: '', again: '' } })
  const { errors } = form.formState
  const change = useMutation({
    mutationFn: (password: string) => api.put('/api/v1/session/password', { body: { password } }),
    onSuccess: (changed) => {
      form.reset()
      cache.setQueryData(queryKeys.session, changed)
      void cache.invalidateQueries({ queryKey: queryKeys.sessions() })
    },
  })
  if (session.account !== 'local')
    return <p className="text-ink-2">Your identity provider keeps it: change it there.</p>
  return (
    <form onSubmit={form.handleSubmit(({ password }) => change.mutate(password))} className="grid max-w-[420px] gap-4">
      {session.hasPassword ? null : (
        <p className="text-ink-2">You have none yet. Without one, you come back only by another link of an admin.</p>
      )}
      {/* For password managers, which else would not know whose password it is. */}
      <input type="text" hidden autoComplete="username" value={session.username} readOnly />
      <Field
        label="New password"
        error={errors.password?.message}
        hint={`${LENGTH_MIN} characters at least; a sentence is easier to keep than signs.`}
      >
        {(control) => (
          <input
            {...control}
            type="password"
            autoComplete="new-password"
            {...form.register('password', {
              required: 'Write a password.',
              minLength: { value: LENGTH_MIN, message: `Write ${LENGTH_MIN} characters or more.` },
              maxLength: { value: 1024, message: 'Write 1,024 characters at most.' },
            })}
          />
        )}
      </Field>
      <Field label="The same again" error={errors.again?.message}>
        {(control) => (
          <input
            {...control}
            type="password"
            autoComplete="new-password"
            {...form.register('again', {
              validate: (again, { password }) => again === password || 'This is not the same as above.',
            })}
          />
        )}
      </Field>
      {change.isError ? <Refusal error={change.error} lead="Not changed." /> : null}
      <div className="flex items-center gap-3">
        <Button type="submit" size="large" kind="primary" disabled={change.isPending} className="disabled:bg-sunken">
          {session.hasPassword ? 'Change password' : 'Set the password'}
        </Button>
        <span role="status" className="text-12 text-ink-3">
          {change.isSuccess ? 'Changed. Your other sessions have ended.' : ''}
        </span>
      </div>
    </form>
  )
}
