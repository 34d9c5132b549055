import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { Link } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { count, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { StateGlyph, TONE_TINT } from '../../../ui/state-glyph.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { StageGlyph } from '../phase-mark.tsx'
import { PHASE_WORDS, STAGE_WORDS } from '../stage-words.ts'
import { type ChosenAct, EXCLUDED_MAX } from './rollout-acts.ts'
import { chosenHosts, type RolloutHosts } from './rollout-hosts.ts'
import { StageLink } from './stage-link.tsx'

/** Stages for which somebody may want to leave a host out, the worst first. */
const CAUSES: readonly HostStage[] = ['undo failed', 'failed', 'stalled', 'vanished', 'refused']
/** While it is paused they go again when it is resumed. */
const UNDONE: HostStage = 'undone'
const NAMED_MAX = 3

/** Why it stands where it stands, and the hosts that are the cause. The first thing that is read. */
export const SentenceBand = ({
  rollout,
  hosts,
  excludeRefusal,
  onAct,
}: {
  rollout: RolloutDetail
  hosts: RolloutHosts | undefined
  excludeRefusal: string | null
  onAct: (act: ChosenAct) => void
}) => {
  const { phase, sentence, counts, since } = rollout
  const { word, shape, tone } = PHASE_WORDS[phase]
  const causes = (phase === 'paused' ? [...CAUSES, UNDONE] : CAUSES).filter((stage) => (counts[stage] ?? 0) > 0)
  return (
    <section
      aria-label="Why it stands where it stands"
      className={`border-b border-line px-6 py-4 transition-colors duration-(--motion-calm) max-desk:px-4 ${TONE_TINT[tone]}`}
    >
      <div className="flex gap-3">
        <span className="pt-0.5">
          <StateGlyph state={shape} size={20} />
        </span>
        <div className="min-w-0">
          <p className="max-w-[960px] text-16 font-semibold wrap-anywhere text-pretty">
            <HostText value={sentence} max={1000} />
          </p>
          <p className="text-12 text-ink-3">
            {word} for <TimeAgo at={since} full />
          </p>
        </div>
      </div>
      {causes.length === 0 ? null : (
        <ul aria-label="Hosts that need someone" className="mt-2.5 grid gap-1 desk:pl-8">
          {causes.map((stage) => {
            const some = hosts === undefined ? [] : chosenHosts(hosts, { stage })
            return (
              <li key={stage} className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1">
                <span className="inline-flex items-center gap-1.5 font-medium">
                  <StageGlyph stage={stage} />
                  {count(counts[stage] ?? 0)} {STAGE_WORDS[stage].word}
                </span>
                {some.slice(0, NAMED_MAX).map((host, index) => (
                  <Link
                    key={host.id}
                    from="/rollouts/$id"
                    to="."
                    search={(search) => ({ ...search, host: host.id })}
                    resetScroll={false}
                    replace
                    className={`quiet-link inline-block min-h-6 max-w-60 truncate py-0.5 touch:py-3 ${index > 0 ? 'max-desk:hidden' : ''}`}
                  >
                    <HostText value={host.name} max={80} />
                  </Link>
                ))}
                {some.length > 1 ? (
                  <span className={some.length > NAMED_MAX ? '' : 'desk:hidden'}>
                    <StageLink id={rollout.id} stage={stage}>
                      <span className="quiet-link">all {plural(some.length, 'host')}</span>
                    </StageLink>
                  </span>
                ) : null}
                {some.length === 0 || excludeRefusal !== null ? null : (
                  <Button
                    aria-haspopup="dialog"
                    onClick={() => onAct({ kind: 'exclude', hosts: some.slice(0, EXCLUDED_MAX) })}
                  >
                    {some.length === 1 ? 'Leave it out…' : 'Leave them out…'}
                  </Button>
                )}
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}
