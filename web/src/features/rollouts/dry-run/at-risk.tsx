import type { DryRunResult, HostAtRisk } from '@rebootless/shared/contract/dry-run.ts'
import { Link } from '@tanstack/react-router'
import { Ban, CircleHelp, Hourglass, type LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'

const SHOWN_FIRST = 10

/** Hosts that stalled or failed in some run, or of which something speaks for it, the likeliest first. */
export const AtRisk = ({ result: { atRisk, atRiskTotal, runs } }: { result: DryRunResult }) => {
  const [all, setAll] = useState(false)
  const shown = all ? atRisk : atRisk.slice(0, SHOWN_FIRST)
  return (
    <section aria-labelledby="dry-run-at-risk" className="border-t border-line px-6 py-4 max-desk:px-4">
      <h3 id="dry-run-at-risk" className="text-13">
        Hosts at risk <span className="font-normal text-ink-3">{count(atRiskTotal)}</span>
      </h3>
      {atRisk.length === 0 ? (
        <p className="mt-1.5 max-w-[68ch] text-pretty text-ink-3">
          None stalled or failed in any run, and nothing that is known speaks for it. Which tasks sleep in a function is
          known only while a transition runs.
        </p>
      ) : (
        <ul className="mt-2">
          {shown.map((one) => (
            <Line key={one.host.id} one={one} runs={runs} />
          ))}
        </ul>
      )}
      {atRisk.length > SHOWN_FIRST ? (
        <Button className="mt-3" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show the first alone' : `Show ${plural(atRisk.length - SHOWN_FIRST, 'more host')}`}
        </Button>
      ) : null}
      {all && atRiskTotal > atRisk.length ? (
        <p className="mt-2 text-12 text-ink-3">{count(atRiskTotal - atRisk.length)} more are not listed.</p>
      ) : null}
    </section>
  )
}

const verdictOf = (
  { stalledRuns, failedRuns }: HostAtRisk,
  runs: number,
): { word: string; icon: LucideIcon; tone: string } => {
  const likely = (times: number) => times * 2 > runs
  if (failedRuns > stalledRuns)
    return { word: likely(failedRuns) ? 'Will likely fail' : 'May fail', icon: Ban, tone: 'text-danger-text' }
  if (stalledRuns > 0)
    return {
      ...{ word: likely(stalledRuns) ? 'Will likely stall' : 'May stall', icon: Hourglass },
      tone: likely(stalledRuns) ? 'text-old-text' : 'text-ink-2',
    }
  return { word: 'Look at it', icon: CircleHelp, tone: 'text-ink-3' }
}

const Line = ({ one, runs }: { one: HostAtRisk; runs: number }) => {
  const { word, icon: Icon, tone } = verdictOf(one, runs)
  const times = Math.max(one.stalledRuns, one.failedRuns)
  return (
    <li className="grid gap-x-6 gap-y-1 border-t border-line py-2.5 first:border-t-0 @2xl:grid-cols-[220px_160px_minmax(0,1fr)]">
      <span className="min-w-0 @max-2xl:flex @max-2xl:items-baseline @max-2xl:justify-between @max-2xl:gap-3">
        <Link
          to="/hosts/$id"
          params={{ id: one.host.id }}
          className="block min-w-0 truncate font-medium hover:underline"
        >
          <HostText value={one.host.name} max={80} />
        </Link>
        <span className="block flex-none text-12 text-ink-3">wave {one.wave + 1}</span>
      </span>
      <span className={`${tone} @max-2xl:flex @max-2xl:items-baseline @max-2xl:justify-between @max-2xl:gap-3`}>
        <span className="flex items-center gap-1.5">
          <Icon size={14} aria-hidden className="flex-none" />
          {word}
        </span>
        {times === 0 ? null : (
          <span className="block text-12 text-ink-3">
            in {count(times)} of {plural(runs, 'run')}
          </span>
        )}
      </span>
      <ul className="grid content-start gap-1 text-pretty text-ink-2">
        {one.reasons.map(({ kind, text }) => (
          <li key={`${kind} ${text}`} className="wrap-anywhere">
            <HostText value={text} max={700} />
          </li>
        ))}
      </ul>
    </li>
  )
}
