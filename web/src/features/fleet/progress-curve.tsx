import type { TransitionBrief } from '@rebootless/shared/contract/host.ts'
import { useRef } from 'react'
import { percent } from '../../ui/duration.ts'

const WIDTH = 120
const HEIGHT = 56

interface Point {
  at: number
  share: number
}

/**
 * The share of tasks on the side that is being left. The summary carries one reading, so the curve holds the start, the
 * readings that this page has seen, and the latest; until a second one came it is a straight level, not a guess.
 */
export const ProgressCurve = ({ transition, stalled }: { transition: TransitionBrief; stalled: boolean }) => {
  const seen = useRef<{ key: string; points: Point[] }>({ key: '', points: [] })
  const share = transition.tasksTotal === 0 ? 0 : transition.tasksRemaining / transition.tasksTotal
  const key = `${transition.patch} ${transition.startedAt}`
  const start = Date.parse(transition.startedAt)
  const now = Math.max(start + 1, Date.parse(transition.sampledAt))
  if (seen.current.key !== key) seen.current = { key, points: [{ at: start, share: 1 }] }
  if (seen.current.points.at(-1)?.at !== now)
    seen.current.points = [...seen.current.points, { at: now, share }].slice(-200)
  const x = (at: number) => ((at - start) / (now - start)) * WIDTH
  // A root scale keeps the last few tasks of thousands in sight.
  const y = (value: number) => HEIGHT - 2 - Math.sqrt(value) * (HEIGHT - 4)
  const [first, ...rest] = seen.current.points
  const line = rest.reduce(
    (path, point) => `${path}H${x(point.at).toFixed(1)}V${y(point.share).toFixed(1)}`,
    `M0 ${y(first?.share ?? 1)}`,
  )
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
      {stalled ? (
        <path d={`M0 ${HEIGHT}V${y(share)}H${WIDTH}V${HEIGHT}z`} fill="url(#hatch-old)" opacity="0.55" />
      ) : null}
      <path d={line} fill="none" stroke={stroke} strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  )
}
