import type { SecondFactorWanted, Session, SignInAnswer } from '@rebootless/shared/contract/session.ts'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useId, useRef, useState } from 'react'
import { ApiProblem } from '../../api/api-problem.ts'
import { api } from '../../api/client.ts'
import { BrandMark } from '../../shell/brand.tsx'
import { Button } from '../../ui/button.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'

/** The token of a one-time link: `/sign-in#token=…`. A fragment never leaves the browser by itself. */
export const linkTokenOf = (hash: string): string | null =>
  new URLSearchParams(hash.replace(/^#/, '')).get('token') || null

const FIELD =
  'h-9 w-full rounded-control border border-line-3 bg-sheet px-2.5 text-14 transition-colors hover:border-ink-3 touch:h-11 touch:text-16'

export const SignIn = ({
  linkToken,
  onTokenTaken,
  onSignedIn,
}: {
  linkToken: string | null
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
  const id = useId()
  const waiting = byLink.isPending || byPassword.isPending
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
          {byLink.isError ? <Refusal error={byLink.error} lead="The link was not accepted." /> : null}
          {wanted === null ? null : (
            <SecondFactor challenge={wanted.challenge} onSignedIn={onSignedIn} onBegin={() => setWanted(null)} />
          )}
          <form onSubmit={submit} hidden={wanted !== null} className="mt-5 grid gap-4">
            <div className="grid gap-1.5">
              <label htmlFor={`${id}-name`} className="text-12 font-medium text-ink-2">
                Name
              </label>
              <input
                id={`${id}-name`}
                name="username"
                required
                autoComplete="username"
                autoCapitalize="none"
                spellCheck={false}
                className={FIELD}
              />
            </div>
            <div className="grid gap-1.5">
              <label htmlFor={`${id}-password`} className="text-12 font-medium text-ink-2">
                Password
              </label>
              <input
                id={`${id}-password`}
                name="password"
                type="password"
                required
                autoComplete="current-password"
                className={FIELD}
              />
            </div>
            {byPassword.isError ? <Refusal error={byPassword.error} /> : null}
            <Button type="submit" kind="primary" size="large" disabled={waiting} className="h-9 disabled:bg-sunken">
              {byPassword.isPending ? 'Signing in' : 'Sign in'}
            </Button>
          </form>
          <p className="mt-6 text-12 text-ink-3">
            First time? The server prints a one-time link when it starts. It works once, in this browser.
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
  const id = useId()
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
      <div className="grid gap-1.5">
        <label htmlFor={id} className="text-12 font-medium text-ink-2">
          Code of your authenticator, or a recovery code
        </label>
        <input
          ref={field}
          id={id}
          required
          minLength={6}
          maxLength={32}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          className={FIELD}
        />
      </div>
      {byCode.isError ? <Refusal error={byCode.error} /> : null}
      <Button type="submit" kind="primary" size="large" disabled={byCode.isPending} className="h-9 disabled:bg-sunken">
        {byCode.isPending ? 'Signing in' : 'Sign in'}
      </Button>
      <Button type="button" onClick={onBegin}>
        Begin again
      </Button>
    </form>
  )
}

const Refusal = ({ error, lead }: { error: Error; lead?: string }) => (
  <div
    role="alert"
    className="mt-1 flex animate-appear gap-2.5 rounded-control bg-danger-tint px-3 py-2.5 text-danger-text"
  >
    <span className="pt-0.5">
      <StateGlyph state="failed" />
    </span>
    <p>
      {lead ? <b className="font-semibold">{lead} </b> : null}
      {error instanceof ApiProblem ? error.detail : error.message}
      {error instanceof ApiProblem && error.requestId ? (
        <span className="block text-12">
          Request <code className="mono select-all">{error.requestId}</code>
        </span>
      ) : null}
    </p>
  </div>
)

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
