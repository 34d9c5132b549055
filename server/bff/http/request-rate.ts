import { DomainError } from '@rebootless/shared/domain/errors.ts'

interface Bucket {
  readonly full: number
  readonly perSecond: number
}

/**
 * So many requests at once, and so many a second after that (T09; ADR 010). A person with eight open tabs of a host in
 * transition asks some ten times a second; behind one address there may be a whole office.
 */
export const RATES = {
  session: { full: 600, perSecond: 30 },
  source: { full: 3_000, perSecond: 300 },
} as const satisfies Record<string, Bucket>

/** More at once than this, and those that asked longest ago begin anew: memory is bounded, whoever asks. */
const KEYS_MAX = 20_000

/** Token buckets by key, in memory: each backend has its own, so several together let as many times more through. */
export class RequestRate {
  readonly #bucket: Bucket
  readonly #levels = new Map<string, { level: number; at: number }>()

  constructor(bucket: Bucket) {
    this.#bucket = bucket
  }

  get size(): number {
    return this.#levels.size
  }

  /** Takes one of a key, where there is one; `now` in milliseconds, never going back. */
  takes(key: string, now: number): boolean {
    const { full, perSecond } = this.#bucket
    const last = this.#levels.get(key) ?? { level: full, at: now }
    const level = Math.min(full, last.level + ((now - last.at) / 1_000) * perSecond)
    // Set anew, so that the one that asked longest ago stands first.
    this.#levels.delete(key)
    this.#levels.set(key, { level: Math.max(0, level - 1), at: now })
    if (this.#levels.size > KEYS_MAX) {
      const [eldest] = this.#levels.keys()
      if (eldest !== undefined) this.#levels.delete(eldest)
    }
    return level >= 1
  }

  /** @throws DomainError `too_many_requests` */
  take(key: string, now: number): void {
    if (this.takes(key, now)) return
    throw new DomainError(
      'too_many_requests',
      'You ask faster than this server answers anybody: wait a minute, and ask less often.',
    )
  }
}
