import type { TransitionBrief } from '@rebootless/shared/contract/host.ts'
import { useQuery } from '@tanstack/react-query'
import { percent } from '../../ui/duration.ts'
import { underWayCurveQuery } from './queries.ts'

const WIDTH = 120
const HEIGHT = 56

/**
 * The share of tasks on the side that is being left, from the start until now. The summary carries the latest reading
 * alone; the ones before it come with a request of their own, and until then the way between is dashed, not drawn.
 */
export const ProgressCurve = ({
  hostId,
  transition,
  stalled,
}: {
  hostId: string
  transition: TransitionBrief
  stalled: boolean
}) => {
  const samples = useQuery(underWayCurveQuery(hostId)).data?.transition?.samples ?? []
  const start = Date.parse(transition.startedAt)
  const now = Math.max(start + 1, Date.parse(transition.sampledAt))
  const share = transition.tasksTotal === 0 ? 0 : transition.tasksRemaining / transition.tasksTotal
  const seen = samples
    .map((sample) => ({ at: Date.parse(sample.at), share: sample.total === 0 ? 0 : sample.remaining / sample.total }))
    .filter((point) => point.at >= start && point.at < now)
  // Time and share on root scales: most tasks go at once, and the last few of thousands must stay in sight.
  const x = (at: number) => Math.sqrt((at - start) / (now - start)) * WIDTH
  const y = (value: number) => HEIGHT - 2 - Math.sqrt(value) * (HEIGHT - 4)
  const steps = [...seen, { at: now, share }].reduce(
    (path, point) => `${path}H${x(point.at).toFixed(1)}V${y(point.share).toFixed(1)}`,
    `M0 ${y(1)}`,
  )
  const line = seen.length > 0 ? steps : `M0 ${y(1)}L${WIDTH} ${y(share).toFixed(1)}`
  const onOld = transition.target === 'patching'
  const fill = onOld ? 'var(--old-cell)' : 'var(--new-cell)'
  const stroke = onOld ? 'var(--old-fill)' : 'var(--new-fill)'
  return (
    <svg
      role="img"
      aria-label={`${percent(share)} of tasks still to switch`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={`mt-2 h-14 w-full border-b border-line-2 ${onOld ? 'bg-new-tint' : 'bg-old-tint'}`}
    >
      <path d={`${line}V${HEIGHT}H0z`} fill={fill} />
      {stalled ? <path d={`${line}V${HEIGHT}H0z`} fill="url(#hatch-old)" opacity="0.35" /> : null}
      <path
        d={line}
        fill="none"
        stroke={stroke}
        strokeWidth="1.5"
        strokeDasharray={seen.length > 0 ? undefined : '2 3'}
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}
