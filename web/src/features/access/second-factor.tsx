import type { Session } from '@rebootless/shared/contract/session.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { ApiProblem } from '../../api/api-problem.ts'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { OpenedAct } from '../../shell/opened-act.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyableText } from '../../ui/copyable-text.tsx'
import { Field } from '../../ui/field.tsx'
import { QrCode } from './qr-code.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'

interface Seed {
  secret: string
  uri: string
}

/** Turns the second factor of one's own account on and off. */
export const SecondFactor = ({ session }: { session: Session }) => {
  const [seed, setSeed] = useState<Seed | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const begin = useMutation({
    mutationFn: (): Promise<Seed> => api.post('/api/v1/session/totp', {}),
    onSuccess: setSeed,
    // A seed is a secret: it goes with what shows it.
    gcTime: 0,
  })
  if (codes) return <RecoveryCodes codes={codes} username={session.username} onDone={() => setCodes(null)} />
  if (session.account !== 'local')
    return <p className="text-ink-2">Your identity provider asks for it: set it up there.</p>
  if (session.secondFactor) return <TurnOff session={session} />
  if (seed)
    return (
      <Confirm
        seed={seed}
        onDone={(given) => {
          setSeed(null)
          setCodes(given)
        }}
        onCancel={() => setSeed(null)}
      />
    )
  return (
    <div className="grid max-w-[420px] justify-items-start gap-3">
      <p className="text-ink-2">
        It is off. With it on, a stolen password is not enough: signing in also asks for six digits from an app on your
        phone.
      </p>
      {begin.isError ? <Refusal error={begin.error} lead="Not begun." /> : null}
      <Button size="large" disabled={begin.isPending} onClick={() => begin.mutate()}>
        Set up a second factor
      </Button>
    </div>
  )
}

/** The seed for an authenticator, and a first code as proof that it has it. */
const Confirm = ({
  seed,
  onDone,
  onCancel,
}: {
  seed: Seed
  onDone: (codes: readonly string[]) => void
  onCancel: () => void
}) => {
  const cache = useQueryClient()
  const form = useForm({ defaultValues: { code: '' } })
  const confirm = useMutation({
    mutationFn: (code: string) => api.post('/api/v1/session/totp/confirm', { body: { code } }),
    onSuccess: ({ recoveryCodes }) => {
      onDone(recoveryCodes)
      void cache.invalidateQueries({ queryKey: queryKeys.session })
      void cache.invalidateQueries({ queryKey: queryKeys.sessions() })
    },
    onError: (error) => {
      if (error instanceof ApiProblem && error.code === 'sign_in_refused')
        form.setError('code', { message: error.detail }, { shouldFocus: true })
    },
  })
  const code = form.formState.errors.code?.message
  return (
    <form
      className="grid max-w-[720px] gap-4"
      onSubmit={form.handleSubmit(({ code: typed }) => confirm.mutate(typed.replaceAll(/\s/g, '')))}
    >
      <div className="flex flex-wrap items-start gap-5">
        <QrCode text={seed.uri} label="QR code of the seed, for an authenticator" />
        <div className="grid min-w-0 flex-[1_1_240px] content-start gap-3">
          <p>
            <b className="font-semibold">1.</b> Scan this with an authenticator app, or type the secret into it:
          </p>
          <CopyableText text={seed.secret} />
          <p>
            <b className="font-semibold">2.</b> Type the six digits that it shows:
          </p>
          <Field label="Code" error={code}>
            {(control) => (
              <input
                {...control}
                className={`${control.className} max-w-40`}
                inputMode="numeric"
                autoComplete="one-time-code"
                {...form.register('code', {
                  validate: (typed) => /^\s*\d{3}\s*\d{3}\s*$/.test(typed) || 'A code has six digits.',
                })}
              />
            )}
          </Field>
        </div>
      </div>
      {confirm.isError && code === undefined ? <Refusal error={confirm.error} lead="Not turned on." /> : null}
      <div className="flex gap-2">
        <Button type="submit" size="large" kind="primary" disabled={confirm.isPending} className="disabled:bg-sunken">
          Turn on
        </Button>
        <Button size="large" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

const TurnOff = ({ session }: { session: Session }) => {
  const cache = useQueryClient()
  const remove = useMutation({
    mutationFn: (reason: string) => api.delete('/api/v1/session/totp', { body: { reason } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.session }),
  })
  return (
    <div className="grid max-w-[420px] justify-items-start gap-3">
      <p className="text-ink-2">
        It is on: signing in asks for a code of your authenticator. Without it{' '}
        {session.hasPassword ? 'your password' : 'a one-time link'} alone signs in, and recovery codes stop working too.
      </p>
      <OpenedAct
        opener="Turn off…"
        act="Turn off"
        name={session.username}
        dangerous
        lead="Still on."
        pending={remove.isPending}
        error={remove.error}
        onAct={remove.mutate}
      />
    </div>
  )
}
