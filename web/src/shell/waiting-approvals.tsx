import { useQuery } from '@tanstack/react-query'
import { Link, useRouterState } from '@tanstack/react-router'
import { sessionQuery } from '../features/access/queries.ts'
import { authorisationListQuery, waitsFor } from '../features/approvals/queries.ts'
import { APPROVALS_PAGE } from './pages.ts'

/** How many requests wait for the signature of whoever looks. */
const useWaiting = (): number => {
  const session = useQuery(sessionQuery).data
  const list = useQuery({ ...authorisationListQuery('waiting'), enabled: session?.role === 'approver' }).data
  return session && list ? list.items.filter((request) => waitsFor(session, request)).length : 0
}

export const WaitingCount = () => {
  const waiting = useWaiting()
  if (waiting === 0) return null
  return (
    <span className="grid h-4 min-w-4 place-items-center rounded-full bg-ink px-1 text-[10px] leading-none font-semibold text-on-ink max-wide:absolute max-wide:top-0.5 max-wide:right-0.5">
      {waiting}
      <span className="sr-only"> waiting for you</span>
    </span>
  )
}

/** On a phone, which has no rail to carry the number; not above the requests themselves. */
export const WaitingBand = () => {
  const waiting = useWaiting()
  const there = useRouterState({ select: ({ location }) => location.pathname.startsWith(APPROVALS_PAGE.to) })
  if (waiting === 0 || there) return null
  const { to, icon: Icon } = APPROVALS_PAGE
  return (
    <Link
      to={to}
      className="flex min-h-11 animate-appear items-center gap-2.5 border-b border-line-2 bg-sunken px-4 py-1.5 font-medium desk:hidden"
    >
      <Icon size={16} aria-hidden className="flex-none text-ink-3" />
      {waiting === 1 ? 'One request waits for your signature' : `${waiting} requests wait for your signature`}
    </Link>
  )
}
