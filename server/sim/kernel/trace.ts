import type { FunctionKey } from './program.ts'

/** What a simulated machine did, for the log, the Lab and the invariants. `atUs`: microseconds since its start. */
export type TraceEvent = { readonly atUs: number } & (
  | { readonly kind: 'spawned'; readonly tid: number; readonly comm: string }
  | { readonly kind: 'exited'; readonly tid: number }
  /** Got a CPU, gave it up, or fell asleep. */
  | { readonly kind: 'state'; readonly tid: number; readonly state: string; readonly cpu: number }
  | { readonly kind: 'called'; readonly tid: number; readonly function: FunctionKey; readonly patch: string | null }
  | { readonly kind: 'returned'; readonly tid: number; readonly function: FunctionKey; readonly patch: string | null }
  | {
      readonly kind: 'called_in_interrupt'
      readonly cpu: number
      /** The task that was interrupted. */
      readonly tid: number
      readonly function: FunctionKey
      readonly patch: string | null
    }
  | { readonly kind: 'entered_kernel' | 'left_kernel'; readonly tid: number; readonly systemCall: string }
  | { readonly kind: 'patch_state'; readonly tid: number; readonly value: -1 | 0 | 1 }
  /** All CPUs stand still, and go on. */
  | { readonly kind: 'stopped' | 'resumed' }
)
type WithoutTime<E> = E extends unknown ? Omit<E, 'atUs'> : never
export type TraceFact = WithoutTime<TraceEvent>
