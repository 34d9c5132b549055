import { type AudienceOfPage, KEY_READERS } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { sessionQuery } from '../features/access/queries.ts'
import { ApproverKeys } from '../features/approvals/approver-keys.tsx'
import { authorisationListQuery, waitsFor } from '../features/approvals/queries.ts'
import { RequestList, RequestsLoading } from '../features/approvals/request-list.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { useOffered } from '../shell/use-offered.ts'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'
import type { ApprovalView } from './approvals.ts'

const route = getRouteApi('/signed-in/approvals')
const VIEWS: readonly { readonly view: ApprovalView; readonly word: string; readonly audience?: AudienceOfPage }[] = [
  { view: 'waiting', word: 'Waiting' },
  { view: 'all', word: 'All requests' },
  { view: 'keys', word: 'Keys', audience: KEY_READERS },
]

export const ApprovalsPage = () => {
  usePageTitle('Approvals')
  const { view = 'waiting' } = route.useSearch()
  const session = useQuery(sessionQuery).data
  const views = useOffered(VIEWS)
  const list = useQuery({
    ...authorisationListQuery(view === 'waiting' ? 'waiting' : undefined),
    enabled: view !== 'keys',
  })
  return (
    <>
      <PageHeader title="Approvals" updatedAt={view === 'keys' ? null : list.dataUpdatedAt} />
      <nav aria-label="Approvals" className="overflow-x-auto border-b border-line px-6 max-desk:px-4">
        <ul className="flex gap-6">
          {views.map(({ view: value, word }) => (
            <li key={value}>
              <Link
                to="/approvals"
                search={value === 'waiting' ? {} : { view: value }}
                activeOptions={{ exact: true, includeSearch: true }}
                activeProps={{}}
                aria-current={view === value ? 'page' : undefined}
                className="flex h-11 items-center border-b-2 border-transparent whitespace-nowrap text-ink-2 transition-colors hover:text-ink current:border-ink current:font-semibold current:text-ink"
              >
                {word}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {!session ? null : view === 'keys' ? (
        <ApproverKeys session={session} />
      ) : list.isPending ? (
        <RequestsLoading />
      ) : list.isError && !list.data ? (
        <ProblemNotice what="The requests" error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data.items.length === 0 ? (
        <NoRequest view={view} />
      ) : (
        <RequestList
          session={session}
          requests={list.data.items.toSorted(
            (left, right) => Number(waitsFor(session, right)) - Number(waitsFor(session, left)),
          )}
        />
      )}
    </>
  )
}

const NoRequest = ({ view }: { view: ApprovalView }) => (
  <Notice
    mark={<StateGlyph state="unsupported" size={20} />}
    title={view === 'waiting' ? 'Nothing waits for a signature' : 'Nothing has been asked for yet'}
  >
    <p>
      Choose <b className="font-semibold">Act</b> on the page of a host. What is asked of a host of class production
      waits here until its approvers have signed; class lab needs nobody.
    </p>
  </Notice>
)
