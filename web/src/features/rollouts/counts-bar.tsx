import type { RolloutSummary } from '@rebootless/shared/contract/rollouts-api.ts'
import type { HostStage } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { count } from '../../ui/duration.ts'
import { STAGE_WORDS, STAGES_IN_ORDER } from './stage-words.ts'

type Counts = RolloutSummary['counts']

const FILLS: Readonly<Record<HostStage, string>> = {
  done: 'bg-new-fill',
  changing: 'bg-new-mid',
  told: 'bg-new-cell',
  stalled: 'bg-old-fill',
  undoing: 'bg-old-mid',
  failed: 'bg-danger-fill',
  'undo failed': 'bg-danger-fill',
  refused: 'bg-old-mid',
  vanished: 'bg-none-fill',
  waiting: 'bg-none-cell',
  undone: 'bg-none-fill',
  'due for a boot': 'bg-old-cell',
  'left out': 'bg-sunken',
}

const presentStages = (counts: Counts): HostStage[] => STAGES_IN_ORDER.filter((stage) => (counts[stage] ?? 0) > 0)

export const hostsOf = (counts: Counts): number => Object.values(counts).reduce((sum, some) => sum + some, 0)

/** `12 done, 1 stalled, 187 waiting`. */
export const countsWords = (counts: Counts): string =>
  presentStages(counts)
    .map((stage) => `${count(counts[stage] ?? 0)} ${STAGE_WORDS[stage].word}`)
    .join(', ') || 'no host'

/** All hosts to scale, by stage; none that is there is thinner than 2 px. What it says stands beside it in words. */
export const CountsBar = ({ counts }: { counts: Counts }) => (
  <span aria-hidden className="flex h-1.5 gap-px overflow-hidden rounded-[1.5px] bg-sunken">
    {presentStages(counts).map((stage) => (
      <i
        key={stage}
        className={`min-w-0.5 basis-0 transition-[flex-grow] duration-(--motion-calm) ${FILLS[stage]}`}
        style={{ flexGrow: counts[stage] ?? 0 }}
      />
    ))}
  </span>
)
