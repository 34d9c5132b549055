import { useEffect } from 'react'

/** What a person is at, as the page is built: the nearest of these is still there when the thing itself is gone. */
const PLACES = 'form, li, section, dialog, main'

/**
 * What had the focus may go while somebody works: a step of a dialog gives way to the next, a form to what it made, a row
 * to its end. The browser then leaves the focus with nothing, and a screen reader begins at the top of the page. So it goes
 * to the nearest place around that is still there, and in a dialog to what its next step begins with.
 */
export const useKeptFocus = (): void => {
  useEffect(() => {
    let around: readonly Element[] = []
    const onFocus = ({ target }: FocusEvent) => {
      if (!(target instanceof Element)) return
      const found: Element[] = []
      for (let one: Element | null = target; one !== null; one = one.parentElement) found.push(one)
      around = found
    }
    const isLost = () =>
      around[0]?.isConnected === false && (document.activeElement === null || document.activeElement === document.body)
    const giveBack = () => {
      // Whoever took it away may have had a place for it: a dialog that closes has.
      if (!isLost()) return
      const place = around.find((one) => one.isConnected && one.matches(PLACES))
      const next = place?.querySelector<HTMLElement>('[data-autofocus]') ?? place
      if (!(next instanceof HTMLElement)) return
      if (next === place && next.tabIndex < 0) next.tabIndex = -1
      next.focus({ preventScroll: next === place })
    }
    const observer = new MutationObserver(() => {
      if (isLost()) setTimeout(giveBack)
    })
    document.addEventListener('focusin', onFocus)
    observer.observe(document.body, { childList: true, subtree: true })
    return () => {
      document.removeEventListener('focusin', onFocus)
      observer.disconnect()
    }
  }, [])
}
