import type { EventEmitter } from 'node:events'

/** What all answers that clients have yet to take may hold in memory together. */
export const UNSENT_ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** What is needed of a response. */
type Answer = Pick<EventEmitter, 'once'> & { destroy(): unknown }

/**
 * Answers that were written and not taken yet. A client that reads slowly, or not at all, keeps its answer in our memory;
 * when all of them hold too much, those that have waited longest are cut (T09).
 */
export class UnsentAnswers {
  readonly #waiting = new Map<Answer, number>()
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  /** `finish` comes once the kernel has all of it (Node, http.ServerResponse). */
  add(answer: Answer, bytes: number): void {
    this.#waiting.set(answer, bytes)
    this.#bytes += bytes
    answer.once('finish', () => this.#remove(answer))
    answer.once('close', () => this.#remove(answer))
    for (const [eldest] of this.#waiting) {
      // The newest is never cut by itself: one large answer to a client that reads is no attack.
      if (this.#bytes <= UNSENT_ANSWER_BYTES_MAX || eldest === answer) return
      this.#remove(eldest)
      eldest.destroy()
    }
  }

  #remove(answer: Answer): void {
    this.#bytes -= this.#waiting.get(answer) ?? 0
    this.#waiting.delete(answer)
  }
}
