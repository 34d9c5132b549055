import type { KernelState } from '../kernel/kernel-state.ts'
import { directoryOf, failed, fileEntry, ok, type SurfaceDirectory, type SurfaceFile, textFile } from './file.ts'

/** Loads come and go: by so much of themselves, in so many seconds. */
const SWING = 0.3
const PERIOD_SECONDS = 600

/** Of a share that swings round its mean: what it is now, and its sum since the boot. */
const swinging = (mean: number, seconds: number, phase: number) => {
  const angle = (2 * Math.PI * (seconds + phase)) / PERIOD_SECONDS
  const start = (2 * Math.PI * phase) / PERIOD_SECONDS
  const swung = (SWING * PERIOD_SECONDS * (Math.sin(angle) - Math.sin(start))) / (2 * Math.PI)
  return { now: mean * (1 + SWING * Math.cos(angle)), sum: mean * (seconds + swung) }
}

const stateOf = ({ facts, machine }: KernelState, mean: number) =>
  swinging(mean, machine.nowUs / 1_000_000, facts.load?.phaseSeconds ?? 0)

/** kernel/sched/psi.c, psi_show(). A kernel without has no such directory; one that was booted with psi=0 refuses to say. */
export const findPressureFile = (
  kernel: KernelState,
  [name, ...rest]: readonly string[],
): SurfaceFile | SurfaceDirectory | null => {
  const { pressure = null } = kernel.facts.load ?? {}
  if (pressure === null || rest.length > 0) return null
  if (name === undefined) return directoryOf(() => ['cpu', 'io', 'memory'].map(fileEntry), 0o555)
  if (name !== 'cpu' && name !== 'memory' && name !== 'io') return null
  return {
    ...{ kind: 'file', mode: 0o666, uid: 0 },
    read() {
      if (pressure === 'off') return failed('EOPNOTSUPP')
      const { now, sum } = stateOf(kernel, pressure[name])
      const share = now.toFixed(2)
      const line = (total: number, shown: string) => `avg10=${shown} avg60=${shown} avg300=${shown} total=${total}\n`
      const some = Math.round(sum * 10_000)
      // Of all of them waiting at once there is little on a machine that is up to its work.
      const full = name === 'cpu' ? '' : `full ${line(Math.round(some / 4), (now / 4).toFixed(2))}`
      return ok(`some ${line(some, share)}${full}`)
    },
  }
}

/** fs/proc/loadavg.c */
export const loadFile = (kernel: KernelState): SurfaceFile =>
  textFile(() => {
    const load = stateOf(kernel, kernel.facts.load?.average ?? 0).now.toFixed(2)
    const ids = [...kernel.machine.tasks.keys()]
    return `${load} ${load} ${load} 1/${ids.length} ${ids.at(-1) ?? 1}\n`
  })
