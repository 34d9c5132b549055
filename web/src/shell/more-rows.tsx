import { Button } from '../ui/button.tsx'
import { ProblemNotice } from './problem-notice.tsx'

/** The way to the next page of a list, and what hindered it. */
export const MoreRows = ({
  list,
}: {
  list: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly isFetchNextPageError: boolean
    readonly error: Error | null
    readonly fetchNextPage: () => unknown
  }
}) =>
  list.isFetchNextPageError ? (
    <ProblemNotice what="More" error={list.error ?? new Error('')} onRetry={() => void list.fetchNextPage()} />
  ) : list.hasNextPage ? (
    <div className="px-6 py-4 max-desk:px-4">
      <Button size="large" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        Show more
      </Button>
    </div>
  ) : null
