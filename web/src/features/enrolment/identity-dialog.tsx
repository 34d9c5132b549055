import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { useQuery } from '@tanstack/react-query'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { RemovePart, RevokePart } from './final-acts.tsx'
import { IdentityFacts } from './identity-facts.tsx'
import { QuarantinePart } from './quarantine-part.tsx'
import { hostIdentityQuery } from './queries.ts'
import { ReplacedHosts } from './replaced-hosts.tsx'

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
          <IdentityFacts identity={identity.data} />
          <ReplacedHosts identity={identity.data} admin={admin} onClose={onClose} />
          <QuarantinePart host={host} identity={identity.data} admin={admin} operator={mayQuarantine} />
          <RevokePart {...{ host, name, admin }} hasCertificate={identity.data.certificateExpiresAt !== null} />
          <RemovePart host={host} name={name} admin={admin} />
        </div>
      )}
    </Dialog>
  )
}
