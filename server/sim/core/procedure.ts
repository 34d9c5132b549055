import type { Timeline } from './timeline.ts'

/** A mutex: whoever comes later waits, in the order of coming. */
export class Lock {
  #held = false
  readonly #waiting: (() => void)[] = []

  /** Calls back when it is held, at once when it is free. */
  take(run: () => void): void {
    if (this.#held) this.#waiting.push(run)
    else {
      this.#held = true
      run()
    }
  }

  release(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#held = false
  }
}

/** Something that takes virtual time: it yields the microseconds that pass, or a lock that it waits for and then holds. */
export type Procedure<T> = Generator<number | Lock, T, void>

/** Runs up to the first moment that takes time at once, the rest as time passes. */
export const startProcedure = <T>(timeline: Timeline, procedure: Procedure<T>, onEnd: (value: T) => void): void => {
  const goOn = (): void => {
    const step = procedure.next()
    if (step.done) onEnd(step.value)
    else if (typeof step.value === 'number') timeline.after(step.value, goOn)
    else step.value.take(goOn)
  }
  goOn()
}
