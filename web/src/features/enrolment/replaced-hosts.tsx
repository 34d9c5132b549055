import type { HostIdentity } from '@rebootless/shared/contract/host-identity.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../../api/client.ts'
import { OpenedAct } from '../../shell/opened-act.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { ADMINS_ONLY, IdentityPart } from './identity-part.tsx'

/** What this host was before it was set up anew: seen, and retired in one act. */
export const ReplacedHosts = ({
  identity,
  admin,
  onClose,
}: {
  identity: HostIdentity
  admin: boolean
  onClose: () => void
}) => {
  if (identity.replaces.length === 0) return null
  return (
    <IdentityPart title="Probably this host before it was set up anew">
      <p className="text-ink-2">
        Nothing of the old passes on: no label, command or approval. Remove it when the machine is this one.
      </p>
      <ul className="grid gap-4">
        {identity.replaces.map((old) => (
          <ReplacedHost key={old.id} old={old} admin={admin} onLeave={onClose} />
        ))}
      </ul>
    </IdentityPart>
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
      </p>
      <OpenedAct
        opener="Remove the old…"
        size="small"
        refusal={admin ? null : ADMINS_ONLY}
        act="Remove the old host"
        name={visibleText(old.name, 255)}
        dangerous
        pending={remove.isPending}
        error={remove.error}
        onAct={remove.mutate}
      />
    </li>
  )
}
