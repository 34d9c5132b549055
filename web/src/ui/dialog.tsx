import { type ReactNode, useEffect, useRef } from 'react'

/**
 * The browser's own modal dialog: it traps focus, makes the rest inert and gives focus back. (A library's would put a
 * style element into the page to stop scrolling, which our content security policy refuses.)
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
  useEffect(() => {
    const dialog = element.current
    if (dialog && !dialog.open) dialog.showModal()
    // showModal moves the focus itself, to the first thing that can take it.
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
    return () => dialog?.close()
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
