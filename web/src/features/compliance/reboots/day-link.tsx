import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { narrowedTo } from './queries.ts'

/** A day's hosts below; once more takes that back. */
export const DayLink = ({ of, day, children }: { of: string; day: string | undefined; children: ReactNode }) => (
  <Link
    to="/compliance/reboots"
    from="/compliance/reboots"
    search={narrowedTo(day === of ? {} : { day: of })}
    resetScroll={false}
    aria-current={day === of ? 'date' : undefined}
    className="quiet-link after:absolute after:inset-0"
  >
    {children}
  </Link>
)
