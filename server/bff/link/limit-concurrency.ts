import { DomainError } from '@rebootless/shared/domain/errors.ts'

/**
 * Runs so many pieces of work at a time; others wait their turn, in the order in which they came.
 * @throws DomainError `not_ready` when more than `waitingMax` wait already: who asks is told, and comes back
 */
export const limitConcurrency = (most: number, waitingMax: number): (<T>(work: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running < most) running += 1
    else if (waiting.length < waitingMax) await new Promise<void>((resolve) => waiting.push(resolve))
    else throw new DomainError('not_ready', 'Too many agents come at once: this one is asked to come back soon.')
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
