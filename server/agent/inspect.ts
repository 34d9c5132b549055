import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { Clock } from './clock.ts'
import type { KernelFs } from './kernel/kernel-fs.ts'
import { createObserver } from './watch/observer.ts'

export interface InspectOptions {
  fs: KernelFs
  clock: Clock
  /** As `uname -m` prints it; `os.machine()` on a real host. */
  architecture: string
  /** Read from /proc/sys/kernel/hostname when not given. */
  hostName?: string
}

/** Reads the kernel once, kernel log included, and keeps nothing. */
export const inspect = (options: InspectOptions): Promise<Snapshot> => createObserver(options).current()
