import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** How long something takes: so many microseconds, or drawn anew each time. */
export type Span =
  | number
  | { readonly from: number; readonly to: number }
  | { readonly mean: number }
  | { readonly median: number; readonly sigma: number }

/** A seed for a part of a whole, 32 bits: neighbouring parts get unlike ones (the finaliser of MurmurHash3). */
export const mixed = (seed: number, part: number): number => {
  let bits = Math.imul(seed ^ Math.imul(part + 1, 0x9e_37_79_b9), 0x85_eb_ca_6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35)
  return (bits ^ (bits >>> 16)) | 0
}

/** A source of chance in a simulated machine; all of them follow from its one seed. */
export class Random {
  readonly #generator

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  /** A whole number within both bounds. */
  integer(from: number, to: number): number {
    return uniformInt(this.#generator, from, to)
  }

  /** At least 0 and less than 1. */
  fraction(): number {
    return this.integer(0, 0x3f_ff_ff_ff) / 0x40_00_00_00
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(items: readonly [T, ...T[]]): T
  pick<T>(items: readonly T[]): T | undefined
  pick<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : items[this.integer(0, items.length - 1)]
  }

  /** Microseconds, whole and at least 1. */
  span(span: Span): number {
    if (typeof span === 'number') return Math.max(1, Math.round(span))
    if ('from' in span) return Math.max(1, this.integer(Math.round(span.from), Math.round(span.to)))
    if ('mean' in span) return Math.max(1, Math.round(-span.mean * Math.log(1 - this.fraction())))
    return Math.max(1, Math.round(span.median * Math.exp(span.sigma * this.#normal())))
  }

  /** Another source, whose draws do not move this one's. */
  fork(): Random {
    return new Random(this.integer(-0x80_00_00_00, 0x7f_ff_ff_ff))
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(2 * Math.PI * this.fraction())
  }
}
