import type { AuthenticateRequest } from '@rebootless/shared/contract/session.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ExternalLink } from 'lucide-react'
import { useEffect, useState } from 'react'
import { api } from '../../api/client.ts'
import { proofDesk } from '../../api/proof-desk.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button, buttonClass } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { Field } from '../../ui/field.tsx'
import { sessionQuery } from './queries.ts'

const TITLE = 'Prove again who you are'

/** Asked before a dangerous act whose person was last seen minutes ago; the act goes on by itself afterwards. */
export default function ProveAgainDialog() {
  const session = useQuery(sessionQuery).data
  const [way] = session?.proofs ?? []
  return (
    <Dialog label={TITLE} onClose={proofDesk.refuse} className="max-w-[400px] overflow-y-auto">
      <DialogHead title={TITLE} onClose={proofDesk.refuse} />
      <div className="grid gap-4 p-4">
        <p className="text-ink-2">
          What you are about to do asks for it once more, since the last time was over five minutes ago.
          {way === undefined ? null : ' It then goes on by itself.'}
        </p>
        {way === 'password' || way === 'code' ? (
          <Proof key={way} way={way} username={session?.username ?? ''} />
        ) : way === 'single sign-on' ? (
          <AtProvider />
        ) : (
          <p>
            This account has neither a password nor a second factor yet. Sign in again by a one-time link, and set a
            password at once under Settings, Your account: it is what is asked for here from then on. An admin makes the
            link under Settings, People; the first user's is printed when the server starts.
          </p>
        )}
      </div>
    </Dialog>
  )
}

const Proof = ({ way, username }: { way: 'password' | 'code'; username: string }) => {
  const cache = useQueryClient()
  const [typed, setTyped] = useState('')
  const prove = useMutation({
    mutationFn: (body: AuthenticateRequest) => api.post('/api/v1/session/authenticate', { body }),
    onSuccess: (session) => {
      cache.setQueryData(queryKeys.session, session)
      proofDesk.given()
    },
    onError: () => setTyped(''),
    gcTime: 0,
  })
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        prove.mutate(way === 'code' ? { code: typed.trim() } : { password: typed })
      }}
    >
      <input type="text" hidden autoComplete="username" value={username} readOnly />
      <Field label={way === 'code' ? 'Code of your authenticator, or a recovery code' : `Password of ${username}`}>
        {(control) => (
          <input
            {...control}
            data-autofocus
            required
            type={way === 'code' ? 'text' : 'password'}
            minLength={way === 'code' ? 6 : 1}
            maxLength={way === 'code' ? 32 : 1024}
            autoComplete={way === 'code' ? 'one-time-code' : 'current-password'}
            autoCapitalize="none"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      {prove.isError ? <Refusal error={prove.error} /> : null}
      <div className="flex gap-2">
        <Button type="submit" size="large" kind="primary" disabled={prove.isPending} className="disabled:bg-sunken">
          Go on
        </Button>
        <Button size="large" onClick={proofDesk.refuse}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

const LOOK_EVERY_MS = 1500

/** The provider asks in a window of its own, so that nothing on this page is lost; this one looks for the proof. */
const AtProvider = () => {
  const cache = useQueryClient()
  const [before] = useState(() => cache.getQueryData(sessionQuery.queryKey)?.authenticatedAt ?? '')
  const [gone, setGone] = useState(false)
  const session = useQuery({ ...sessionQuery, staleTime: 0, refetchInterval: gone ? LOOK_EVERY_MS : false }).data
  const proven = (session?.authenticatedAt ?? '') > before
  useEffect(() => {
    if (proven) proofDesk.given()
  }, [proven])
  return (
    <div className="flex flex-wrap items-center gap-3">
      <a
        href="/api/v1/session/oidc?purpose=authenticate&return=/proven"
        target="_blank"
        rel="noreferrer"
        data-autofocus
        onClick={() => setGone(true)}
        className={buttonClass('primary', 'large')}
      >
        <ExternalLink size={14} aria-hidden />
        Go to your identity provider
      </a>
      <span role="status" className="text-12 text-ink-3">
        {gone ? 'Waiting for its answer.' : ''}
      </span>
    </div>
  )
}
