import { activityOf, type PackedRun, type PackedTask, stretchAt, universeOf } from './packed-run.ts'
import { positionOf, type TimeAxis } from './time-axis.ts'

/** A piece of a lane, pixels from its left end. */
export interface Piece {
  readonly left: number
  readonly right: number
  readonly universe: 'old' | 'new' | null
  /** For so long that it can be seen. */
  readonly asleep: boolean
  /** What is laid over the colour of the code; null: nothing. */
  readonly over: 'in_function' | 'frozen' | null
}

/** A change of activity narrower than this is not drawn, a change of code always is. */
const SEEN_PX = 3

/**
 * What one task's lane shows of the axis' part: stretches that look alike, or are too short to be seen apart, are one
 * piece. The pieces touch and cover the task's life.
 */
export const lanePieces = (run: PackedRun, task: PackedTask, axis: TimeAxis, width: number): readonly Piece[] => {
  const pieces: Piece[] = []
  const last = task.first + task.count
  const start = Math.max(task.first, stretchAt(run, task, axis.fromUs))
  let open: Piece | null = null as Piece | null
  for (let index = start; index < last; index += 1) {
    const fromUs = run.fromUs[index] ?? 0
    if (fromUs > axis.toUs) break
    const what = run.what[index] ?? 0
    const activity = activityOf(what)
    const left = Math.max(0, positionOf(axis, fromUs) * width)
    const right = Math.min(width, positionOf(axis, index + 1 < last ? (run.fromUs[index + 1] ?? 0) : run.endUs) * width)
    if (activity === 'gone') {
      if (open) pieces.push({ ...open, right: left })
      open = null
      continue
    }
    const seen = right - left >= SEEN_PX
    const piece: Piece = {
      ...{ left, right, universe: universeOf(what) },
      asleep: seen && (activity === 'asleep' || activity === 'asleep_in_function'),
      over: !seen ? null : activity === 'asleep_in_function' ? 'in_function' : activity === 'frozen' ? 'frozen' : null,
    }
    if (open !== null && isAlike(open, piece, seen)) open = { ...open, right }
    else {
      if (open) pieces.push({ ...open, right: left })
      open = piece
    }
  }
  if (open) pieces.push(open)
  return pieces.filter(({ left, right }) => right > left)
}

const isAlike = (open: Piece, next: Piece, seen: boolean): boolean =>
  open.universe === next.universe && (!seen || (open.asleep === next.asleep && open.over === next.over))
