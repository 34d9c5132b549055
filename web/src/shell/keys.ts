import { useEffect, useLayoutEffect, useRef } from 'react'

/** True while a key belongs to a field the person types in. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !['radio', 'checkbox', 'button'].includes(target.type)))

/** True while the control with the focus has a use of its own for the key: arrows among radio buttons, space on a button. */
const hasOwnUse = (target: EventTarget | null, key: string): boolean => {
  if (!(target instanceof HTMLElement)) return false
  if (key === ' ') return target.closest('button, a, summary, input, [role="button"], [role="link"]') !== null
  if (!/^(Arrow|Home|End|Page)/.test(key)) return false
  return target.closest('input, [role="group"], [role="slider"]') !== null
}

export interface KeyActions {
  /** By what is pressed: `?`, `/`, `mod+k`, `shift+ArrowLeft`, or two keys one after the other: `g f`. */
  readonly [keys: string]: () => void
}

const SEQUENCE_MS = 1200

/** Escape leaves the page's own filter, for the page, unless the field had another use for the key. */
export const useLeavingFilter = (): void => {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || !isTyping(event.target)) return
      if (event.target instanceof HTMLElement && event.target.matches('[data-page-filter]'))
        document.querySelector('main')?.focus({ preventScroll: true })
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}

/**
 * Page-wide keys. Nothing happens while a field has the focus, but for those with a modifier. They work from the moment the page is
 * seen, and a render between two keys of a sequence does not forget the first.
 */
export const useKeys = (actions: KeyActions): void => {
  const current = useRef(actions)
  useLayoutEffect(() => {
    current.current = actions
  }, [actions])
  useLayoutEffect(() => {
    let first = ''
    let firstAt = 0
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || hasOwnUse(event.target, event.key)) return
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      const modified = event.ctrlKey || event.metaKey
      if (!modified && (isTyping(event.target) || document.querySelector('dialog[open]'))) return
      const pressed = modified ? `mod+${key}` : event.shiftKey && key.length > 1 ? `shift+${key}` : key
      const sequence = event.timeStamp - firstAt < SEQUENCE_MS && !modified ? `${first} ${pressed}` : ''
      const action = current.current[sequence] ?? current.current[pressed]
      first = pressed
      firstAt = event.timeStamp
      if (!action) return
      event.preventDefault()
      first = ''
      action()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
