import type { SecondFactorWanted, Session, SignInAnswer } from '@rebootless/shared/contract/session.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { ApiProblem } from '../../api/api-problem.ts'
import { api } from '../../api/client.ts'
import { BrandMark } from '../../shell/brand.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button, buttonClass } from '../../ui/button.tsx'
import { clockTime } from '../../ui/duration.ts'
import { Field } from '../../ui/field.tsx'
import { signInWaysQuery } from './queries.ts'

/** The token of a one-time link: `/sign-in#token=…`. A fragment never leaves the browser by itself. */
export const linkTokenOf = (hash: string): string | null =>
  new URLSearchParams(hash.replace(/^#/, '')).get('token') || null

/** What the way back from the identity provider says when it let nobody in, by the problem's code. */
const REFUSED: Readonly<Record<string, string>> = {
  not_authorised: 'None of your groups opens a way in here, or your account is disabled: ask whoever runs this server.',
  sign_in_refused: 'Your identity provider did not vouch for you, or it took too long: begin again.',
  single_sign_on_unavailable: 'Your identity provider does not answer: try again in a moment, or use a password.',
}
const REFUSED_OTHERWISE = 'Signing in by your identity provider did not work: begin again.'

const LINK_GONE =
  'It was used, or is too old. Ask an admin for a new one, made under Settings, People. If you run this server, start it again: it prints one for the first user.'

export const SignIn = ({
  linkToken,
  returnTo,
  refused,
  ended,
  onTokenTaken,
  onSignedIn,
}: {
  linkToken: string | null
  /** A path of ours, for those who come back from the identity provider. */
  returnTo: string
  /** Why the identity provider's answer let nobody in: a problem's code from the address, so any text. */
  refused: string | undefined
  /** Whether a session ended under the hands of whoever is here. */
  ended: boolean
  /** Called as soon as the token is held here, so that the address no longer shows it. */
  onTokenTaken: () => void
  onSignedIn: (session: Session) => void
}) => {
  const taken = useRef<string | null>(null)
  const [wanted, setWanted] = useState<SecondFactorWanted | null>(null)
  const onAnswer = (answer: SignInAnswer) => ('challenge' in answer ? setWanted(answer) : onSignedIn(answer))
  const byLink = useMutation({
    mutationFn: (token: string) => api.post('/api/v1/session/link', { body: { token } }),
    onSuccess: onAnswer,
  })
  const byPassword = useMutation({
    mutationFn: (body: { username: string; password: string }) => api.post('/api/v1/session', { body }),
    onSuccess: onAnswer,
  })
  useEffect(() => {
    if (linkToken === null || taken.current === linkToken) return
    taken.current = linkToken
    onTokenTaken()
    byLink.mutate(linkToken)
  }, [linkToken, onTokenTaken, byLink.mutate])
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    byPassword.mutate({
      username: String(form.get('username') ?? '').trim(),
      password: String(form.get('password') ?? ''),
    })
  }
  const ways = useQuery(signInWaysQuery).data
  const waiting = byLink.isPending || byPassword.isPending
  const tried = byLink.isError || byPassword.isError || wanted !== null
  return (
    <div className="grid min-h-dvh bg-paper desk:grid-cols-[1fr_1.2fr]">
      <Motif />
      <main className="flex flex-col justify-center bg-sheet px-6 py-12 desk:border-l desk:border-line desk:px-20">
        <div className="mx-auto w-full max-w-[340px] desk:mx-0">
          <div className="flex items-center gap-2.5 text-16 font-semibold tracking-tight">
            <BrandMark size={26} />
            Rebootless
          </div>
          <h1 className="mt-8 text-20 font-semibold tracking-tight">Sign in</h1>
          {byLink.isPending ? (
            <p role="status" className="mt-3 text-ink-2">
              The link is being checked.
            </p>
          ) : null}
          <div className="mt-3 grid gap-3 empty:hidden">
            {byLink.isError && byPassword.isIdle ? <LinkRefusal error={byLink.error} /> : null}
            {refused !== undefined && !tried ? (
              <Refusal error={new Error(REFUSED[refused] ?? REFUSED_OTHERWISE)} lead="Not signed in." />
            ) : null}
            {ended && !tried ? (
              <p role="status" className="text-ink-2">
                Your session has ended: it was signed out, or what you may do was changed. Sign in to go on where you
                were.
              </p>
            ) : null}
          </div>
          {wanted === null ? null : (
            <SecondFactor challenge={wanted.challenge} onSignedIn={onSignedIn} onBegin={() => setWanted(null)} />
          )}
          <form onSubmit={submit} hidden={wanted !== null} className="mt-5 grid gap-4">
            <Field label="Name">
              {(control) => (
                <input
                  {...control}
                  name="username"
                  required
                  autoComplete="username"
                  autoCapitalize="none"
                  spellCheck={false}
                />
              )}
            </Field>
            <Field label="Password">
              {(control) => (
                <input {...control} name="password" type="password" required autoComplete="current-password" />
              )}
            </Field>
            {byPassword.isError ? <Refusal error={byPassword.error} after={whenAgain(byPassword.error)} /> : null}
            <Button type="submit" kind="primary" size="large" disabled={waiting} className="h-9 disabled:bg-sunken">
              {byPassword.isPending ? 'Signing in' : 'Sign in'}
            </Button>
          </form>
          {ways?.singleSignOn && wanted === null ? (
            <a
              href={`/api/v1/session/oidc?return=${encodeURIComponent(returnTo)}`}
              className={`${buttonClass('plain', 'large')} mt-3 h-9 w-full`}
            >
              Sign in with your identity provider
            </a>
          ) : null}
          <p className="mt-6 text-12 text-ink-3">
            First time? An admin gives you a one-time link; the server prints one for its first user when it starts. It
            works once, in this browser.
          </p>
        </div>
      </main>
    </div>
  )
}

const SecondFactor = ({
  challenge,
  onSignedIn,
  onBegin,
}: {
  challenge: string
  onSignedIn: (session: Session) => void
  onBegin: () => void
}) => {
  const byCode = useMutation({
    mutationFn: (code: string) => api.post('/api/v1/session/code', { body: { challenge, code } }),
    onSuccess: onSignedIn,
  })
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  return (
    <form
      className="mt-5 grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        byCode.mutate(field.current?.value.trim() ?? '')
      }}
    >
      <Field
        label="Code of your authenticator, or a recovery code"
        hint="Without either, an admin can turn your second factor off."
      >
        {(control) => (
          <input
            {...control}
            ref={field}
            required
            minLength={6}
            maxLength={32}
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
      </Field>
      {byCode.isError ? <Refusal error={byCode.error} after={whenAgain(byCode.error)} /> : null}
      <Button type="submit" kind="primary" size="large" disabled={byCode.isPending} className="h-9 disabled:bg-sunken">
        {byCode.isPending ? 'Signing in' : 'Sign in'}
      </Button>
      <Button type="button" size="large" onClick={onBegin}>
        Begin again
      </Button>
    </form>
  )
}

/** A link that was used, or has ended: how to get another. */
const LinkRefusal = ({ error }: { error: Error }) => {
  const gone = error instanceof ApiProblem && error.code === 'sign_in_refused'
  return (
    <Refusal error={gone ? new Error(LINK_GONE) : error} lead="The link was not accepted." after={whenAgain(error)} />
  )
}

/** The time of day at which the brake opens again. */
const whenAgain = (error: Error): string | undefined =>
  error instanceof ApiProblem && error.retryAt !== null ? `Try again at ${clockTime(error.retryAt)}.` : undefined

/** Old code falls, new code fills: what the product does, once, large. */
const Motif = () => (
  <div className="relative overflow-hidden max-desk:hidden" aria-hidden="true">
    <svg
      aria-hidden="true"
      viewBox="0 0 600 900"
      preserveAspectRatio="xMidYMid slice"
      className="absolute inset-0 size-full"
    >
      <path d="M0 250h90v74h70v88h80v90h90v66h80v44h90v26h100v900H0z" fill="var(--old-tint)" />
      <path d="M0 250h90v74h70v88h80v90h90v66h80v44h90v26h100" fill="none" stroke="var(--old-fill)" strokeWidth="2" />
      <path d="M0 0v250h90v74h70v88h80v90h90v66h80v44h90v26h100V0z" fill="var(--new-tint)" />
      <path d="M600 638H500" stroke="var(--new-fill)" strokeWidth="2" strokeDasharray="4 5" />
    </svg>
  </div>
)
