import type { Clock } from '../clock.ts'
import type { Handlers } from '../http/call.ts'
import type { Tracing } from './tracing.ts'

/** `tracing` undefined: nobody collects traces, and what a page tells is let go. */
export const clickSpanHandlers = (
  tracing: Pick<Tracing, 'click'> | undefined,
  clock: Clock,
): Pick<Handlers, 'POST /api/v1/click-spans'> => ({
  'POST /api/v1/click-spans': async ({ signedIn, body }) => {
    tracing?.click(signedIn.sessionHash, body, clock.now())
    return null
  },
})
