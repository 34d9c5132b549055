import type { ReactNode } from 'react'
import { BrandMark } from './brand.tsx'
import { LiveIndicator } from './live-indicator.tsx'

/** The head of every page: where one is, what filters it, how old it is. */
export const PageHeader = ({
  crumbs,
  title,
  notice,
  actions,
  updatedAt,
}: {
  crumbs?: ReactNode
  title: ReactNode
  /** Beside the title, and in view however far the page is scrolled. */
  notice?: ReactNode
  /** What can be made here. */
  actions?: ReactNode
  /** When the data came, milliseconds; 0: not yet; null: nothing here comes from hosts. */
  updatedAt: number | null
}) => (
  <header className="sticky top-0 z-10 flex h-13 items-center gap-3 border-b border-line bg-sheet px-6 max-desk:px-4">
    <span className="desk:hidden">
      <BrandMark />
    </span>
    <div className="flex min-w-0 items-center gap-1.5 text-ink-3">
      {crumbs}
      <h1 className="truncate text-14 font-semibold tracking-tight text-ink max-desk:text-16">{title}</h1>
    </div>
    {notice}
    <div className="ml-auto flex items-center gap-4 pl-2">
      {updatedAt === null ? null : <LiveIndicator updatedAt={updatedAt} />}
      {actions}
    </div>
  </header>
)
