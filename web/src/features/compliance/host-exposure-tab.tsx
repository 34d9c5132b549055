import { EXPOSURE_STATE_WORDS } from '@rebootless/shared/domain/exposure/exposure-state-words.ts'
import { EXPOSURES, type Exposure } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { MoreRows } from '../../shell/more-rows.tsx'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Button } from '../../ui/button.tsx'
import { count, exactTime, plural } from '../../ui/duration.ts'
import { ExposureGlyph } from '../../ui/exposure-mark.tsx'
import { Notice, Placeholder } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { hostExposureQuery } from './cve/queries.ts'
import { Certainty } from './evidence.tsx'
import { HostExposureRows } from './host-exposure-list.tsx'
import { ReadFacts } from './read-facts.tsx'
import { SearchField } from './search-field.tsx'

/** What each CVE is to this host, why, by which rule and whose word, and how sure that is. */
export default function HostExposureTab({
  id,
  status,
  find,
  onChange,
}: {
  id: string
  status: Exposure | undefined
  find: string
  onChange: (next: { status?: Exposure | undefined; find?: string }) => void
}) {
  const list = useInfiniteQuery({
    ...hostExposureQuery(
      id,
      { at: undefined },
      { ...(status === undefined ? {} : { status }), ...(find === '' ? {} : { search: find }) },
    ),
    placeholderData: (before) => before,
  })
  const first = list.data?.pages[0]
  const items = list.data?.pages.flatMap((page) => page.items) ?? []
  const show = (next: Exposure | undefined) => onChange({ status: next })
  if (list.isPending) return <Loading />
  if (first === undefined)
    return <ProblemNotice what="The exposure" error={list.error ?? new Error('')} onRetry={() => void list.refetch()} />
  if (first.waiting || first.evidence === null)
    return (
      <Notice mark={<StateGlyph state="unknown" size={20} />} title="Not judged yet">
        <p>
          {first.evidence === null
            ? 'Its agent has read nothing of it yet; it is judged as soon as it has.'
            : 'What its agent read waits to be judged against what the CVE feeds say. That takes a minute at most.'}
        </p>
      </Notice>
    )
  return (
    <>
      <ul
        aria-label="CVEs by what they are to this host"
        className="grid grid-cols-2 border-b border-line desk:flex desk:flex-wrap"
      >
        {EXPOSURES.filter((word) => (first.counts[word] ?? 0) > 0 || word === 'exposed').map((word) => {
          const { word: name, meaning } = EXPOSURE_STATE_WORDS[word]
          return (
            <li key={word} className="border-line desk:border-r">
              <button
                type="button"
                aria-pressed={status === word}
                title={meaning}
                onClick={() => show(status === word ? undefined : word)}
                className="grid w-full px-4 py-3 text-left transition-colors hover:bg-hover aria-pressed:bg-ink/6 desk:px-6"
              >
                <span className="flex items-center gap-2 font-medium text-ink-2">
                  <ExposureGlyph exposure={word} />
                  {name}
                </span>
                <span
                  className={`text-20 font-semibold tracking-tight ${(first.counts[word] ?? 0) === 0 ? 'text-ink-3' : ''}`}
                >
                  {count(first.counts[word] ?? 0)}
                </span>
              </button>
            </li>
          )
        })}
      </ul>
      <div className="grid gap-x-10 gap-y-4 border-b border-line px-6 py-4 max-desk:px-4 desk:grid-cols-2">
        <section aria-labelledby="exposure-read">
          <h2 id="exposure-read" className="mb-1 text-13">
            What the agent read
          </h2>
          <ReadFacts evidence={first.evidence} />
        </section>
        <section aria-labelledby="exposure-sure">
          <h2 id="exposure-sure" className="mb-1 text-13">
            How sure this is
          </h2>
          <div className="text-12 text-ink-2">
            <Certainty doubts={first.doubts} />
          </div>
          <p className="mt-1 text-12 text-ink-3">
            {first.judgedAt === null ? 'No feed was read yet.' : `Judged by the feeds of ${exactTime(first.judgedAt)}.`}
          </p>
        </section>
      </div>
      <section aria-label="CVEs" className="px-6 py-3 max-desk:px-4">
        <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-2">
          <SearchField label="Find a CVE by id or title" value={find} onSearch={(next) => onChange({ find: next })} />
          <p role="status" className="text-12 text-ink-3">
            {plural(first.total, 'CVE')}
            {status === undefined ? '' : `: ${EXPOSURE_STATE_WORDS[status].word.toLowerCase()}`}
          </p>
          {status !== undefined || find !== '' ? (
            <Button onClick={() => onChange({ status: undefined, find: '' })}>Show all</Button>
          ) : null}
        </div>
        <div className="border-t border-line">
          {items.length === 0 ? (
            <p className="py-3 text-ink-2">
              {status === undefined && find === '' ? 'No feed tells of any CVE of the kernel yet.' : 'No CVE is so.'}
            </p>
          ) : (
            <HostExposureRows items={items} doubts={first.doubts} readAt={first.evidence.readAt} />
          )}
        </div>
        <MoreRows list={list} />
      </section>
    </>
  )
}

const Loading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The exposure is loading.
    </p>
    <div className="grid grid-cols-2 gap-x-10 gap-y-4 border-b border-line px-6 py-4 max-desk:px-4 desk:flex">
      {['w-20', 'w-24', 'w-32', 'w-28'].map((width) => (
        <div key={width} className="grid gap-3 py-1">
          <Placeholder className={width} />
          <Placeholder className="h-4 w-12" />
        </div>
      ))}
    </div>
    <div className="grid gap-x-10 gap-y-4 border-b border-line px-6 py-4 max-desk:px-4 desk:grid-cols-2">
      {['read', 'sure'].map((part) => (
        <div key={part} aria-hidden className="h-32 animate-shimmer rounded-mark bg-sunken" />
      ))}
    </div>
    <div className="border-b border-line px-6 py-3 max-desk:px-4">
      <Placeholder className="h-8 w-80" />
    </div>
    {['a', 'b', 'c', 'd', 'e', 'f'].map((key) => (
      <div key={key} className="flex h-11 items-center gap-8 border-b border-line px-6 max-desk:px-4">
        <Placeholder className="w-28" />
        <Placeholder className="w-24" />
        <Placeholder className="w-56 max-desk:hidden" />
      </div>
    ))}
  </div>
)
