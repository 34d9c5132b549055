import type { Provenance } from '@rebootless/shared/contract/vulnerabilities.ts'
import { exactTime } from '../../../ui/duration.ts'
import { FeedDocument } from '../feed-document.tsx'

/** Whose word it is: the feed, its document, and when it was read. */
export const SourceText = ({ from }: { from: Provenance }) => (
  <span
    className="text-12 text-ink-3"
    title={`Read ${exactTime(from.readAt)}${from.publishedOn === null ? '' : `; dated ${from.publishedOn}`}`}
  >
    <FeedDocument feed={from.feed} document={from.document} />
    {from.publishedOn === null ? null : (
      <>
        , <span className="whitespace-nowrap">{from.publishedOn}</span>
      </>
    )}
  </span>
)
