import { type ReactNode, useId } from 'react'

/** A part of a page with its own head: what it is, what it means, what can be made there. */
export const Section = ({
  title,
  about,
  actions,
  children,
}: {
  title: string
  about?: ReactNode
  actions?: ReactNode
  children?: ReactNode
}) => {
  const id = useId()
  return (
    <section aria-labelledby={id} className="border-b border-line px-6 py-5 last:border-b-0 max-desk:px-4">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 max-w-[640px]">
          <h2 id={id} className="text-14">
            {title}
          </h2>
          {about ? <div className="mt-0.5 text-ink-3">{about}</div> : null}
        </div>
        {actions ? <div className="flex flex-wrap gap-2">{actions}</div> : null}
      </div>
      {children === undefined ? null : (
        <div className="mt-4 **:data-notice:mx-0 **:data-notice:px-0 **:data-notice:py-2">{children}</div>
      )}
    </section>
  )
}
