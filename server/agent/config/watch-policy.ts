import type { Clock } from '../clock.ts'

/** How soon the server learns that `agent.json` or the `stop` file has changed; commands meet them as they are. */
const POLICY_LOOK_MS = 5_000

/** Looks again and again, until aborted. */
export const watchPolicy = async (clock: Clock, signal: AbortSignal, look: () => Promise<void>): Promise<void> => {
  while (!signal.aborted) {
    await clock.sleep(POLICY_LOOK_MS, signal)
    if (!signal.aborted) await look()
  }
}
