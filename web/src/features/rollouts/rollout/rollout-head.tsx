import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { Link } from '@tanstack/react-router'
import { ArrowRight, CircleStop, Copy, type LucideIcon, Pause, Play, Undo2 } from 'lucide-react'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { plural } from '../../../ui/duration.ts'
import { visibleText } from '../../../ui/host-text.tsx'
import { PhaseMark } from '../phase-mark.tsx'
import { ChangeName } from './change-name.tsx'
import { ACT_WORDS, type ChosenAct, goingHosts, HEAD_ACTS } from './rollout-acts.ts'

const ICONS: Readonly<Record<(typeof HEAD_ACTS)[number], LucideIcon>> = {
  start: Play,
  pause: Pause,
  resume: Play,
  promote: ArrowRight,
  abort: CircleStop,
  reverse: Undo2,
}

/** What it is, and what can be done to it, in view however far the page is scrolled. */
export const RolloutHead = ({
  rollout,
  refusalOf,
  onAct,
}: {
  rollout: RolloutDetail
  refusalOf: (kind: ChosenAct['kind']) => string | null
  onAct: (act: ChosenAct) => void
}) => {
  const { phase, plan, wave, waveCount, counts } = rollout
  // Resuming leaves a stalled host as it is: what its sentence advises comes first.
  const isHeld = phase === 'paused' && (counts.stalled ?? 0) > 0
  // Start is nothing to offer once it was started, nor is what can follow only then before it.
  const offered = HEAD_ACTS.filter((kind) =>
    phase === 'draft' ? kind === 'start' || kind === 'abort' : kind !== 'start',
  )
  return (
    <div className="sticky top-13 z-[9] flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-sheet px-6 py-3 max-desk:px-4 max-desk:py-2">
      <PhaseMark phase={phase} />
      <p className="min-w-0 text-12 text-ink-3 max-desk:hidden">
        <ChangeName change={plan.change} />, {plural(goingHosts(rollout), 'host')}
        {wave === null ? `, ${plural(waveCount, 'wave')}` : `, wave ${wave.number} of ${waveCount}`}
      </p>
      <ul
        aria-label="What can be done"
        className="ml-auto flex gap-2 max-desk:w-full max-desk:flex-wrap max-desk:gap-1.5"
      >
        {offered.map((kind) => {
          const refusal = refusalOf(kind)
          const why = refusal === null ? '' : visibleText(refusal, 700)
          const Icon = ICONS[kind]
          const look = refusal === null ? '' : 'text-ink-3! bg-sunken!'
          return (
            <li key={kind}>
              <Button
                size="large"
                aria-haspopup="dialog"
                title={why || undefined}
                aria-label={why === '' ? undefined : `${ACT_WORDS[kind]}. Not now: ${why}`}
                kind={
                  refusal !== null
                    ? 'plain'
                    : kind === 'start' || (kind === 'resume' && !isHeld)
                      ? 'primary'
                      : kind === 'abort' || kind === 'reverse'
                        ? 'danger'
                        : 'plain'
                }
                className={`max-desk:px-2 ${look}`}
                onClick={() => onAct({ kind })}
              >
                <Icon size={14} aria-hidden className="max-desk:hidden" />
                <span>
                  {ACT_WORDS[kind]}
                  {refusal === null ? <span className="max-desk:hidden">…</span> : null}
                </span>
              </Button>
            </li>
          )
        })}
        <li className="max-desk:hidden">
          <Link to="/rollouts/new" search={{ from: rollout.id }} className={buttonClass('plain', 'large')}>
            <Copy size={14} aria-hidden />
            Duplicate
          </Link>
        </li>
      </ul>
    </div>
  )
}
