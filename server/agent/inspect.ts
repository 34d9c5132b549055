import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { Clock } from './clock.ts'
import type { KernelFs } from './kernel/kernel-fs.ts'
import type { HostPrograms } from './programs/programs.ts'
import { createObserver } from './watch/observer.ts'

export interface InspectOptions {
  fs: KernelFs
  clock: Clock
  /** As `uname -m` prints it; `os.machine()` on a real host. */
  architecture: string
  /** Read from /proc/sys/kernel/hostname when not given. */
  hostName?: string
  /** Without it the host's live patching tools are not asked. */
  programs?: HostPrograms
}

/** Two of the kernel's retries, so that a running transition's blocking tasks can be told from late ones. */
const WATCH_TRANSITION_MS = 3_200

/**
 * Reads the kernel once, its log and its tools included, and keeps nothing. While a transition runs it watches for some three
 * seconds, since one look cannot tell who blocks it.
 */
export const inspect = async (options: InspectOptions): Promise<Snapshot> => {
  const first = await createObserver(options).current()
  if (first.transition === null) return first
  const observer = createObserver(options)
  const stop = new AbortController()
  let latest = first
  const running = observer.run(
    {
      snapshot: (snapshot) => {
        latest = snapshot
      },
      transition: (sample) => {
        if (sample !== null) latest = { ...latest, transition: sample }
        else stop.abort()
      },
    },
    stop.signal,
  )
  await options.clock.sleep(WATCH_TRANSITION_MS, stop.signal)
  stop.abort()
  await running
  return latest
}
