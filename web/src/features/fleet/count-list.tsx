import { formatFilterWord } from '@rebootless/shared/domain/filter.ts'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { count, percent } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'

const FIRST = 8

export interface Counted {
  value: string
  count: number
}

/** How many hosts have which value of a filter's key, the commonest first; each opens its hosts. */
export const CountList = ({
  id,
  title,
  note,
  filterKey,
  rows,
  total,
}: {
  id: string
  title: string
  note: string
  filterKey: 'kernel' | 'provider'
  rows: readonly Counted[]
  total: number
}) => {
  const [all, setAll] = useState(false)
  const sorted = [...rows].sort((left, right) => right.count - left.count)
  const most = Math.max(1, sorted[0]?.count ?? 1)
  return (
    <section aria-labelledby={id} className="pb-6">
      <div className="flex min-h-13 items-center gap-2 px-6 max-desk:px-4">
        <h2 id={id} className="text-13">
          {title}
        </h2>
        <span className="text-12 text-ink-3">{note}</span>
      </div>
      <ul className="px-6 max-desk:px-4">
        {sorted.slice(0, all ? sorted.length : FIRST).map((row) => (
          <li
            key={row.value}
            className="relative grid min-h-9 grid-cols-[minmax(0,260px)_1fr_56px_48px] items-center gap-3 border-t border-line transition-colors hover:bg-hover max-desk:min-h-11 max-desk:grid-cols-[minmax(0,1fr)_64px_40px] dense:min-h-7"
          >
            <Link
              to="/hosts"
              search={{ filter: formatFilterWord(filterKey, row.value) }}
              className="mono truncate text-[12px] after:absolute after:inset-0"
            >
              <HostText value={row.value} max={80} />
            </Link>
            <span aria-hidden className="block h-1.5 rounded-[1.5px] bg-sunken">
              <i
                className="block h-full rounded-[1.5px] bg-ink-4 transition-[width] duration-(--motion-calm)"
                style={{ width: `${(row.count / most) * 100}%` }}
              />
            </span>
            <span className="text-right font-medium">{count(row.count)}</span>
            <span className="text-right text-12 text-ink-3 max-desk:hidden">{percent(row.count / total)}</span>
          </li>
        ))}
      </ul>
      {sorted.length > FIRST && !all ? (
        <div className="px-6 pt-3 max-desk:px-4">
          <Button onClick={() => setAll(true)}>Show {count(sorted.length - FIRST)} more</Button>
        </div>
      ) : null}
    </section>
  )
}
