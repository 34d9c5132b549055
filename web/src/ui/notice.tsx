import type { ReactNode } from 'react'

/** A page or a part of one that has nothing to show: what it means, and what would fill it or mend it. */
export const Notice = ({
  mark,
  title,
  children,
  actions,
  role,
}: {
  mark?: ReactNode
  title: string
  children: ReactNode
  actions?: ReactNode
  role?: 'alert' | 'status'
}) => (
  <div
    role={role}
    data-notice
    className="mx-auto flex max-w-[560px] animate-appear gap-4 px-6 py-16 max-desk:px-4 max-desk:py-10"
  >
    {mark ? <div className="pt-1">{mark}</div> : null}
    <div className="min-w-0">
      <h2 className="text-16">{title}</h2>
      <div className="mt-1 grid gap-3 text-ink-2">{children}</div>
      {actions ? <div className="mt-4 flex flex-wrap gap-2">{actions}</div> : null}
    </div>
  </div>
)

/** A bar in place of text to come, of the height that the text will have. */
export const Placeholder = ({ className = 'w-24' }: { className?: string }) => (
  <span aria-hidden="true" className={`block h-3 max-w-full animate-shimmer rounded-mark bg-line ${className}`} />
)
