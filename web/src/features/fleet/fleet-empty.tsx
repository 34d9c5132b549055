import { CopyButton } from '../../ui/copy-button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'

const COMMAND = 'rebootless-agent enrol --server URL --token TOKEN'

/** No host has enrolled yet: what would fill the page, with the command to copy. */
export const FleetEmpty = () => (
  <Notice mark={<StateGlyph state="unsupported" size={20} />} title="No host has enrolled yet">
    <p>Enrol one with a token that an administrator makes, then start its agent. It appears here within seconds.</p>
    <div className="flex flex-wrap items-center gap-2 rounded-control bg-sunken p-3">
      <code className="mono min-w-0 flex-1 text-ink wrap-break-word">{COMMAND}</code>
      <CopyButton text={COMMAND} />
    </div>
    <p className="text-12 text-ink-3">
      To look around first, start the server with <code className="mono">REBOOTLESS_SIMULATED_HOSTS=60</code>.
    </p>
  </Notice>
)
