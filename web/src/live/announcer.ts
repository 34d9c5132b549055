import { useSyncExternalStore } from 'react'

const QUIET_MS = 1500
const listeners = new Set<() => void>()
let waiting: string[] = []
let spoken = ''
let timer: ReturnType<typeof setTimeout> | undefined

/** Says `text` to screen readers, politely, and together with what else comes within a second and a half. */
export const announce = (text: string): void => {
  waiting.push(text)
  clearTimeout(timer)
  timer = setTimeout(() => {
    spoken = waiting.length > 3 ? `${waiting.length} changes. The last: ${waiting.at(-1)}` : waiting.join('. ')
    waiting = []
    for (const listener of listeners) listener()
  }, QUIET_MS)
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
