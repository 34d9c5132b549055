import type { System } from '@rebootless/server/sim/models/model.ts'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { announce } from '../../live/announcer.ts'
import type { LabLook } from './lab-setting.ts'
import type { Playback } from './playback.ts'
import type { RunsBySystem } from './run-facts.ts'
import { spokenMoments } from './sentences.ts'
import { axisAround, type TimeAxis } from './time-axis.ts'

export const usePlaying = (playback: Playback): boolean =>
  useSyncExternalStore(
    (listener) => playback.onChange(listener),
    () => playback.playing,
  )

/** The part of the time line that is in view; React hears of it only when the clock has left its middle. */
export const useAxis = (playback: Playback, { axis, zoom }: LabLook, endUs: number): TimeAxis => {
  const around = () => axisAround(axis, zoom, Math.min(endUs, playback.atUs), endUs)
  const [shown, setShown] = useState(around)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `around` is these three and the clock
  useEffect(() => {
    const follow = () =>
      setShown((before) => {
        const next = around()
        return next.kind === before.kind && next.fromUs === before.fromUs && next.toUs === before.toUs ? before : next
      })
    follow()
    return playback.onMoment(follow)
  }, [playback, axis, zoom, endUs])
  return shown
}

const SLOW_MS = 200

/** The clock for words on the page: at once when it stands, a few times a second when it runs. */
export const useSlowMoment = (playback: Playback): number => {
  const [atUs, setAtUs] = useState(playback.atUs)
  useEffect(() => {
    let last = 0
    const show = () => {
      const now = performance.now()
      if (playback.playing && now - last < SLOW_MS) return
      last = now
      setAtUs(playback.atUs)
    }
    const stops = [playback.onMoment(show), playback.onChange(show)]
    show()
    return () => {
      for (const stop of stops) stop()
    }
  }, [playback])
  return atUs
}

/** Says what happens, in every system or in the chosen one, as the clock passes it; nothing when somebody moves it. */
export const useSpokenRuns = (playback: Playback, runs: RunsBySystem, chosen: System | null): void => {
  useEffect(() => {
    const heard = [...runs.values()].filter(({ run }) => chosen === null || run.system === chosen)
    const spoken = heard.flatMap(spokenMoments)
    return playback.onMoment((atUs, beforeUs) => {
      if (!playback.playing) return
      for (const { atUs: when, text } of spoken) if (when > beforeUs && when <= atUs) announce(text)
    })
  }, [playback, runs, chosen])
}
