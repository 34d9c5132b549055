import type { Session } from '@rebootless/shared/contract/session.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Notice } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { AddHost } from './add-host.tsx'

/** There is no host to show: none has enrolled, or none is in the scope of whoever looks. */
export const NoHostYet = ({ session }: { session: Session | undefined }) => {
  if (session === undefined) return null
  return session.scope === null ? (
    <NoneEnrolled admin={session.role === 'admin'} />
  ) : (
    <NoneInScope scope={session.scope} />
  )
}

const NoneInScope = ({ scope }: { scope: string }) => (
  <Notice mark={<StateGlyph state="unsupported" size={20} />} title="No host is in your scope">
    <p>
      You see the hosts that match{' '}
      <code className="mono">
        <HostText value={scope} />
      </code>
      , and none does yet. One that is given these labels appears here within seconds.
    </p>
  </Notice>
)

const NoneEnrolled = ({ admin }: { admin: boolean }) => (
  <Notice
    mark={<StateGlyph state="unsupported" size={20} />}
    title="No host has enrolled yet"
    actions={<AddHost allowed={admin} kind="primary" />}
  >
    <p>
      {admin
        ? 'A host enrols with one command, which holds for an hour and works once. It appears here within seconds.'
        : 'A host enrols with a command that an administrator makes on this page. It appears here within seconds.'}
    </p>
    <p className="text-12 text-ink-3">
      To look around first, start the server without <code className="mono">REBOOTLESS_SIMULATED_HOSTS=0</code> and{' '}
      <code className="mono">REBOOTLESS_RECORDED_HOSTS=0</code>: it then shows simulated hosts and recorded kernels.
    </p>
  </Notice>
)
