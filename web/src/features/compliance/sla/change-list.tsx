import { TriangleAlert } from 'lucide-react'
import type { slaChanges } from './sla-changes.ts'

/** What would change, in words; what makes days shorter is marked. */
export const ChangeList = ({ changes, isRight }: { changes: ReturnType<typeof slaChanges>; isRight: boolean }) =>
  changes.length === 0 ? (
    <p className="text-ink-3">{isRight ? 'Nothing.' : 'Something above is not right yet.'}</p>
  ) : (
    <ul className="grid gap-1">
      {changes.map(({ text, shorter }) => (
        <li key={text} className="flex gap-2">
          {shorter ? (
            <TriangleAlert size={14} aria-hidden className="mt-0.5 flex-none text-old-text" />
          ) : (
            <span aria-hidden className="w-3.5 flex-none text-center text-ink-3">
              ·
            </span>
          )}
          <span className="min-w-0 wrap-anywhere">
            {text}
            {shorter ? <span className="text-12 text-ink-3"> Hosts that are within may be past at once.</span> : null}
          </span>
        </li>
      ))}
    </ul>
  )
