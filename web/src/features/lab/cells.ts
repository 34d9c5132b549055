import type { Palette } from '../../ui/canvas-palette.ts'
import { drawHatch } from './lane-drawing.ts'
import { activityOf, type PackedRun, type PackedTask, stretchAt, universeOf } from './packed-run.ts'
import { fillOf } from './task-fill.ts'

/** One cell a task, in rows, as large as the room allows. Pixels. */
export interface CellGrid {
  readonly pitch: number
  readonly columns: number
  readonly rows: number
}

const PITCH_MAX = 14
const PITCH_MIN = 3

export const cellGrid = (tasks: number, width: number, height: number): CellGrid => {
  for (let pitch = PITCH_MAX; pitch > PITCH_MIN; pitch -= 1) {
    const columns = Math.floor(width / pitch)
    if (columns > 0 && Math.ceil(tasks / columns) * pitch <= height) return gridOf(pitch, columns, tasks)
  }
  return gridOf(PITCH_MIN, Math.max(1, Math.floor(width / PITCH_MIN)), tasks)
}

const gridOf = (pitch: number, columns: number, tasks: number): CellGrid => ({
  pitch,
  columns,
  rows: Math.ceil(tasks / columns),
})

export const cellAt = ({ pitch, columns }: CellGrid, x: number, y: number): number =>
  x < 0 || y < 0 || x >= columns * pitch ? -1 : Math.floor(y / pitch) * columns + Math.floor(x / pitch)

/** A look that no task has: before its first stretch, or not yet drawn. */
const NOTHING = 255

/**
 * What every task does at one moment. It remembers where in its stretches each task is and what is on the canvas, so
 * that a frame costs one comparison a task, and paint only for those that changed.
 */
export class Cells {
  readonly tasks: readonly PackedTask[]
  readonly #run: PackedRun
  readonly #at: Int32Array
  /** When each task's present stretch ends, microseconds. */
  readonly #untilUs: Float64Array
  readonly #drawn: Uint8Array
  #nowUs = -1
  #stoppedDrawn = false
  #newCount = 0

  constructor(run: PackedRun) {
    this.#run = run
    this.tasks = run.tasks.filter(({ kind }) => kind !== 'idle')
    this.#at = new Int32Array(this.tasks.length).fill(-1)
    this.#untilUs = new Float64Array(this.tasks.length)
    this.#drawn = new Uint8Array(this.tasks.length).fill(NOTHING)
  }

  /** Tasks whose calls reach new code at the moment that was drawn last. */
  get newCount(): number {
    return this.#newCount
  }

  whatOf(index: number): number {
    const at = this.#at[index] ?? -1
    return at < 0 ? NOTHING : (this.#run.what[at] ?? NOTHING)
  }

  /** Goes to a moment. @returns whether any task does something else than before */
  goTo(atUs: number): boolean {
    const backwards = atUs < this.#nowUs
    this.#nowUs = atUs
    let changed = backwards
    for (let index = 0; index < this.tasks.length; index += 1) {
      const task = this.tasks[index]
      if (task === undefined || (!backwards && atUs < (this.#untilUs[index] ?? 0))) continue
      const at = stretchAt(this.#run, task, atUs)
      const end = task.first + task.count
      const next = at < 0 ? task.first : at + 1
      this.#at[index] = at
      this.#untilUs[index] = next < end ? (this.#run.fromUs[next] ?? 0) : Number.POSITIVE_INFINITY
      changed = true
    }
    return changed
  }

  /** Paints what differs from what is there. @returns how many cells that were */
  paint(pen: CanvasRenderingContext2D, grid: CellGrid, palette: Palette): number {
    const stopped = this.#run.stops.some(({ fromUs, toUs }) => this.#nowUs >= fromUs && this.#nowUs < toUs)
    if (stopped !== this.#stoppedDrawn) this.#drawn.fill(NOTHING)
    let painted = 0
    let newCount = 0
    for (let index = 0; index < this.tasks.length; index += 1) {
      const what = this.whatOf(index)
      if (what !== NOTHING && universeOf(what) === 'new') newCount += 1
      if (what === this.#drawn[index] && stopped === this.#stoppedDrawn) continue
      this.#drawn[index] = what
      paintCell(
        pen,
        {
          left: (index % grid.columns) * grid.pitch,
          top: Math.floor(index / grid.columns) * grid.pitch,
          pitch: grid.pitch,
        },
        what,
        palette,
      )
      painted += 1
    }
    if (stopped && !this.#stoppedDrawn)
      drawHatch(pen, { left: 0, top: 0, width: grid.columns * grid.pitch, height: grid.rows * grid.pitch }, palette.ink)
    this.#stoppedDrawn = stopped
    this.#newCount = newCount
    return painted
  }

  /** What is on the canvas is not known any more: another size, or another theme. */
  forget(): void {
    this.#drawn.fill(NOTHING)
    this.#stoppedDrawn = false
  }
}

/** New code fills its cell, old code is a smaller square; asleep is pale, asleep in the function has a rim of ink. */
const paintCell = (
  pen: CanvasRenderingContext2D,
  { left, top, pitch }: { left: number; top: number; pitch: number },
  what: number,
  palette: Palette,
): void => {
  pen.clearRect(left, top, pitch, pitch)
  if (what === NOTHING) return
  const activity = activityOf(what)
  if (activity === 'gone') return
  const universe = universeOf(what)
  const asleep = activity === 'asleep' || activity === 'asleep_in_function'
  const inset = universe === 'old' && pitch > 4 ? 1 : 0
  const side = pitch - 1 - 2 * inset
  if (activity === 'asleep_in_function' || activity === 'frozen') {
    pen.fillStyle = palette.ink
    pen.fillRect(left, top, pitch - 1, pitch - 1)
  }
  pen.fillStyle = universe === null && asleep ? palette.noneCell : fillOf(palette, universe, asleep)
  const rim = activity === 'asleep_in_function' ? Math.max(1, inset) : inset
  if (activity === 'frozen') pen.fillRect(left + inset, top + Math.floor(pitch / 2) - 1, side, 1.5)
  else pen.fillRect(left + rim, top + rim, Math.min(side, pitch - 1 - 2 * rim), Math.min(side, pitch - 1 - 2 * rim))
}
