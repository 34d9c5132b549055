import type { RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { useNavigate } from '@tanstack/react-router'
import { useCallback } from 'react'
import { count } from '../../../ui/duration.ts'
import { StageGlyph } from '../phase-mark.tsx'
import { STAGE_WORDS, STAGES_IN_ORDER } from '../stage-words.ts'
import { pitchFor } from './cell-drawing.ts'
import type { RolloutHosts } from './rollout-hosts.ts'
import { StageLink } from './stage-link.tsx'
import { WaveStep } from './wave-step.tsx'

/** The waves as a track of steps, each as large as it is. */
export const WaveTrack = ({
  rollout,
  hosts,
  isLost,
  chosen,
}: {
  rollout: RolloutDetail
  /** Undefined: they have yet to come. */
  hosts: RolloutHosts | undefined
  /** They could not be read. */
  isLost: boolean
  /** The wave that is looked at, from 0. */
  chosen: number
}) => {
  const navigate = useNavigate({ from: '/rollouts/$id' })
  const onOpen = useCallback(
    (host: string) => void navigate({ search: (before) => ({ ...before, host }), replace: true, resetScroll: false }),
    [navigate],
  )
  const { counts, phase, waves } = rollout
  const pitch = pitchFor(hosts?.total ?? 0)
  const isStopped = phase !== 'running' && phase !== 'reversing'
  return (
    <section aria-labelledby="waves" className="border-b border-line px-6 pt-4 pb-3 max-desk:px-4">
      <h2 id="waves" className="sr-only">
        Waves
      </h2>
      <ol className="flex flex-wrap gap-x-6">
        {waves.map((wave, index) => (
          <WaveStep
            // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place
            key={index}
            asOf={wave.soakLeftSeconds === null ? null : rollout.asOf}
            wave={wave}
            index={index}
            hosts={hosts === undefined ? null : (hosts.waves[index] ?? NONE)}
            isLost={isLost}
            pitch={pitch}
            isChosen={index === chosen}
            isStopped={isStopped}
            isLast={index === waves.length - 1}
            onOpen={onOpen}
          />
        ))}
      </ol>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1 text-12 text-ink-3">
        <ul aria-label="Hosts by stage" className="flex flex-wrap gap-x-5 gap-y-1">
          {STAGES_IN_ORDER.filter((stage) => (counts[stage] ?? 0) > 0).map((stage) => (
            <li key={stage}>
              <StageLink id={rollout.id} stage={stage}>
                <StageGlyph stage={stage} size={14} />
                {STAGE_WORDS[stage].word}
                <span className="font-medium text-ink">{count(counts[stage] ?? 0)}</span>
              </StageLink>
            </li>
          ))}
        </ul>
        {hosts === undefined ? null : <span className="ml-auto max-desk:hidden">One cell is one host</span>}
      </div>
    </section>
  )
}

const NONE: RolloutHosts['others'] = []
