import type { ComplianceSummary } from '@rebootless/shared/contract/compliance.ts'
import { count, plural } from '../../ui/duration.ts'
import { Placeholder } from '../../ui/notice.tsx'
import { NumberLink } from './number-link.tsx'
import { DOUBT_WORDS } from './number-words.ts'
import { sentencePieces } from './sentence-pieces.ts'

const TONES = { new: 'text-new-text', old: 'text-old-text' } as const
const HEAD = 'px-6 pt-8 pb-6 max-desk:px-4 max-desk:pt-6 max-desk:pb-5 print:px-0 print:pt-4'

/** The answer, before any number or picture. */
export const SummaryHead = ({ summary }: { summary: ComplianceSummary }) => {
  const { counts, unknown, doubts, supported } = summary
  const unjudged = counts.hosts - counts.judged
  const doubted = doubts.filter(({ hosts }) => hosts > 0)
  return (
    <section aria-label="In one sentence" className={HEAD}>
      <p className="max-w-[34em] text-28 leading-9! font-semibold tracking-tight text-balance max-desk:text-20 max-desk:leading-7!">
        {sentencePieces(summary.sentence).map(({ text, tone }) => (
          <span key={text} className={tone === null ? '' : TONES[tone]}>
            {text}
          </span>
        ))}
      </p>
      {counts.hosts === 0 ? null : (
        <ul className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-ink-2">
          <li>
            <NumberLink value={counts.within} asked={{ only: 'within' }} /> of {plural(counts.hosts, 'host')} within SLA
          </li>
          <li>
            <NumberLink value={counts.overdue} asked={{ overdue: 'true' }} /> past it
          </li>
          <li>
            <NumberLink value={counts.exposed} asked={{ only: 'exposed' }} /> with something open
          </li>
          {unjudged === 0 ? null : (
            <li>
              <NumberLink value={unjudged} asked={{ only: 'unjudged' }} /> not judged yet
            </li>
          )}
          <li>
            <NumberLink value={unknown.hosts} asked={{ only: 'unknown' }} /> where {plural(unknown.cves, 'CVE')}{' '}
            {unknown.cves === 1 ? 'is' : 'are'} not known
          </li>
          <li>
            <NumberLink value={supported.not} asked={{ only: 'unsupported' }} /> not supported
          </li>
        </ul>
      )}
      {doubted.length === 0 ? null : (
        <p className="mt-2 text-12 text-ink-3">
          Less certain:{' '}
          {doubted.map(({ doubt, hosts }, index) => (
            <span key={doubt}>
              {index === 0 ? '' : ', '}
              <NumberLink value={hosts} asked={{ doubt }}>
                {count(hosts)}
              </NumberLink>{' '}
              ({DOUBT_WORDS[doubt]})
            </span>
          ))}
          .
        </p>
      )}
    </section>
  )
}

/** Before the first answer, in its final geometry. */
export const SummaryLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      Compliance is loading.
    </p>
    <div className={`${HEAD} grid gap-4`}>
      <Placeholder className="h-7 w-[30em]" />
      <Placeholder className="h-7 w-[20em]" />
      <Placeholder className="w-[36em]" />
    </div>
    <div className="grid border-y border-line desk:grid-cols-[minmax(0,1fr)_312px]">
      <div className="p-6">
        <div aria-hidden className="h-[338px] animate-shimmer rounded-mark bg-sunken" />
      </div>
      <div className="grid content-start gap-6 border-l border-line p-5 max-desk:hidden">
        {['w-32', 'w-40', 'w-36', 'w-44'].map((width) => (
          <span key={width} className="grid gap-2">
            <Placeholder className="w-24" />
            <Placeholder className={`h-5 ${width}`} />
          </span>
        ))}
      </div>
    </div>
    <div className="grid gap-6 p-6 desk:grid-cols-3">
      {['a', 'b', 'c'].map((key) => (
        <div key={key} className="grid gap-4">
          <Placeholder className="w-24" />
          <Placeholder className="w-full" />
          <Placeholder className="w-full" />
          <Placeholder className="w-full" />
        </div>
      ))}
    </div>
  </div>
)
