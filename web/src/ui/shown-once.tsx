import type { ReactNode } from 'react'
import { CopyButton } from './copy-button.tsx'

/** A secret that is not shown again, to be copied now. */
export const ShownOnce = ({ text, label, children }: { text: string; label: string; children?: ReactNode }) => (
  <div className="grid gap-2">
    <div className="flex items-start gap-3 rounded-control bg-sunken p-3">
      <span className="sr-only">{label}</span>
      <code className="mono min-w-0 flex-1 py-1 text-[12px] wrap-anywhere select-all">{text}</code>
      <CopyButton text={text} />
    </div>
    {children ? <div className="text-12 text-ink-3">{children}</div> : null}
  </div>
)
