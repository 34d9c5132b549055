import { useSyncExternalStore } from 'react'

const QUIET_MS = 1500
/** What never comes to rest is told all the same. */
const WAIT_MS_MAX = 2500
const listeners = new Set<() => void>()
let waiting: string[] = []
let spoken = ''
let waitingSince = 0
let timer: ReturnType<typeof setTimeout> | undefined

/** Says `text` to screen readers, politely, and together with what else comes within a second and a half of the last. */
export const announce = (text: string): void => {
  if (waiting.length === 0) waitingSince = Date.now()
  waiting.push(text)
  clearTimeout(timer)
  timer = setTimeout(
    () => {
      spoken = waiting.length > 3 ? `${waiting.length} changes. The last: ${waiting.at(-1)}` : waiting.join('. ')
      waiting = []
      for (const listener of listeners) listener()
    },
    Math.max(0, Math.min(QUIET_MS, waitingSince + WAIT_MS_MAX - Date.now())),
  )
}

/** What the page's one live region says. */
export const useSpoken = (): string =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => spoken,
  )
