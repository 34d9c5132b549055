import { type ReactNode, useId } from 'react'

export const ADMINS_ONLY = 'Admins do this: ask one of them.'

/** One matter of a host's identity, with its own head. */
export const IdentityPart = ({ title, children }: { title: string; children: ReactNode }) => {
  const id = useId()
  return (
    <section aria-labelledby={id} className="grid gap-3 p-4">
      <h3 id={id} className="text-13">
        {title}
      </h3>
      {children}
    </section>
  )
}
