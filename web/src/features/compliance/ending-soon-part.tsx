import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { dayOf, exactTime } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { ExceptionSubjectText } from './exception-subject.tsx'
import { PagePart } from './page-part.tsx'
import { exceptionsQuery } from './queries.ts'

const DAYS = 30

/** Exceptions whose end is near: what they accept is open again after it. `isPast`: the page tells of another day than today. */
export const EndingSoonPart = ({ isPast }: { isPast: boolean }) => {
  const list = useQuery(exceptionsQuery('open', DAYS))
  return (
    <PagePart
      title="Exceptions that end soon"
      note={isPast ? `of those that are there now, within ${DAYS} days from today` : `within ${DAYS} days`}
      actions={
        <Link to="/compliance/exceptions" className="quiet-link text-12">
          All exceptions
        </Link>
      }
    >
      {list.isError ? (
        <ProblemNotice what="The exceptions" error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data === undefined ? (
        <div aria-busy="true" className="h-16 animate-shimmer rounded-mark bg-sunken" />
      ) : list.data.items.length === 0 ? (
        <p className="mt-1 text-ink-2">None.</p>
      ) : (
        <ul aria-label="Exceptions that end soon" className="mt-2 border-t border-line">
          {list.data.items.map(({ id, subject, hosts, owner, until }) => (
            <li key={id} className="flex min-h-8 flex-wrap items-center gap-x-4 border-b border-line py-1.5">
              <Link to="/compliance/exceptions" search={{ exception: id }} className="min-w-0 font-medium">
                <ExceptionSubjectText subject={subject} hosts={hosts} />
              </Link>
              <span className="text-12 text-ink-3">
                <HostText value={owner} max={60} />
              </span>
              <time dateTime={until} title={exactTime(until)} className="ml-auto text-12 text-ink-2">
                {dayOf(until)}
              </time>
            </li>
          ))}
        </ul>
      )}
    </PagePart>
  )
}
