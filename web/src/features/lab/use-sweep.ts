import type { LabSetting, SweepPoint } from '@rebootless/server/sim/lab/lab-run.ts'
import { useEffect, useRef, useState } from 'react'
import type { Swept } from './lab-setting.ts'
import { startWorker } from './start-worker.ts'

export type SweepState =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'running' | 'cancelled' | 'through'
      readonly points: readonly SweepPoint[]
      readonly done: number
      readonly of: number
    }
  | { readonly kind: 'failed'; readonly message: string }

const EMPTY = { points: [], done: 0, of: 0 }

/** The sweep of a setting over one of its numbers, point by point; null: none is wanted. */
export const useSweep = (setting: LabSetting, over: Swept | null) => {
  const key = over === null ? null : JSON.stringify([over, setting])
  const [attempt, setAttempt] = useState(0)
  const [state, setState] = useState<SweepState>({ kind: 'none' })
  const end = useRef<(() => void) | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says when it is another sweep
  useEffect(() => {
    if (over === null) return setState({ kind: 'none' })
    setState({ kind: 'running', ...EMPTY })
    const points: SweepPoint[] = []
    const stop = startWorker({ kind: 'sweep', setting, over }, (answer) => {
      if (answer.kind === 'failed') setState({ kind: 'failed', message: answer.message })
      else if (answer.kind === 'through')
        setState((before) => ('points' in before ? { ...before, kind: 'through' } : before))
      else if (answer.kind === 'point') {
        points.push(answer.point)
        setState({ kind: 'running', points: [...points], done: answer.done, of: answer.of })
      }
    })
    end.current = stop
    return stop
  }, [key, attempt])
  return {
    state,
    cancel: () => {
      end.current?.()
      setState((before) => ('points' in before ? { ...before, kind: 'cancelled' } : before))
    },
    again: () => setAttempt((before) => before + 1),
  }
}
