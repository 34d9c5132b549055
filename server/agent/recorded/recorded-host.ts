import type { Clock } from '../clock.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'

/** One recorded kernel, played as if it ran now. */
export interface RecordedHost {
  fs: KernelFs
  /** Its own clock: monotonic as on the recorded machine, the date as now. */
  clock: Clock
  architecture: string
  hostName: string
  /** One sentence on what happens. */
  about: string
}

export interface RecordedScenario {
  kernel: string
  scenario: string
  /** The capture's folder, absolute. */
  folder: string
}
