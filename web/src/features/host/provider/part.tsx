// biome-ignore-all lint/a11y/useSemanticElements: a fieldset is for fields, and a section would be one more landmark of the same name
import type { ReactNode } from 'react'

/** One part of a provider's account. A group: with several providers on a host, each has one of the same name. */
export const Part = ({ title, note = '', children }: { title: string; note?: string; children: ReactNode }) => (
  <div role="group" aria-label={title} className="mt-4">
    <h4 className="flex flex-wrap items-baseline gap-x-2 text-13 font-semibold">
      {title}
      {note === '' ? null : <span className="text-12 font-normal text-ink-3">{note}</span>}
    </h4>
    <div className="mt-1.5">{children}</div>
  </div>
)
