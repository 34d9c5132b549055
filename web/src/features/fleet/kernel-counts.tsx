import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import { formatFilterWord } from '@rebootless/shared/domain/filter.ts'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { count, percent } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'

const FIRST = 8

/** How many hosts run which kernel, the commonest first. */
export const KernelCounts = ({ summary }: { summary: FleetSummary }) => {
  const [all, setAll] = useState(false)
  const rows = [...summary.byKernel].sort((left, right) => right.count - left.count)
  const most = Math.max(1, rows[0]?.count ?? 1)
  return (
    <section aria-labelledby="kernels" className="pb-6">
      <div className="flex min-h-13 items-center gap-2 px-6 max-desk:px-4">
        <h2 id="kernels" className="text-13">
          Hosts by kernel
        </h2>
        <span className="text-12 text-ink-3">
          {rows.length === 1 ? 'all alike' : `${count(rows.length)} releases run`}
        </span>
      </div>
      <ul className="px-6 max-desk:px-4">
        {rows.slice(0, all ? rows.length : FIRST).map((row) => (
          <li
            key={row.kernelRelease}
            className="relative grid min-h-9 grid-cols-[minmax(0,260px)_1fr_56px_48px] items-center gap-3 border-t border-line transition-colors hover:bg-hover max-desk:min-h-11 max-desk:grid-cols-[minmax(0,1fr)_64px_40px] dense:min-h-7"
          >
            <Link
              to="/hosts"
              search={{ filter: formatFilterWord('kernel', row.kernelRelease) }}
              className="mono truncate text-[12px] after:absolute after:inset-0"
            >
              <HostText value={row.kernelRelease} max={80} />
            </Link>
            <span aria-hidden className="block h-1.5 rounded-[1.5px] bg-sunken">
              <i
                className="block h-full rounded-[1.5px] bg-ink-4 transition-[width] duration-(--motion-calm)"
                style={{ width: `${(row.count / most) * 100}%` }}
              />
            </span>
            <span className="text-right font-medium">{count(row.count)}</span>
            <span className="text-right text-12 text-ink-3 max-desk:hidden">{percent(row.count / summary.total)}</span>
          </li>
        ))}
      </ul>
      {rows.length > FIRST && !all ? (
        <div className="px-6 pt-3 max-desk:px-4">
          <Button onClick={() => setAll(true)}>Show {count(rows.length - FIRST)} more</Button>
        </div>
      ) : null}
    </section>
  )
}
