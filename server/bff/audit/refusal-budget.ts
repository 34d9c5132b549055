/** In a minute: of one kind in full, of all kinds in full, and kinds that are counted one by one. */
export const REFUSALS = { ofOneKind: 5, inAll: 30, kinds: 20 } as const
const MINUTE_MS = 60_000

export interface Repeated<Refusal> {
  /** The last of its kind; null: of kinds that were too many to tell apart. */
  readonly last: Refusal | null
  readonly count: number
}

/**
 * Which refusals are written in full and which are only counted, so that nobody fills the log, and the disk, by asking for
 * what he may not. In memory: each backend has its own, and a crash loses the counts of a minute, never a first refusal.
 */
export class RefusalBudget<Refusal> {
  #began = Number.NEGATIVE_INFINITY
  #written = 0
  #ofKind = new Map<string, number>()
  #repeated = new Map<string, { last: Refusal; count: number }>()
  #others = 0

  /** True: write it. Time in milliseconds, never going back. */
  take(kind: string, refusal: Refusal, now: number): boolean {
    if (now - this.#began >= MINUTE_MS) {
      this.#began = now
      this.#written = 0
      this.#ofKind = new Map()
    }
    const before = this.#ofKind.get(kind) ?? 0
    if (before < REFUSALS.ofOneKind && this.#written < REFUSALS.inAll) {
      this.#ofKind.set(kind, before + 1)
      this.#written += 1
      return true
    }
    const counted = this.#repeated.get(kind)
    if (counted !== undefined) {
      counted.count += 1
      counted.last = refusal
    } else if (this.#repeated.size < REFUSALS.kinds) this.#repeated.set(kind, { last: refusal, count: 1 })
    else this.#others += 1
    return false
  }

  /** What was only counted since the last call. */
  drain(): Repeated<Refusal>[] {
    const others = this.#others === 0 ? [] : [{ last: null, count: this.#others }]
    const drained = [...this.#repeated.values(), ...others]
    this.#repeated = new Map()
    this.#others = 0
    return drained
  }
}
