import { Button } from './button.tsx'
import { HostText } from './host-text.tsx'
import { Notice } from './notice.tsx'
import { StateGlyph } from './state-glyph.tsx'

/** Nothing in a list matches its filter; the way back to all of it. */
export const NoMatch = ({
  title,
  filter,
  more = '',
  onClear,
}: {
  title: string
  filter: string
  /** What is to be known beside. */
  more?: string
  onClear: () => void
}) => (
  <Notice
    mark={<StateGlyph state="unsupported" size={20} />}
    title={title}
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
      must hold. {more}
    </p>
  </Notice>
)
