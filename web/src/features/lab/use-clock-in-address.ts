import { useEffect, useRef } from 'react'
import type { LabChange } from './lab-setting.ts'
import type { Playback } from './playback.ts'

/** So long the clock must stand before its moment goes into the address. */
const SETTLED_MS = 300

/**
 * The clock and the address: the address moves the clock when somebody else wrote it, the clock writes the address when
 * it has come to rest.
 */
export const useClockInAddress = (
  playback: Playback,
  atUs: number | null,
  onChange: (change: LabChange) => void,
): void => {
  const written = useRef<number | null>(null)
  const latest = useRef(onChange)
  latest.current = onChange
  const asked = useRef(atUs)
  asked.current = atUs
  useEffect(() => {
    if (atUs !== null && atUs !== written.current) playback.seek(atUs)
  }, [playback, atUs])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = playback.onChange(() => {
      clearTimeout(timer)
      if (playback.playing) return
      timer = setTimeout(() => {
        // A run that nobody has looked at yet stays so for whoever gets the address.
        if (written.current === playback.atUs || (playback.atUs === 0 && asked.current === null)) return
        written.current = playback.atUs
        latest.current({ at: String(playback.atUs) })
      }, SETTLED_MS)
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [playback])
}
