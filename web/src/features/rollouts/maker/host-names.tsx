import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { count } from '../../../ui/duration.ts'
import { HostText, visibleText } from '../../../ui/host-text.tsx'

const NAMES_SHOWN = 100

/** Hosts by name, opened when somebody asks; with what can be done with each. */
export const HostNames = ({
  hosts,
  actOf,
  summary,
}: {
  hosts: readonly { id: string; name: string }[]
  actOf: (id: string) => { word: string; act: () => void } | null
  /** Null: there is nobody. */
  summary: string | null
}) => {
  const [shown, setShown] = useState(NAMES_SHOWN)
  const [open, setOpen] = useState(false)
  if (summary === null) return null
  return (
    <details className="mt-1.5 text-12" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit cursor-pointer text-ink-3 hover:text-ink touch:py-3">{summary}</summary>
      {open ? (
        <ul className="mt-1 max-h-60 overflow-y-auto">
          {hosts.slice(0, shown).map(({ id, name }) => {
            const offered = actOf(id)
            return (
              <li key={id} className="flex items-center justify-between gap-3 py-0.5 pr-1">
                <Link to="/hosts/$id" params={{ id }} className="quiet-link min-w-0 truncate leading-6">
                  <HostText value={name} max={80} />
                </Link>
                {offered === null ? null : (
                  <button
                    type="button"
                    aria-label={`${offered.word} ${visibleText(name, 80)}`}
                    className="min-h-6 flex-none text-ink-3 hover:text-ink hover:underline touch:min-h-11"
                    onClick={offered.act}
                  >
                    {offered.word}
                  </button>
                )}
              </li>
            )
          })}
        </ul>
      ) : null}
      {open && hosts.length > shown ? (
        <Button className="mt-1" onClick={() => setShown(shown + 1000)}>
          {count(hosts.length - shown)} more
        </Button>
      ) : null}
    </details>
  )
}
