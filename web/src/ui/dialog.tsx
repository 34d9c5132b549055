import { type ReactNode, useLayoutEffect, useRef } from 'react'

/**
 * The browser's own modal dialog: it traps focus and makes the rest inert. (A library's would put a style element into
 * the page to stop scrolling, which our content security policy refuses.) The focus goes back to where it came from, or
 * to the page; the browser alone would lose it, since React takes the element away before it has closed.
 */
export const Dialog = ({
  label,
  onClose,
  children,
  className = '',
}: {
  label: string
  onClose: () => void
  children: ReactNode
  className?: string
}) => {
  const element = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const dialog = element.current
    const before = document.activeElement
    if (dialog && !dialog.open) dialog.showModal()
    // showModal moves the focus itself, to the first thing that can take it.
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
    return () => {
      dialog?.close()
      const back = before instanceof HTMLElement && before !== document.body && before.isConnected ? before : null
      const target = back ?? document.querySelector<HTMLElement>('main')
      // Once React is through: whoever opened it may come or go in the same change.
      queueMicrotask(() => {
        const { activeElement } = document
        if (activeElement === null || activeElement === document.body) target?.focus({ preventScroll: true })
      })
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes by the browser; the click is on the backdrop alone
    <dialog
      ref={element}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose()
      }}
      className={`m-auto mt-[12vh] max-h-[76vh] w-[min(560px,calc(100vw-24px))] animate-appear overflow-hidden rounded-pop border border-line-2 bg-raised p-0 text-ink shadow-pop ${className}`}
    >
      {children}
    </dialog>
  )
}
