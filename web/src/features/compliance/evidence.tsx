import type { DoubtOfHost, Verdict } from '@rebootless/shared/contract/exposure.ts'
import { EXPOSURE_RULE_WORDS } from '@rebootless/shared/domain/exposure/exposure-sentences.ts'
import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { HostText } from '../../ui/host-text.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { FeedDocument } from './feed-document.tsx'

const Row = ({ word, children }: { word: string; children: ReactNode }) => (
  <div className="grid gap-x-4 py-1 desk:grid-cols-[104px_minmax(0,1fr)]">
    <dt className="text-ink-3">{word}</dt>
    <dd className="min-w-0">{children}</dd>
  </div>
)

const SOURCES_WITHOUT_FEED: Partial<Record<Verdict['rule'], string>> = {
  livepatch_tool: 'the host’s own tool',
  livepatch_catalogue: 'the patch catalogue',
}

/** Whose word a verdict goes by. */
const VerdictSource = ({ verdict: { feed, document, rule } }: { verdict: Verdict }) =>
  feed === null ? (SOURCES_WITHOUT_FEED[rule] ?? 'no feed’s') : <FeedDocument feed={feed} document={document} />

/** How sure a verdict is, in words: what lowers it, or that nothing does. */
export const Certainty = ({ doubts }: { doubts: readonly DoubtOfHost[] }) =>
  doubts.length === 0 ? (
    'Nothing of this host is in doubt.'
  ) : (
    <ul className="grid gap-0.5">
      {doubts.map(({ doubt, why }) => (
        <li key={doubt} className="flex gap-1.5">
          <TriangleAlert size={13} aria-hidden className="mt-0.5 flex-none text-old-text" />
          <span className="min-w-0">
            <HostText value={why} max={300} />
          </span>
        </li>
      ))}
    </ul>
  )

/** Why a CVE is what it is to a host: by which rule, by whose word, from which reading, and how sure. */
export const Evidence = ({
  verdict,
  doubts,
  readAt,
}: {
  verdict: Verdict
  doubts: readonly DoubtOfHost[]
  readAt: string | null
}) => (
  <dl className="text-12 text-ink-2">
    <Row word="Why">
      <HostText value={verdict.why} max={600} />
    </Row>
    <Row word="By which rule">{EXPOSURE_RULE_WORDS[verdict.rule].meaning}</Row>
    <Row word="By whose word">
      <VerdictSource verdict={verdict} />
      {verdict.fixAvailableOn === null ? null : `; the fix exists since ${verdict.fixAvailableOn}`}
    </Row>
    {verdict.by === null ? null : (
      <Row word="By what">
        <span className="mono wrap-anywhere">
          <HostText value={verdict.by} max={300} />
        </span>
      </Row>
    )}
    <Row word="Read">
      {readAt === null ? 'nothing was read of this host yet' : <TimeAgo at={readAt} full suffix=" ago by its agent" />}
    </Row>
    <Row word="How sure">
      <Certainty doubts={doubts} />
    </Row>
  </dl>
)
