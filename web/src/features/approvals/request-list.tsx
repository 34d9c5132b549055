import type { AuthorisationSummary } from '@rebootless/shared/contract/commands-api.ts'
import type { Session } from '@rebootless/shared/contract/session.ts'
import { requestTitle } from '@rebootless/shared/domain/act-words.ts'
import { Link } from '@tanstack/react-router'
import { useNow } from '../../ui/clock.ts'
import { fullDuration } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { waitsFor } from './queries.ts'
import { RequestMark } from './request-state.tsx'

const GRID =
  'desk:grid desk:grid-cols-[104px_minmax(0,1.3fr)_minmax(0,1.5fr)_110px_110px_70px] desk:items-center gap-x-4'

/** What was asked for, newest first; what waits for whoever looks is marked. */
export const RequestList = ({ requests, session }: { requests: readonly AuthorisationSummary[]; session: Session }) => (
  <div>
    <div aria-hidden className={`${GRID} h-8 border-b border-line px-6 text-11 font-medium text-ink-3 max-desk:hidden`}>
      <span>State</span>
      <span>What</span>
      <span>Why</span>
      <span>Signed</span>
      <span>Good for</span>
      <span className="text-right">Asked</span>
    </div>
    <ul aria-label="Requests">
      {requests.map((request) => (
        <li key={request.id} className="border-b border-line">
          <Link
            to="/approvals/$id"
            params={{ id: request.id }}
            className={`${GRID} flex min-h-11 flex-wrap px-6 py-2 transition-colors hover:bg-hover focus-visible:-outline-offset-2 max-desk:gap-y-0.5 max-desk:px-4`}
          >
            <RequestMark state={request.state} />
            <span className="min-w-0 font-medium wrap-anywhere max-desk:basis-full desk:line-clamp-2">
              <HostText value={requestTitle(request)} max={120} />
            </span>
            <span className="min-w-0 text-ink-2 max-desk:basis-full max-desk:line-clamp-2 desk:truncate">
              <HostText value={request.requestedBy} max={64} />: <HostText value={request.reason} max={300} />
            </span>
            <span className="text-12 text-ink-2">
              {waitsFor(session, request) ? (
                <b className="rounded-full bg-ink px-2 py-0.5 font-medium text-on-ink">Waits for you</b>
              ) : request.approvalsNeeded === 0 ? (
                <span className="text-ink-3">none needed</span>
              ) : (
                `${request.approvals.length} of ${request.approvalsNeeded}`
              )}
            </span>
            <span className="text-12 text-ink-3">
              <Left request={request} />
            </span>
            <span className="text-12 text-ink-3 desk:text-right">
              <TimeAgo at={request.requestedAt} suffix=" ago" />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  </div>
)

const Left = ({ request }: { request: AuthorisationSummary }) => {
  const now = useNow()
  if (request.state !== 'waiting' && request.state !== 'approved') return null
  return fullDuration(Date.parse(request.expiresAt) - now)
}

export const RequestsLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The requests are loading.
    </p>
    {['w-40', 'w-56', 'w-48', 'w-64'].map((width) => (
      <div key={width} className="flex h-11 items-center gap-8 border-b border-line px-6 max-desk:px-4">
        <Placeholder className="w-20" />
        <Placeholder className={width} />
      </div>
    ))}
  </div>
)
