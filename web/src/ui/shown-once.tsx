import type { ReactNode } from 'react'
import { CopyableText } from './copyable-text.tsx'

/** A secret that is not shown again, to be copied now. */
export const ShownOnce = ({ text, label, children }: { text: string; label: string; children?: ReactNode }) => (
  <div className="grid gap-2">
    <CopyableText text={text}>
      <span className="sr-only">{label}</span>
    </CopyableText>
    {children ? <div className="text-12 text-ink-3">{children}</div> : null}
  </div>
)
