import type { User, UserChange } from '@rebootless/shared/contract/people.ts'
import { wantsReason } from '@rebootless/shared/domain/wants-reason.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { saidOfField } from '../../api/api-problem.ts'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { OpenedAct } from '../../shell/opened-act.tsx'
import { ReasonField } from '../../shell/reason-field.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { type Rights, RightsFields } from '../../shell/rights-fields.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { PersonalLink } from './personal-link.tsx'

const OWN = 'Nobody changes their own rights: ask another admin.'
const ELSEWHERE = 'Role and hosts follow the groups at the identity provider: change them there.'

/** What can be done with one person's account. */
export const PersonDialog = ({
  user,
  own,
  sessions,
  onClose,
}: {
  user: User
  /** Whether it is the account of whoever looks. */
  own: boolean
  /** The person's sessions. */
  sessions: ReactNode
  onClose: () => void
}) => (
  <Dialog label={`Account of ${user.username}`} onClose={onClose} className="overflow-y-auto">
    <DialogHead title={user.username} onClose={onClose} />
    <div className="divide-y divide-line">
      <RightsPart user={user} refused={own ? OWN : user.account === 'local' ? undefined : ELSEWHERE} />
      <SignInPart user={user} />
      <Part title="Signed in">{sessions}</Part>
      <DisablePart user={user} refused={own ? OWN : undefined} />
    </div>
  </Dialog>
)

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="grid gap-3 p-4">
    <h3 className="text-13">{title}</h3>
    {children}
  </section>
)

const useChange = (user: User) => {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: UserChange) => api.patch('/api/v1/users/:id', { params: { id: user.id }, body }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: queryKeys.users })
      void cache.invalidateQueries({ queryKey: queryKeys.sessions() })
    },
  })
}

const RightsPart = ({ user, refused }: { user: User; refused: string | undefined }) => {
  const [rights, setRights] = useState<Rights>(user)
  const [reason, setReason] = useState('')
  const change = useChange(user)
  if (refused !== undefined)
    return (
      <Part title="Role and hosts">
        <p className="text-ink-2">{refused}</p>
      </Part>
    )
  const scope = rights.scope?.trim() ?? null
  const same = rights.role === user.role && scope === user.scope
  const wanted: UserChange = {
    ...(rights.role === user.role ? {} : { role: rights.role }),
    ...(scope === user.scope ? {} : { scope }),
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
  }
  const reasoned = wantsReason(wanted)
  const missing =
    scope === ''
      ? 'Write which labels, or choose the whole fleet.'
      : reasoned && wanted.reason === undefined
        ? 'To make an admin takes a reason.'
        : null
  const scopeError = saidOfField(change.error, 'scope_invalid')
  return (
    <form
      className="grid gap-5 p-4"
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate(wanted, { onSuccess: () => setReason('') })
      }}
    >
      <RightsFields rights={rights} onChange={setRights} scopeError={scopeError} />
      {same ? null : <ReasonField reason={reason} onChange={setReason} optional={!reasoned} />}
      {change.isError && scopeError === undefined ? <Refusal error={change.error} lead="Not changed." /> : null}
      <div className="flex flex-wrap items-center gap-3">
        <Button
          type="submit"
          size="large"
          kind="primary"
          disabled={same || missing !== null || change.isPending}
          className="disabled:bg-sunken"
        >
          Change
        </Button>
        <span role="status" className="text-12 text-ink-3">
          {change.isSuccess && same
            ? 'Changed; sessions have ended.'
            : same
              ? 'Nothing is changed yet.'
              : (missing ?? 'Ends every session of this person.')}
        </span>
      </div>
    </form>
  )
}

const SignInPart = ({ user }: { user: User }) => {
  const cache = useQueryClient()
  const link = useMutation({
    mutationFn: () => api.post('/api/v1/users/:id/sign-in-link', { params: { id: user.id } }),
    // The link is a secret: it goes with the dialog that shows it.
    gcTime: 0,
  })
  const reset = useMutation({
    mutationFn: (reason: string) => api.delete('/api/v1/users/:id/totp', { params: { id: user.id }, body: { reason } }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: queryKeys.users })
      void cache.invalidateQueries({ queryKey: queryKeys.sessions() })
    },
  })
  if (user.account !== 'local')
    return (
      <Part title="Signing in">
        <p className="text-ink-2">By the identity provider alone, which also has the second factor.</p>
      </Part>
    )
  return (
    <Part title="Signing in">
      <p className="text-ink-2">
        {user.hasPassword ? 'A password is set' : 'No password is set yet'}; the second factor is{' '}
        {user.secondFactor ? 'on' : 'off'}.
      </p>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button size="large" disabled={user.disabledAt !== null || link.isPending} onClick={() => link.mutate()}>
          New one-time link
        </Button>
        <span className="min-w-0 text-12 text-ink-3">
          {user.disabledAt === null
            ? 'It ends those before it.'
            : 'No link while the account is disabled: enable it first.'}
        </span>
      </div>
      {link.isSuccess ? <PersonalLink link={link.data} username={user.username} /> : null}
      {link.isError ? <Refusal error={link.error} lead="No link was made." /> : null}
      {user.secondFactor ? (
        <>
          <p className="text-12 text-ink-3">Only for somebody who has lost the second factor; sessions end:</p>
          <OpenedAct
            opener="Turn the second factor off…"
            act={`Turn the second factor of ${user.username} off`}
            name={user.username}
            dangerous
            lead="Still on."
            pending={reset.isPending}
            error={reset.error}
            onAct={reset.mutate}
          />
        </>
      ) : null}
    </Part>
  )
}

const DisablePart = ({ user, refused }: { user: User; refused: string | undefined }) => {
  const change = useChange(user)
  if (refused !== undefined)
    return (
      <Part title="Disable">
        <p className="text-ink-2">{refused}</p>
      </Part>
    )
  if (user.disabledAt !== null)
    return (
      <Part title="Enable">
        <p className="text-ink-2">
          Signing in works again, with role and hosts as they stand above. A new one-time link may be needed.
        </p>
        {change.isError ? <Refusal error={change.error} lead="Still disabled." /> : null}
        <div>
          <Button size="large" disabled={change.isPending} onClick={() => change.mutate({ disabled: false })}>
            Enable {user.username}
          </Button>
        </div>
      </Part>
    )
  return (
    <Part title="Disable">
      <p className="text-ink-2">
        Ends every session, every link, and all API tokens of {user.username} at once. The account stays, since the
        audit log names it, and can be enabled again.
      </p>
      <OpenedAct
        opener="Disable…"
        act={`Disable ${user.username}`}
        name={user.username}
        dangerous
        lead="Not disabled."
        pending={change.isPending}
        error={change.error}
        onAct={(reason, done) => change.mutate({ disabled: true, reason }, done)}
      />
    </Part>
  )
}
