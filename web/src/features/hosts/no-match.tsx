import { Button } from '../../ui/button.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Notice } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'

/** No host matches the filter. */
export const NoMatch = ({ filter, onClear }: { filter: string; onClear: () => void }) => (
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
