import { requestTitle } from '@rebootless/shared/domain/act-words.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ApiProblem } from '../api/api-problem.ts'
import { RequestActs } from '../features/approvals/request-acts.tsx'
import { RequestsLoading } from '../features/approvals/request-list.tsx'
import { RequestMark } from '../features/approvals/request-state.tsx'
import { RequestText } from '../features/approvals/request-text.tsx'
import { SignPanel } from '../features/approvals/sign-panel.tsx'
import { Signers } from '../features/approvals/signers.tsx'
import CommandList from '../features/commands/command-list.tsx'
import { authorisationQuery } from '../features/commands/queries.ts'
import { Crumb } from '../shell/crumb.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { HostText, visibleText } from '../ui/host-text.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import { TimeAgo } from '../ui/time-ago.tsx'

const route = getRouteApi('/signed-in/approvals/$id')

/** One request: its text, who has signed, where to sign, and what became of it on each host. */
export const ApprovalPage = () => {
  const { id } = route.useParams()
  const request = useQuery(authorisationQuery(id))
  const title = request.data ? requestTitle(request.data) : 'Request'
  usePageTitle(visibleText(title, 80))
  const { error } = request
  return (
    <>
      <PageHeader
        updatedAt={request.dataUpdatedAt}
        crumbs={<Crumb to="/approvals">Approvals</Crumb>}
        title={<HostText value={title} max={80} />}
      />
      {request.data ? (
        <>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-6 py-4 max-desk:px-4">
            {/* The head of the page is too narrow for it on a phone. */}
            <p className="basis-full font-medium wrap-anywhere desk:hidden">
              <HostText value={title} max={300} />
            </p>
            <RequestMark state={request.data.state} />
            <p className="min-w-0 text-ink-2 wrap-anywhere">
              <HostText value={request.data.requestedBy} max={64} />,{' '}
              <TimeAgo at={request.data.requestedAt} suffix=" ago" />:{' '}
              <HostText value={request.data.reason} max={1000} />
            </p>
          </div>
          <RequestActs request={request.data} />
          <div className="grid desk:grid-cols-[minmax(0,1fr)_minmax(320px,420px)]">
            <div className="min-w-0">
              <RequestText request={request.data} />
            </div>
            <div className="min-w-0 border-line max-desk:border-t desk:border-l">
              <Signers request={request.data} />
              {request.data.approvalsNeeded > 0 ? <SignPanel request={request.data} /> : null}
            </div>
          </div>
          <section aria-labelledby="on-hosts" className="border-t border-line">
            <h2 id="on-hosts" className="px-6 py-4 text-14 max-desk:px-4">
              On the hosts
            </h2>
            <CommandList asked={{ authorisation: id }} showHost />
          </section>
        </>
      ) : request.isPending ? (
        <RequestsLoading />
      ) : error instanceof ApiProblem && ['authorisation_not_found', 'query_invalid'].includes(error.code) ? (
        <Notice mark={<StateGlyph state="unsupported" size={20} />} title="There is no such request">
          <p>
            It may name hosts that you do not see.{' '}
            <Link to="/approvals" className="quiet-link">
              All requests
            </Link>{' '}
            that you do see.
          </p>
        </Notice>
      ) : (
        <ProblemNotice what="The request" error={error ?? new Error('')} onRetry={() => void request.refetch()} />
      )}
    </>
  )
}
