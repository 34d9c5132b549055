import type { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import { Check, CircleDashed, CircleSlash } from 'lucide-react'
import { HostText } from '../../ui/host-text.tsx'
import { Section } from '../../ui/section.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'

const LOST = {
  disabled: 'no longer counts: the account was disabled',
  role: 'no longer counts: no approver any more',
  'key revoked': 'no longer counts: the key was taken back',
  removed: 'no longer counts: the account was removed',
} as const

/** How many must sign still: signatures that no longer count leave their place open. */
export const missingSignatures = ({
  approvals,
  approvalsNeeded,
}: Pick<AuthorisationDetail, 'approvals' | 'approvalsNeeded'>) =>
  Math.max(0, approvalsNeeded - approvals.filter(({ lost }) => lost === null).length)

/** Who has signed, and how many still must. */
export const Signers = ({ request }: { request: AuthorisationDetail }) => {
  const { approvals, approvalsNeeded, stateReason } = request
  const missing = missingSignatures(request)
  return (
    <Section title="Who has signed" about={<HostText value={stateReason} max={300} />}>
      {approvalsNeeded === 0 && approvals.length === 0 ? null : (
        <ol className="divide-y divide-line rounded-control border border-line-2">
          {approvals.map(({ username, publicKey, signedAt, lost }) => (
            <li key={publicKey} className="flex min-h-10 items-center gap-2.5 px-3 py-1.5">
              {lost === null ? (
                <Check size={16} aria-hidden className="flex-none text-ink-2" />
              ) : (
                <CircleSlash size={16} aria-hidden className="flex-none text-ink-3" />
              )}
              <span className="min-w-0">
                <b className="font-medium">
                  <HostText value={username} max={64} />
                </b>
                , <TimeAgo at={signedAt} suffix=" ago" />
                {lost === null ? null : <span className="text-danger-text">, {LOST[lost]}</span>}
                <span className="mono block truncate text-[11px] text-ink-3">{publicKey}</span>
              </span>
            </li>
          ))}
          {Array.from({ length: missing }, (_, index) => `place ${approvals.length + index + 1}`).map((place) => (
            <li key={place} className="flex min-h-10 items-center gap-2.5 px-3 py-1.5 text-ink-3">
              <CircleDashed size={16} aria-hidden className="flex-none" />
              <span>
                An approver other than <HostText value={request.requestedBy} max={64} />
              </span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  )
}
