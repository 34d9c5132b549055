import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { HostIdentity } from '@rebootless/shared/contract/host-identity.ts'
import { keyFingerprintText } from '@rebootless/shared/domain/key-fingerprint.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useId, useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { dayOf } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { hostIdentityQuery } from './queries.ts'

/** How a host came to be known, and what can be done to its identity. Admins and, for the quarantine, operators act. */
export default function IdentityDialog({
  host,
  admin,
  mayQuarantine,
  onClose,
}: {
  host: HostDetail
  admin: boolean
  mayQuarantine: boolean
  onClose: () => void
}) {
  const identity = useQuery(hostIdentityQuery(host.id))
  const name = visibleText(host.name, 255)
  return (
    <Dialog label={`Identity of ${name}`} onClose={onClose} className="overflow-y-auto">
      <DialogHead
        title={
          <>
            Identity of <HostText value={host.name} max={80} />
          </>
        }
        onClose={onClose}
      />
      {identity.isPending ? (
        <div aria-busy="true" className="grid gap-4 p-4">
          <Placeholder className="w-1/2" />
          <Placeholder className="w-2/3" />
        </div>
      ) : identity.isError ? (
        <ProblemNotice what="The identity" error={identity.error} onRetry={() => void identity.refetch()} />
      ) : (
        <div className="divide-y divide-line">
          <Facts identity={identity.data} />
          <Replaced identity={identity.data} admin={admin} onClose={onClose} />
          <QuarantinePart host={host} identity={identity.data} admin={admin} allowed={mayQuarantine} />
          <RevokePart host={host} name={name} admin={admin} />
          <RemovePart host={host} name={name} admin={admin} />
        </div>
      )}
    </Dialog>
  )
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => {
  const id = useId()
  return (
    <section aria-labelledby={id} className="grid gap-3 p-4">
      <h3 id={id} className="text-13">
        {title}
      </h3>
      {children}
    </section>
  )
}

const ADMINS_ONLY = 'Admins do this: ask one of them.'

const Fact = ({ word, children }: { word: string; children: ReactNode }) => (
  <div className="min-w-0">
    <dt className="text-11 font-medium text-ink-3">{word}</dt>
    <dd className="wrap-anywhere">{children}</dd>
  </div>
)

const Facts = ({ identity }: { identity: HostIdentity }) => (
  <dl className="grid gap-3 p-4">
    <Fact word="Enrolled">
      <TimeAgo at={identity.enrolledAt} full suffix=" ago" />
      {identity.enrolledBy === null ? null : `, let in by ${identity.enrolledBy}`}
    </Fact>
    <Fact word="Key">
      {identity.keyFingerprint === null ? (
        'not known'
      ) : (
        <span className="mono text-[12px]">{keyFingerprintText(identity.keyFingerprint)}</span>
      )}
    </Fact>
    <Fact word="Certificate">
      {identity.certificateExpiresAt === null
        ? 'none that holds: it must enrol anew'
        : `until ${dayOf(identity.certificateExpiresAt)}, renewed by itself`}
    </Fact>
    <Fact word="Agent">
      {identity.protocol === null
        ? 'not heard yet'
        : identity.readOnly
          ? `speaks protocol ${identity.protocol}: read-only, the agent is too old to be commanded`
          : `speaks protocol ${identity.protocol}`}
    </Fact>
  </dl>
)

const useHostChange = (id: string) => {
  const cache = useQueryClient()
  return () => void cache.invalidateQueries({ queryKey: queryKeys.host(id) })
}

/** What this host was before it was set up anew: seen, and retired in one act. */
const Replaced = ({ identity, admin, onClose }: { identity: HostIdentity; admin: boolean; onClose: () => void }) => {
  if (identity.replaces.length === 0) return null
  return (
    <Part title="Probably this host before it was set up anew">
      <p className="text-ink-2">
        Nothing of the old passes on: no label, command or approval. Remove it when the machine is this one.
      </p>
      <ul className="grid gap-4">
        {identity.replaces.map((old) => (
          <ReplacedHost key={old.id} old={old} admin={admin} onLeave={onClose} />
        ))}
      </ul>
    </Part>
  )
}

const ReplacedHost = ({
  old,
  admin,
  onLeave,
}: {
  old: HostIdentity['replaces'][number]
  admin: boolean
  onLeave: () => void
}) => {
  const cache = useQueryClient()
  const [asked, setAsked] = useState(false)
  const remove = useMutation({
    mutationFn: (reason: string) =>
      api.delete('/api/v1/hosts/:id', { params: { id: old.id }, body: { name: old.name, reason } }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['hosts'] }),
  })
  return (
    <li className="grid gap-3">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Link to="/hosts/$id" params={{ id: old.id }} onClick={onLeave} className="quiet-link min-w-0 truncate">
          <HostText value={old.name} max={80} />
        </Link>
        <span className="text-12 text-ink-3">
          same {old.by}, enrolled <TimeAgo at={old.enrolledAt} suffix=" ago" />
        </span>
        {admin && !asked ? <Button onClick={() => setAsked(true)}>Remove the old…</Button> : null}
      </p>
      {asked ? (
        <ReasonedAct
          act="Remove the old host"
          name={visibleText(old.name, 255)}
          dangerous
          pending={remove.isPending}
          error={remove.error}
          onAct={remove.mutate}
        />
      ) : null}
    </li>
  )
}

const QuarantinePart = ({
  host,
  identity,
  admin,
  allowed,
}: {
  host: HostDetail
  identity: HostIdentity
  admin: boolean
  allowed: boolean
}) => {
  const onSuccess = useHostChange(host.id)
  const [asked, setAsked] = useState(false)
  const params = { id: host.id }
  const set = useMutation({
    mutationFn: (reason: string) => api.post('/api/v1/hosts/:id/quarantine', { params, body: { reason } }),
    onSuccess: () => {
      onSuccess()
      setAsked(false)
    },
  })
  const lift = useMutation({
    mutationFn: (reason: string) => api.post('/api/v1/hosts/:id/lift-quarantine', { params, body: { reason } }),
    onSuccess,
  })
  if (identity.quarantine !== null)
    return (
      <Part title="Quarantine">
        <p className="text-ink-2">
          <HostText value={identity.quarantine.reason} max={500} />{' '}
          <span className="text-ink-3">
            Since <TimeAgo at={identity.quarantine.since} suffix=" ago" />
          </span>
        </p>
        <p className="text-ink-2">
          When it is lifted, whichever machine speaks next is taken for the host. If two have its key, remove the host
          and enrol the right one anew.
        </p>
        {admin ? (
          <ReasonedAct act="Lift the quarantine" pending={lift.isPending} error={lift.error} onAct={lift.mutate} />
        ) : (
          <p className="text-12 text-ink-3">{ADMINS_ONLY}</p>
        )}
      </Part>
    )
  return (
    <Part title="Quarantine">
      <p className="text-ink-2">A quarantined host is seen and not commanded. Only an admin lifts that.</p>
      {asked ? (
        <ReasonedAct act="Quarantine" pending={set.isPending} error={set.error} onAct={set.mutate} />
      ) : (
        <div className="flex items-center gap-3">
          <Button size="large" disabled={!allowed} onClick={() => setAsked(true)}>
            Quarantine…
          </Button>
          {allowed ? null : <span className="text-12 text-ink-3">Operators do this: ask one of them.</span>}
        </div>
      )}
    </Part>
  )
}

/** An act that cannot be undone: opened first, then named and reasoned. */
const FinalPart = ({
  title,
  about,
  act,
  name,
  admin,
  doIt,
}: {
  title: string
  about: string
  act: string
  name: string
  admin: boolean
  doIt: { isPending: boolean; error: Error | null; mutate: (reason: string) => void }
}) => {
  const [asked, setAsked] = useState(false)
  return (
    <Part title={title}>
      <p className="text-ink-2">{about}</p>
      {asked ? (
        <ReasonedAct act={act} name={name} dangerous pending={doIt.isPending} error={doIt.error} onAct={doIt.mutate} />
      ) : (
        <div className="flex items-center gap-3">
          <Button size="large" disabled={!admin} onClick={() => setAsked(true)}>
            {title}…
          </Button>
          {admin ? null : <span className="text-12 text-ink-3">{ADMINS_ONLY}</span>}
        </div>
      )}
    </Part>
  )
}

const RevokePart = ({ host, name, admin }: { host: HostDetail; name: string; admin: boolean }) => {
  const onSuccess = useHostChange(host.id)
  const revoke = useMutation({
    mutationFn: (reason: string) =>
      api.post('/api/v1/hosts/:id/revoke-certificates', {
        params: { id: host.id },
        body: { reason, name: host.name },
      }),
    onSuccess,
  })
  return (
    <FinalPart
      title="Revoke its certificates"
      about="Cuts its link at once. What is known of it stays; it must enrol anew, and is another host then."
      act="Revoke"
      {...{ name, admin }}
      doIt={revoke}
    />
  )
}

const RemovePart = ({ host, name, admin }: { host: HostDetail; name: string; admin: boolean }) => {
  const navigate = useNavigate()
  const remove = useMutation({
    mutationFn: (reason: string) =>
      api.delete('/api/v1/hosts/:id', { params: { id: host.id }, body: { reason, name: host.name } }),
    onSuccess: () => navigate({ to: '/hosts' }),
  })
  return (
    <FinalPart
      title="Remove the host"
      about="Cuts its link at once and forgets what was read of it; the audit log stays. Its id is never used again."
      act="Remove"
      {...{ name, admin }}
      doIt={remove}
    />
  )
}
