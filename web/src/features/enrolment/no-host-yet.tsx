import { Notice } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { AddHost } from './add-host.tsx'

/** No host has enrolled: what would fill the page. */
export const NoHostYet = ({ admin }: { admin: boolean }) => (
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
