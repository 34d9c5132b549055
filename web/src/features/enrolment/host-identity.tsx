import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { ROLES, type Role } from '@rebootless/shared/domain/words.ts'
import { useQuery } from '@tanstack/react-query'
import { Fingerprint, ShieldAlert } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { hostIdentityQuery } from './queries.ts'

const IdentityDialog = lazy(() => import('./identity-dialog.tsx'))

/** Opens what is known of a host's identity, and what can be done to it. */
export const IdentityButton = ({ host, role }: { host: HostDetail; role: Role | undefined }) => {
  const [open, setOpen] = useState(false)
  const rank = role === undefined ? -1 : ROLES.indexOf(role)
  return (
    <>
      <Button aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Fingerprint size={14} aria-hidden />
        Identity
      </Button>
      {open ? (
        <Suspense>
          <IdentityDialog
            host={host}
            admin={role === 'admin'}
            mayQuarantine={rank >= ROLES.indexOf('operator')}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      ) : null}
    </>
  )
}

/** What stands between a host and commands, or tells that it was here before. Nothing for most hosts. */
export const IdentityBands = ({ host }: { host: HostDetail }) => {
  const { data: identity } = useQuery(hostIdentityQuery(host.id))
  if (identity === undefined) return null
  const [old] = identity.replaces
  return (
    <>
      {identity.quarantine === null ? null : (
        <Band tone="bg-danger-tint" label="This host is quarantined">
          <b className="font-semibold text-danger-text">Quarantined: it is seen and not commanded.</b>{' '}
          <TimeAgo at={identity.quarantine.since} suffix=" ago" />:{' '}
          <HostText value={identity.quarantine.reason} max={500} />
        </Band>
      )}
      {identity.readOnly ? (
        <Band tone="bg-old-tint" label="Agent too old">
          <b className="font-semibold text-ink">Read-only: agent too old.</b> It is read as before and cannot be
          commanded until this server's own agent is installed on it.
        </Band>
      ) : null}
      {old === undefined ? null : (
        <Band tone="bg-sunken" label="Set up anew">
          <b className="font-semibold text-ink">
            Probably replaces <HostText value={old.name} max={80} />
          </b>
          , enrolled <TimeAgo at={old.enrolledAt} suffix=" ago" /> and silent now: the same {old.by}. Under Identity the
          old one can be removed.
        </Band>
      )}
    </>
  )
}

const Band = ({ tone, label, children }: { tone: string; label: string; children: ReactNode }) => (
  <section
    aria-label={label}
    className={`flex min-h-11 animate-appear items-center gap-3 border-t border-line px-6 py-2.5 max-desk:px-4 ${tone}`}
  >
    <ShieldAlert size={18} aria-hidden className="flex-none text-ink-2" />
    <p className="min-w-0 flex-1 text-ink-2 wrap-anywhere">{children}</p>
  </section>
)
