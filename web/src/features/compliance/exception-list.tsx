import type { ComplianceException } from '@rebootless/shared/contract/compliance-policy.ts'
import { Link } from '@tanstack/react-router'
import { dayOf, exactTime } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { ExceptionStateMark } from './exception-state.tsx'
import { ExceptionSubjectText } from './exception-subject.tsx'

const GRID =
  'desk:grid desk:grid-cols-[168px_minmax(0,1fr)_minmax(100px,0.6fr)_minmax(0,1.7fr)_96px] desk:items-center gap-x-5 px-6 max-desk:px-4'

/** Exceptions, those that end first first; each opens what can be done. */
export const ExceptionRows = ({ exceptions }: { exceptions: readonly ComplianceException[] }) => (
  <div>
    <div aria-hidden className={`${GRID} h-8 border-b border-line text-11 font-medium text-ink-3 max-desk:hidden`}>
      <span>State</span>
      <span>What</span>
      <span>Owner</span>
      <span>Why</span>
      <span className="text-right">Until</span>
    </div>
    <ul aria-label="Exceptions">
      {exceptions.map(({ id, state, subject, hosts, owner, reason, until, requestedBy, approvedBy }) => (
        <li
          key={id}
          className={`${GRID} relative min-h-12 border-b border-line py-2 transition-colors hover:bg-hover max-desk:grid max-desk:gap-y-1`}
        >
          <ExceptionStateMark state={state} />
          <Link
            to="/compliance/exceptions"
            search={(before) => ({ ...before, exception: id })}
            resetScroll={false}
            data-row-link
            className="min-w-0 font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ink"
          >
            <ExceptionSubjectText subject={subject} hosts={hosts} />
          </Link>
          <span className="min-w-0 truncate text-ink-2">
            <HostText value={owner} max={80} />
          </span>
          <span className="min-w-0 text-12 wrap-anywhere text-ink-2">
            <span className="desk:line-clamp-2">
              <HostText value={reason} max={300} />
            </span>
            <span className="text-ink-3">
              asked by {requestedBy}
              {approvedBy === null ? '' : `, approved by ${approvedBy}`}
            </span>
          </span>
          <time dateTime={until} title={exactTime(until)} className="text-12 text-ink-2 desk:text-right">
            {dayOf(until)}
          </time>
        </li>
      ))}
    </ul>
  </div>
)

/** Before the first answer, in its final geometry. */
export const ExceptionRowsLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The exceptions are loading.
    </p>
    {['w-40', 'w-56', 'w-48', 'w-52'].map((width) => (
      <div key={width} className="flex h-12 items-center gap-8 border-b border-line px-6 max-desk:px-4">
        <Placeholder className="w-32" />
        <Placeholder className={width} />
        <Placeholder className="w-24 max-desk:hidden" />
      </div>
    ))}
  </div>
)
