import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'

type Given = Pick<HostSummary, 'providers' | 'effectiveKernel'>

/** The system that does the work, how many more there are, and the kernel whose fixes it brought. */
export const ProviderWords = ({ host }: { host: Given }) => {
  const [working, ...others] = host.providers
  if (working === undefined) return <span className="text-ink-3">none</span>
  return (
    <>
      <span className="flex-none max-w-28 truncate" title={visibleText(host.providers.join(', '), 120)}>
        <HostText value={working} max={32} />
        {others.length > 0 ? <span className="text-ink-3"> +{others.length}</span> : null}
      </span>
      {host.effectiveKernel === null ? null : (
        <span
          className="mono min-w-0 truncate text-[11px] text-ink-3"
          title={`Effective kernel: ${visibleText(host.effectiveKernel, 128)}`}
        >
          <span aria-hidden>→ </span>
          <span className="sr-only">effective kernel </span>
          <HostText value={host.effectiveKernel} max={128} />
        </span>
      )}
    </>
  )
}
