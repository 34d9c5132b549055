import type { HostIdentity } from '@rebootless/shared/contract/host-identity.ts'
import { keyFingerprintText } from '@rebootless/shared/domain/key-fingerprint.ts'
import type { ReactNode } from 'react'
import { dayOf } from '../../ui/duration.ts'
import { TimeAgo } from '../../ui/time-ago.tsx'

const Fact = ({ word, children }: { word: string; children: ReactNode }) => (
  <div className="min-w-0">
    <dt className="text-11 font-medium text-ink-3">{word}</dt>
    <dd className="wrap-anywhere">{children}</dd>
  </div>
)

/** By what a host is known, and whether that still holds. */
export const IdentityFacts = ({ identity }: { identity: HostIdentity }) => (
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
