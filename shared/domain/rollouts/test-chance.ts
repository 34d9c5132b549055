/** Chance from a seed, the same on each machine (mulberry32, by Tommy Ettinger, public domain). */
export class TestChance {
  #state: number

  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e_37_79_b9) | 0
  }

  fraction(): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_00_00_00_00
  }

  /** Within both bounds. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1))
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.integer(0, items.length - 1)] ?? items[0]
  }
}
