/** What was sampled of a host's transition; `at` in milliseconds since 1970, by our clock. */
export interface CurveSample {
  readonly at: number
  readonly remaining: number
}

interface Step {
  tasks: number
  hosts: number
  ended: number
  switched: number
}

const NO_STEP: Step = { tasks: 0, hosts: 0, ended: 0, switched: 0 }
/** Samples come once a second. */
const STEP_MS = 1000
const POINTS_MAX = 120
/** Rates tell of the time that goes, not of one that has passed: ../transition-estimate.ts. */
const TASK_RATE_MS = 30_000
const HOST_RATE_MS = 120_000

export interface WaveCurveReading {
  /** Evenly spaced, oldest first: what holds from then on. */
  readonly points: { readonly at: string; readonly tasksLeft: number; readonly hostsInTransition: number }[]
  /** Null: too little was seen. */
  readonly tasksPerSecond: number | null
  /** Transitions that came to their end of late, and in all. */
  readonly ended: { readonly recent: number; readonly recentMs: number; readonly all: number; readonly allMs: number }
}

/**
 * Tasks that are left over many hosts at each moment. A host counts from its first sample with what its latest says, until its
 * transition is over, a second after its last: the kernel ends one without a last word. It only adds, so that the next look
 * costs what is new and not what was.
 */
export const createWaveCurve = () => {
  const steps = new Map<number, Step>()
  const running = new Map<string, CurveSample>()

  const add = (at: number, change: Partial<Step>): void => {
    const key = Math.floor(at / STEP_MS) * STEP_MS
    const step = steps.get(key) ?? { ...NO_STEP }
    steps.set(key, step)
    step.tasks += change.tasks ?? 0
    step.hosts += change.hosts ?? 0
    step.ended += change.ended ?? 0
    step.switched += change.switched ?? 0
  }

  return {
    /** @param runs whether its transition goes on behind these samples, which are newer than all before */
    take(host: string, samples: readonly CurveSample[], runs: boolean): void {
      let last = running.get(host)
      for (const sample of samples) {
        const tasks = sample.remaining - (last?.remaining ?? 0)
        if (last === undefined) add(sample.at, { tasks, hosts: 1 })
        else if (tasks !== 0) add(sample.at, { tasks, switched: Math.max(0, -tasks) })
        last = sample
      }
      if (last === undefined) return
      if (runs) running.set(host, last)
      else {
        add(last.at + STEP_MS, { tasks: -last.remaining, hosts: -1, ended: 1, switched: last.remaining })
        running.delete(host)
      }
    },

    /** @param isOver nothing goes on: the curve ends with the last sample, else now */
    read(now: number, isOver: boolean): WaveCurveReading {
      const times = [...steps.keys()].sort((left, right) => left - right)
      const [first] = times
      const latest = times.at(-1)
      if (first === undefined || latest === undefined) {
        return { points: [], tasksPerSecond: null, ended: { recent: 0, recentMs: 0, all: 0, allMs: 0 } }
      }
      const until = isOver ? latest : Math.max(now, latest)
      const pointMs = Math.max(STEP_MS, Math.ceil((until - first) / POINTS_MAX))
      const points: WaveCurveReading['points'][number][] = []
      let [tasksLeft, hostsInTransition, next] = [0, 0, 0]
      for (let at = first; at <= until; at += pointMs) {
        for (; (times[next] ?? Number.POSITIVE_INFINITY) < at + pointMs; next += 1) {
          const step = steps.get(times[next] ?? 0)
          tasksLeft += step?.tasks ?? 0
          hostsInTransition += step?.hosts ?? 0
        }
        points.push({ at: new Date(at).toISOString(), tasksLeft, hostsInTransition })
      }
      const sumSince = (since: number, of: (step: Step) => number) =>
        times.reduce((sum, at) => (at > since ? sum + of(steps.get(at) ?? NO_STEP) : sum), 0)
      const seenMs = Math.max(0, now - first)
      const rateMs = Math.min(TASK_RATE_MS, seenMs)
      const switched = sumSince(now - TASK_RATE_MS, (step) => step.switched)
      return {
        points,
        tasksPerSecond: running.size === 0 || rateMs < 2 * STEP_MS ? null : (switched / rateMs) * 1000,
        ended: {
          ...{ recent: sumSince(now - HOST_RATE_MS, (step) => step.ended), recentMs: Math.min(HOST_RATE_MS, seenMs) },
          ...{ all: sumSince(0, (step) => step.ended), allMs: seenMs },
        },
      }
    },
  }
}
export type WaveCurve = ReturnType<typeof createWaveCurve>
