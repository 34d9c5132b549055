import { type ReactNode, useId } from 'react'

/** A part of the summary under its own head, with the least around it; ruled from its neighbours by the page. */
export const PagePart = ({
  title,
  note,
  actions,
  children,
  className = '',
}: {
  title: string
  note?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
}) => {
  const id = useId()
  return (
    <section aria-labelledby={id} className={`min-w-0 px-6 pt-3 pb-4 max-desk:px-4 print:px-0 ${className}`}>
      <div className="flex min-h-7 flex-wrap items-center gap-x-2 gap-y-1 max-desk:gap-y-2">
        <h2 id={id} className="text-13">
          {title}
        </h2>
        {note === undefined ? null : <span className="text-12 text-ink-3">{note}</span>}
        {actions === undefined ? null : <span className="ml-auto flex items-center gap-2">{actions}</span>}
      </div>
      {children}
    </section>
  )
}
