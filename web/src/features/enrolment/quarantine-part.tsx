import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { HostIdentity } from '@rebootless/shared/contract/host-identity.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { ReasonedAct } from '../../shell/reasoned-act.tsx'
import { Button } from '../../ui/button.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { ADMINS_ONLY, IdentityPart } from './identity-part.tsx'
import { useHostChange } from './use-host-change.ts'

/** A host that is seen and not commanded: how it comes to that, and out of it. */
export const QuarantinePart = ({
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
      <IdentityPart title="Quarantine">
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
      </IdentityPart>
    )
  return (
    <IdentityPart title="Quarantine">
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
    </IdentityPart>
  )
}
