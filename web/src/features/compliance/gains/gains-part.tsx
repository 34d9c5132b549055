import type { ComplianceGains } from '@rebootless/shared/contract/compliance-gains.ts'
import { lengthWord } from '@rebootless/shared/domain/gains/gains-sentence.ts'
import { windowWord } from '@rebootless/shared/domain/gains/reboot-window.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { ProblemNotice } from '../../../shell/problem-notice.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { Placeholder } from '../../../ui/notice.tsx'
import { AsideFact } from '../aside-facts.tsx'
import { shortDayWord } from '../day.ts'
import { PagePart } from '../page-part.tsx'
import type { Scope } from '../scope.ts'
import { GainsChoices } from './gains-choices.tsx'
import { TimeBars, TimesTable } from './gains-figures.tsx'
import { type GainsAsked, gainsQuery } from './gains-query.ts'

/** What live patching gained, beside what a reboot a month would have given. */
export const GainsPart = ({
  scope,
  days,
  asked,
  onAsked,
}: {
  scope: Scope
  days: number
  asked: GainsAsked
  onAsked: (next: { window?: string; boot?: string }) => void
}) => {
  const answer = useQuery(gainsQuery(scope, days, asked))
  const { data } = answer
  return (
    <PagePart
      title="Gained by live patching"
      note={`beside a reboot a month, ${plural(days, 'day')}`}
      actions={<GainsChoices asked={asked} onAsked={onAsked} />}
      className="border-b border-line"
    >
      {data !== undefined ? (
        <div
          aria-busy={answer.isPlaceholderData}
          className={`transition-opacity ${answer.isPlaceholderData ? 'opacity-50' : ''}`}
        >
          <GainsShown gains={data} />
        </div>
      ) : answer.isError ? (
        <ProblemNotice what="What was gained" error={answer.error} onRetry={() => void answer.refetch()} />
      ) : (
        <GainsLoading />
      )}
    </PagePart>
  )
}

/** In the geometry of what comes. */
const GainsLoading = () => (
  <div
    aria-busy="true"
    className="mt-1 grid grid-cols-1 gap-x-8 gap-y-4 desk:min-h-[440px] desk:grid-cols-[minmax(0,1fr)_280px]"
  >
    <p role="status" className="sr-only">
      What live patching gained is being counted.
    </p>
    <div className="grid min-w-0 grid-cols-1 content-start gap-4">
      <Placeholder className="mt-1 h-4 w-[40em]" />
      <div aria-hidden className="h-16 animate-shimmer rounded-mark bg-sunken" />
      <div aria-hidden className="h-60 animate-shimmer rounded-mark bg-sunken" />
    </div>
    <div className="grid content-start gap-6 border-line p-5 max-desk:hidden desk:border-l">
      {['w-16', 'w-24', 'w-28', 'w-24'].map((width, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders are all alike
        <span key={index} className="grid gap-2">
          <Placeholder className="w-32" />
          <Placeholder className={`h-5 ${width}`} />
        </span>
      ))}
    </div>
  </div>
)

export const GainsShown = ({ gains }: { gains: ComplianceGains }) => {
  const { sentence, reboots, timeToPatch, method } = gains
  const nothing = timeToPatch.all === null && reboots.avoided + reboots.pending + reboots.bootedAnyway === 0
  return (
    <div className="mt-1 grid gap-x-8 gap-y-4 desk:grid-cols-[minmax(0,1fr)_280px]">
      <div className="grid min-w-0 content-start gap-4">
        <p className="max-w-[68ch] text-14">{sentence}</p>
        {timeToPatch.all === null ? (
          <p className="max-w-[68ch] text-12 text-ink-3">
            {nothing
              ? 'It is counted when a livepatch takes effect on a host that is open to a CVE that it fixes: '
              : null}
            {nothing ? (
              <Link to="/patches" className="quiet-link">
                Patches
              </Link>
            ) : (
              'No time to patch: livepatches fixed nothing that was open in these days.'
            )}
            {nothing ? ' says which are there.' : null}
          </p>
        ) : (
          <>
            <TimeBars all={timeToPatch.all} />
            <TimesTable times={timeToPatch} />
          </>
        )}
        <details className="group text-12 text-ink-2">
          <summary className="flex w-fit cursor-pointer list-none items-center gap-1 text-ink-3 hover:text-ink touch:min-h-11 [&::-webkit-details-marker]:hidden">
            <ChevronRight size={12} aria-hidden className="flex-none transition-transform group-open:rotate-90" />
            How this is counted
          </summary>
          <ul className="mt-2 grid max-w-[84ch] list-disc gap-1 pl-5">
            {method.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </details>
      </div>
      <dl className="content-start border-line max-desk:-mx-4 max-desk:border-t desk:border-l">
        <RebootFacts gains={gains} />
      </dl>
    </div>
  )
}

const RebootFacts = ({
  gains: { reboots, window, windowsPassed, nextWindow, uptimeKeptMs, bootMinutes, running },
}: {
  gains: ComplianceGains
}) => {
  const passed = windowsPassed.map((day) => shortDayWord(day)).join(', ')
  return (
    <>
      <AsideFact
        word="Reboots avoided"
        value={<span className={reboots.avoided === 0 ? 'text-ink-3' : ''}>{count(reboots.avoided)}</span>}
      >
        {windowsPassed.length === 0
          ? `no ${windowWord(window)} has come yet`
          : `on ${plural(reboots.hosts, 'host')}; ${plural(windowsPassed.length, 'window')}: ${passed}`}
        {reboots.bootedAnyway === 0 ? null : `; ${plural(reboots.bootedAnyway, 'host')} booted all the same`}
      </AsideFact>
      <AsideFact
        word={`Uptime kept, ${plural(bootMinutes, 'minute')} a boot`}
        value={<span className={uptimeKeptMs === 0 ? 'text-ink-3' : ''}>{lengthWord(uptimeKeptMs)}</span>}
      />
      <AsideFact
        word={`Still to come, by ${shortDayWord(nextWindow)}`}
        value={<span className={reboots.pending === 0 ? 'text-ink-3' : ''}>{plural(reboots.pending, 'reboot')}</span>}
      >
        {reboots.pending === 0 ? 'no window is awaited' : 'avoided, if these hosts do not boot until then'}
      </AsideFact>
      {running === null ? null : (
        <AsideFact word="Running since their last boot" value={lengthWord(running.medianMs)}>
          the median of {plural(running.hosts, 'host')}; the longest {lengthWord(running.longestMs)}
        </AsideFact>
      )}
    </>
  )
}
