import type { LabSetting } from '@rebootless/server/sim/lab/lab-run.ts'
import type { System } from '@rebootless/server/sim/models/model.ts'
import { useEffect, useState } from 'react'
import { SYSTEM_ORDER } from './lab-words.ts'
import { factsOf, type RunsBySystem } from './run-facts.ts'
import { startWorker } from './start-worker.ts'

export interface Runs {
  /** Those that have come, of the present setting. */
  readonly bySystem: RunsBySystem
  readonly failed: string | null
  again(): void
}

const NONE: RunsBySystem = new Map()

/** Half the processors, since the page needs one as well. */
const workersMax = (): number => Math.min(3, Math.max(1, Math.floor((navigator.hardwareConcurrency || 2) / 2)))

/** Shares out the systems among workers, so that each gets as many, give or take one. */
const shares = (count: number): readonly (readonly System[])[] =>
  Array.from({ length: count }, (_, share) => SYSTEM_ORDER.filter((_system, index) => index % count === share))

/** All six runs of a setting, each as it comes. Another setting ends what is under way. */
export const useRuns = (setting: LabSetting): Runs => {
  const key = JSON.stringify(setting)
  const [attempt, setAttempt] = useState(0)
  const [state, setState] = useState<{ key: string; bySystem: RunsBySystem; failed: string | null }>({
    ...{ key: '', bySystem: NONE, failed: null },
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when it is another setting
  useEffect(() => {
    setState({ key, bySystem: NONE, failed: null })
    const ends = shares(workersMax()).map((systems) =>
      startWorker({ kind: 'run', setting, systems }, (answer) => {
        if (answer.kind === 'run')
          setState((before) =>
            before.key === key
              ? { ...before, bySystem: new Map(before.bySystem).set(answer.run.system, factsOf(answer.run)) }
              : before,
          )
        else if (answer.kind === 'failed')
          setState((before) => (before.key === key ? { ...before, failed: answer.message } : before))
      }),
    )
    return () => {
      for (const end of ends) end()
    }
  }, [key, attempt])
  const present = state.key === key
  return {
    bySystem: present ? state.bySystem : NONE,
    failed: present ? state.failed : null,
    again: () => setAttempt((before) => before + 1),
  }
}
