import { HostText } from '../ui/host-text.tsx'

/** On which hosts somebody, or a token, may do things. */
export const ScopeText = ({ scope }: { scope: string | null }) =>
  scope === null ? (
    'the whole fleet'
  ) : (
    <code className="mono">
      <HostText value={scope} max={120} />
    </code>
  )
