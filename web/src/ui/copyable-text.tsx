import type { ReactNode } from 'react'
import { CopyButton } from './copy-button.tsx'

/** A command, key or secret to be taken along whole. */
export const CopyableText = ({
  text,
  className = '',
  children,
}: {
  text: string
  className?: string
  children?: ReactNode
}) => (
  <div className={`flex items-start gap-3 rounded-control bg-sunken p-3 ${className}`}>
    {children}
    <code className="mono min-w-0 flex-1 py-1 text-[12px] wrap-anywhere select-all">{text}</code>
    <CopyButton text={text} />
  </div>
)
