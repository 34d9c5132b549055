import TinyQueue from 'tinyqueue'

/** Something that is due at a moment; kept so that it can be taken back. */
export interface Due {
  readonly atUs: number
  readonly sequence: number
  run: (() => void) | null
}

/**
 * Virtual time in whole microseconds. What is due at the same microsecond runs in the order in which it was asked for,
 * so that a run is the same on every machine.
 */
export class Timeline {
  #nowUs = 0
  #sequence = 0
  readonly #queue = new TinyQueue<Due>([], (left, right) => left.atUs - right.atUs || left.sequence - right.sequence)

  /** Microseconds since the machine was started. */
  get nowUs(): number {
    return this.#nowUs
  }

  at(atUs: number, run: () => void): Due {
    const due: Due = { atUs: Math.max(this.#nowUs, Math.round(atUs)), sequence: this.#sequence, run }
    this.#sequence += 1
    this.#queue.push(due)
    return due
  }

  after(us: number, run: () => void): Due {
    return this.at(this.#nowUs + us, run)
  }

  cancel(due: Due | null): void {
    if (due !== null) due.run = null
  }

  /** When the next thing is due; undefined when nothing is. */
  nextUs(): number | undefined {
    for (;;) {
      const first = this.#queue.peek()
      if (first === undefined) return undefined
      if (first.run !== null) return first.atUs
      this.#queue.pop()
    }
  }

  /** Runs the next thing that is due. @returns false when there is none until then */
  step(untilUs: number): boolean {
    const next = this.nextUs()
    if (next === undefined || next > untilUs) return false
    const due = this.#queue.pop()
    this.#nowUs = next
    const run = due?.run
    if (due) due.run = null
    run?.()
    return true
  }

  /** Lets time pass over nothing. */
  skipTo(us: number): void {
    const next = this.nextUs()
    if (next !== undefined && next < us) throw new Error(`something is due at ${next} µs, before ${us} µs`)
    this.#nowUs = Math.max(this.#nowUs, Math.round(us))
  }

  advanceTo(untilUs: number): void {
    while (this.step(untilUs));
    this.skipTo(untilUs)
  }
}
