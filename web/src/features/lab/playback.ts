import { type AxisKind, axisAround, positionOf, timeAt } from './time-axis.ts'

/** `line`: the whole time line in 20 s, whatever its scale; else virtual time to real time. */
export const SPEEDS = ['0.001', '0.01', '0.1', '1', '10', 'line'] as const
export type Speed = (typeof SPEEDS)[number]

const WHOLE_LINE_MS = 20_000

/** Where the clock stands after so many real milliseconds more. */
export const moved = (
  { atUs, endUs, speed, axis }: { atUs: number; endUs: number; speed: Speed; axis: AxisKind },
  realMs: number,
): number => {
  if (speed !== 'line') return Math.min(endUs, atUs + realMs * 1_000 * Number(speed))
  const whole = axisAround(axis, 0, 0, endUs)
  const next = timeAt(whole, Math.min(1, positionOf(whole, atUs) + realMs / WHOLE_LINE_MS))
  // At the very beginning of the axis by powers of ten a frame is less than a microsecond.
  return Math.min(endUs, Math.max(next, atUs + 1))
}

/**
 * The clock of all tracks. It lives outside React: a frame calls what draws, and React hears only of play and pause.
 */
export class Playback {
  speed: Speed = 'line'
  axis: AxisKind = 'log'
  #atUs = 0
  #endUs = 1
  #frame: number | null = null
  #lastMs = 0
  readonly #drawers = new Set<(atUs: number, beforeUs: number) => void>()
  readonly #listeners = new Set<() => void>()

  get atUs(): number {
    return this.#atUs
  }

  get endUs(): number {
    return this.#endUs
  }

  get playing(): boolean {
    return this.#frame !== null
  }

  /** Another run: the clock keeps its moment where the run is long enough. */
  setEnd(endUs: number): void {
    this.#endUs = endUs
    if (this.#atUs > endUs) this.seek(endUs)
  }

  /** Called with each moment that is shown, and the one before. @returns how to stop */
  onMoment(draw: (atUs: number, beforeUs: number) => void): () => void {
    this.#drawers.add(draw)
    return () => void this.#drawers.delete(draw)
  }

  /** Called when it begins or ceases to play, or somebody moved the clock. @returns how to stop */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  seek(atUs: number): void {
    this.#show(Math.min(this.#endUs, Math.max(0, Math.round(atUs))))
    this.#tell()
  }

  play(): void {
    if (this.#frame !== null) return
    if (this.#atUs >= this.#endUs) this.#show(0)
    this.#lastMs = performance.now()
    this.#frame = requestAnimationFrame(this.#onFrame)
    this.#tell()
  }

  pause(): void {
    if (this.#frame === null) return
    cancelAnimationFrame(this.#frame)
    this.#frame = null
    this.#tell()
  }

  toggle(): void {
    if (this.playing) this.pause()
    else this.play()
  }

  readonly #onFrame = (nowMs: number): void => {
    const elapsedMs = Math.max(0, nowMs - this.#lastMs)
    this.#lastMs = nowMs
    this.#show(moved({ atUs: this.#atUs, endUs: this.#endUs, speed: this.speed, axis: this.axis }, elapsedMs))
    if (this.#atUs >= this.#endUs) {
      this.#frame = null
      this.#tell()
    } else this.#frame = requestAnimationFrame(this.#onFrame)
  }

  #show(atUs: number): void {
    const before = this.#atUs
    this.#atUs = atUs
    for (const draw of this.#drawers) draw(atUs, before)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
