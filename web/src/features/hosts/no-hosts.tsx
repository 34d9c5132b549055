import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Notice } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'

const COMMAND = 'rebootless-agent enrol --server URL --token TOKEN'

/** Nothing matches, or nothing is there at all. */
export const NoHosts = ({ filter, onClear }: { filter: string; onClear: () => void }) =>
  filter === '' ? (
    <Notice mark={<StateGlyph state="unsupported" size={20} />} title="No host has enrolled yet">
      <p>Enrol one with a token that an administrator makes, then start its agent. It appears here within seconds.</p>
      <div className="flex flex-wrap items-center gap-2 rounded-control bg-sunken p-3">
        <code className="mono min-w-0 flex-1 text-ink wrap-break-word">{COMMAND}</code>
        <CopyButton text={COMMAND} />
      </div>
    </Notice>
  ) : (
    <Notice
      mark={<StateGlyph state="unsupported" size={20} />}
      title="No host matches"
      actions={
        <Button size="large" kind="primary" onClick={onClear}>
          Clear the filter
        </Button>
      }
    >
      <p>
        Every word of{' '}
        <code className="mono text-ink">
          <HostText value={filter} />
        </code>{' '}
        must hold. A host that comes to match is shown as a change.
      </p>
    </Notice>
  )
