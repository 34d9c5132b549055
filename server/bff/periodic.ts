import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'

/**
 * Runs `work` again and again with a pause between, never twice at once; a failure is logged and tried again.
 * @returns ends it, and resolves once a run under way is over
 */
export const periodically = (
  milliseconds: number,
  name: string,
  log: Pick<Logger, 'warn'>,
  work: () => Promise<unknown>,
): (() => Promise<void>) => {
  const ending = new AbortController()
  const running = (async () => {
    while (!ending.signal.aborted) {
      try {
        await work()
      } catch (error) {
        log.warn({ err: error, work: name }, 'periodic work failed; it will be tried again')
      }
      await sleep(milliseconds, undefined, { signal: ending.signal }).catch(() => undefined)
    }
  })()
  return () => {
    ending.abort()
    return running
  }
}
