import type { RolloutSummary } from '@rebootless/shared/contract/rollouts-api.ts'
import { Link } from '@tanstack/react-router'
import { plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { CountsBar, countsWords } from '../counts-bar.tsx'
import { PhaseMark } from '../phase-mark.tsx'

const GRID =
  'desk:grid desk:grid-cols-[150px_minmax(0,2.2fr)_116px_minmax(140px,1fr)_92px] desk:items-center gap-x-5 px-6 max-desk:px-4'

/** Rollouts, each with why it stands where it stands. The order stays while they change: newest first. */
export const RolloutList = ({ rollouts }: { rollouts: readonly RolloutSummary[] }) => (
  <div>
    <div aria-hidden className={`${GRID} h-8 border-b border-line text-11 font-medium text-ink-3 max-desk:hidden`}>
      <span>State</span>
      <span>Rollout</span>
      <span>Wave</span>
      <span>Hosts</span>
      <span className="text-right">Made</span>
    </div>
    <ul aria-label="Rollouts">
      {rollouts.map((rollout) => (
        <li
          key={rollout.id}
          className={`${GRID} relative min-h-16 border-b border-line py-2.5 transition-colors hover:bg-hover max-desk:grid max-desk:gap-y-1.5`}
        >
          <PhaseMark phase={rollout.phase} />
          <div className="min-w-0 max-desk:-order-1">
            <Link
              to="/rollouts/$id"
              params={{ id: rollout.id }}
              data-row-link
              className="text-14 font-medium wrap-anywhere after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ink"
            >
              <HostText value={rollout.name} max={120} />
            </Link>
            <p className="line-clamp-2 wrap-anywhere text-ink-2">
              <HostText value={rollout.sentence} max={400} />
            </p>
          </div>
          <WaveTrack rollout={rollout} />
          <div className="grid min-w-0 gap-1">
            <CountsBar counts={rollout.counts} />
            <p className="text-12 text-ink-3 desk:line-clamp-2">{countsWords(rollout.counts)}</p>
          </div>
          <p className="min-w-0 text-12 text-ink-3 desk:text-right">
            <TimeAgo at={rollout.createdAt} suffix=" ago" />
            <span className="block truncate max-desk:ml-2 max-desk:inline">
              <HostText value={rollout.createdBy} max={64} />
            </span>
          </p>
        </li>
      ))}
    </ul>
  </div>
)

const SEGMENTS_MAX = 12

/** How many waves have passed, and which goes. */
const WaveTrack = ({ rollout: { wave, waveCount, phase } }: { rollout: RolloutSummary }) => {
  const passed = phase === 'done' ? waveCount : wave === null ? 0 : wave.number - 1
  const look = (index: number): string =>
    index < passed ? 'bg-new-fill' : wave !== null && index === passed ? 'bg-ink-3' : 'bg-none-cell'
  return (
    <div className="min-w-0">
      {waveCount > SEGMENTS_MAX ? null : (
        <span aria-hidden className="flex gap-0.5 max-desk:max-w-40">
          {Array.from({ length: waveCount }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place
            <i key={index} className={`h-1 flex-1 rounded-[1px] ${look(index)}`} />
          ))}
        </span>
      )}
      <p className="mt-1 truncate text-12 text-ink-2">
        {wave === null ? plural(waveCount, 'wave') : `${wave.number} of ${waveCount}: `}
        {wave === null ? null : <HostText value={wave.name} max={60} />}
      </p>
    </div>
  )
}

/** Before the first answer, in its final geometry. */
export const RolloutListLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The rollouts are loading.
    </p>
    {['w-40', 'w-56', 'w-48', 'w-64', 'w-52'].map((width) => (
      <div key={width} className="flex h-16 items-center gap-8 border-b border-line px-6 max-desk:px-4">
        <Placeholder className="w-24" />
        <Placeholder className={width} />
        <Placeholder className="w-20 max-desk:hidden" />
      </div>
    ))}
  </div>
)
