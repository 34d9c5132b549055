// biome-ignore-all lint/correctness/noComponentHookFactories: ArrowLeft, Home and End are keys, not components
import { useMemo, useRef } from 'react'
import { useKeys } from '../../shell/keys.ts'
import type { LabChange, LabLook } from './lab-setting.ts'
import { SYSTEM_ORDER } from './lab-words.ts'
import { type Playback, SPEEDS } from './playback.ts'
import { positionOf, type TimeAxis, timeAt, ZOOM_MAX } from './time-axis.ts'

interface Given {
  readonly playback: Playback
  readonly look: LabLook
  readonly axis: TimeAxis
  readonly ready: boolean
  readonly onStep: (step: 1 | -1) => void
  readonly onStepTask: (step: 1 | -1) => void
  readonly onChange: (change: LabChange) => void
}

/** Keys of the Lab, as the list of keys tells them. */
export const useLabKeys = (given: Given): void => {
  const latest = useRef(given)
  latest.current = given
  useKeys(
    useMemo(() => {
      const scrub = (step: 1 | -1) => () => {
        const { playback, axis } = latest.current
        playback.pause()
        playback.seek(timeAt(axis, positionOf(axis, playback.atUs) + step / 100))
      }
      const zoom = (step: 1 | -1) => () => {
        const { look, onChange } = latest.current
        onChange({ zoom: String(Math.min(ZOOM_MAX, Math.max(0, look.zoom + step))) })
      }
      const faster = (step: 1 | -1) => () => {
        const { look, onChange } = latest.current
        onChange({
          speed: SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(look.speed) + step))] ?? 'line',
        })
      }
      const choose = (index: number) => () => {
        const { look, onChange } = latest.current
        const system = SYSTEM_ORDER[index]
        if (system !== undefined) onChange({ system: look.system === system ? undefined : system })
      }
      return {
        ' ': () => (latest.current.ready ? latest.current.playback.toggle() : undefined),
        ArrowRight: () => latest.current.onStep(1),
        ArrowLeft: () => latest.current.onStep(-1),
        'shift+ArrowRight': scrub(1),
        'shift+ArrowLeft': scrub(-1),
        Home: () => latest.current.playback.seek(0),
        End: () => latest.current.playback.seek(latest.current.playback.endUs),
        j: () => latest.current.onStepTask(1),
        k: () => latest.current.onStepTask(-1),
        '+': zoom(1),
        '=': zoom(1),
        '-': zoom(-1),
        '>': faster(1),
        '<': faster(-1),
        l: () => latest.current.onChange({ axis: latest.current.look.axis === 'log' ? 'even' : 'log' }),
        m: () => latest.current.onChange({ view: latest.current.look.view === 'picture' ? 'table' : 'picture' }),
        ...Object.fromEntries(SYSTEM_ORDER.map((_system, index) => [String(index + 1), choose(index)])),
      }
    }, []),
  )
}
