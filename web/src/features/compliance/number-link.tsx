import { Link } from '@tanstack/react-router'
import { count } from '../../ui/duration.ts'
import { numberInAddress, numberTitle } from './number-words.ts'
import type { HostsAsked } from './queries.ts'

/** A number of the summary; it opens its hosts. Nothing is behind a nought. */
export const NumberLink = ({
  value,
  asked,
  tone = '',
  children,
}: {
  value: number
  asked: HostsAsked
  tone?: string
  /** What stands in the place of the number alone. */
  children?: React.ReactNode
}) =>
  value === 0 ? (
    <span className="text-ink-3">{children ?? '0'}</span>
  ) : (
    <Link
      from="/compliance"
      to="/compliance"
      search={(before) => ({ ...before, open: numberInAddress(asked) })}
      resetScroll={false}
      aria-label={`${numberTitle(asked)}: ${count(value)}`}
      className={`quiet-link relative touch:after:absolute touch:after:-inset-x-2 touch:after:-inset-y-3 ${tone}`}
    >
      {children ?? count(value)}
    </Link>
  )
