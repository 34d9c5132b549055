import type { Unreadable } from '@rebootless/shared/contract/kernel.ts'
import { HostText } from '../../ui/host-text.tsx'

/** What could not be read, and what is therefore not known. Says so, too, when all was read. */
export const UnreadableList = ({ unreadable }: { unreadable: readonly Unreadable[] }) => (
  <section aria-labelledby="unreadable" className="border-t border-line px-6 py-4 max-desk:px-4 desk:px-5">
    <h3 id="unreadable" className="text-13">
      What could not be read
    </h3>
    {unreadable.length === 0 ? (
      <p className="mt-1 text-12 text-ink-3">Everything the agent looks for was read.</p>
    ) : (
      <ul className="mt-1">
        {unreadable.map((one) => (
          <li key={one.path} className="border-b border-line py-2 last:border-0">
            <p className="flex justify-between gap-3">
              <code className="mono min-w-0 text-[12px] wrap-anywhere">
                <HostText value={one.path} max={256} />
              </code>
              <code className="mono text-[12px] text-ink-3">{one.errno}</code>
            </p>
            <p className="text-12 text-ink-3">
              <HostText value={one.consequence} />
            </p>
          </li>
        ))}
      </ul>
    )}
  </section>
)
