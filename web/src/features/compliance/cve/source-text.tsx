import type { Provenance } from '@rebootless/shared/contract/vulnerabilities.ts'
import { exactTime } from '../../../ui/duration.ts'
import { HostText, visibleText } from '../../../ui/host-text.tsx'

/** Only what a browser may follow without running it. */
const isLink = (document: string): boolean => /^https:\/\/[^\s"<>\\]+$/.test(document)

/** Whose word it is: the feed, its document, and when it was read. */
export const SourceText = ({ from }: { from: Provenance }) => (
  <span
    className="text-12 text-ink-3"
    title={`Read ${exactTime(from.readAt)}${from.publishedOn === null ? '' : `; dated ${from.publishedOn}`}`}
  >
    {isLink(from.document) ? (
      <a
        href={from.document}
        target="_blank"
        rel="noreferrer noopener"
        title={visibleText(from.document, 500)}
        className="quiet-link font-normal"
      >
        <HostText value={from.feed} max={60} />
      </a>
    ) : (
      <>
        <HostText value={from.feed} max={60} />
        {', '}
        <HostText value={from.document} max={80} />
      </>
    )}
    {from.publishedOn === null ? null : `, ${from.publishedOn}`}
  </span>
)
