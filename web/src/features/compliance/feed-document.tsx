import { HostText, visibleText } from '../../ui/host-text.tsx'

/** Only what a browser may follow without running it. */
const isLink = (document: string): boolean => /^https:\/\/[^\s"<>\\]+$/.test(document)

/** A feed and the document of it that says something; the text of both is the feed's. */
export const FeedDocument = ({ feed, document }: { feed: string; document: string | null }) =>
  document !== null && isLink(document) ? (
    <a
      href={document}
      target="_blank"
      rel="noreferrer noopener"
      title={visibleText(document, 500)}
      className="quiet-link font-normal"
    >
      <HostText value={feed} max={100} />
    </a>
  ) : (
    <>
      <HostText value={feed} max={100} />
      {document === null ? null : (
        <>
          , <HostText value={document} max={120} />
        </>
      )}
    </>
  )
