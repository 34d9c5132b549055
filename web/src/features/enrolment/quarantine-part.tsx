import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { HostIdentity } from '@rebootless/shared/contract/host-identity.ts'
import { useMutation } from '@tanstack/react-query'
import { api } from '../../api/client.ts'
import { OpenedAct } from '../../shell/opened-act.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { ADMINS_ONLY, IdentityPart } from './identity-part.tsx'
import { useHostChange } from './use-host-change.ts'

/** A host that is seen and not commanded: how it comes to that, and out of it. */
export const QuarantinePart = ({
  host,
  identity,
  admin,
  operator,
}: {
  host: HostDetail
  identity: HostIdentity
  admin: boolean
  /** Whether who looks may put it there. */
  operator: boolean
}) => {
  const onSuccess = useHostChange(host.id)
  const params = { id: host.id }
  const set = useMutation({
    mutationFn: (reason: string) => api.post('/api/v1/hosts/:id/quarantine', { params, body: { reason } }),
    onSuccess,
  })
  const lift = useMutation({
    mutationFn: (reason: string) => api.post('/api/v1/hosts/:id/lift-quarantine', { params, body: { reason } }),
    onSuccess,
  })
  const { quarantine } = identity
  const act = quarantine === null ? set : lift
  const allowed = quarantine === null ? operator : admin
  return (
    <IdentityPart title="Quarantine">
      {quarantine === null ? (
        <p className="text-ink-2">A quarantined host is seen and not commanded. Only an admin lifts that.</p>
      ) : (
        <>
          <p className="text-ink-2">
            <TimeAgo at={quarantine.since} suffix=" ago" />: <HostText value={quarantine.reason} max={500} />
          </p>
          <p className="text-ink-2">
            When it is lifted, whichever machine speaks next is taken for the host. If two have its key, remove the host
            and enrol the right one anew.
          </p>
        </>
      )}
      <OpenedAct
        opener={quarantine === null ? 'Quarantine…' : 'Lift the quarantine…'}
        act={quarantine === null ? 'Quarantine' : 'Lift the quarantine'}
        refusal={allowed ? null : quarantine === null ? 'Operators do this: ask one of them.' : ADMINS_ONLY}
        pending={act.isPending}
        error={act.error}
        onAct={act.mutate}
      />
    </IdentityPart>
  )
}
