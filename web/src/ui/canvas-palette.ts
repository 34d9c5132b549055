/** What the canvases paint with: the tokens of the theme in force. */
export interface Palette {
  readonly sheet: string
  readonly line: string
  readonly ink: string
  readonly ink2: string
  readonly ink3: string
  readonly oldFill: string
  readonly oldMid: string
  readonly oldCell: string
  readonly oldText: string
  readonly newFill: string
  readonly newMid: string
  readonly newCell: string
  readonly newText: string
  readonly onNew: string
  readonly onOld: string
  readonly noneFill: string
  readonly noneCell: string
  readonly danger: string
  readonly onDanger: string
  readonly font: string
}

const TOKENS: Readonly<Record<keyof Palette, string>> = {
  ...{ sheet: '--sheet', line: '--line', ink: '--ink', ink2: '--ink-2', ink3: '--ink-3' },
  ...{ oldFill: '--old-fill', oldMid: '--old-mid', oldCell: '--old-cell', oldText: '--old-text', onOld: '--on-old' },
  ...{ newFill: '--new-fill', newMid: '--new-mid', newCell: '--new-cell', newText: '--new-text', onNew: '--on-new' },
  ...{ noneFill: '--none-fill', noneCell: '--none-cell', danger: '--danger-fill' },
  ...{ onDanger: '--on-danger', font: '--font-sans' },
}

const readPalette = (): Palette => {
  const style = getComputedStyle(document.documentElement)
  const read = Object.entries(TOKENS).map(([key, token]) => [key, style.getPropertyValue(token).trim()])
  return { ...Object.fromEntries(read), font: getComputedStyle(document.body).fontFamily } as Palette
}

let palette: Palette | null = null
const listeners = new Set<() => void>()
let observer: MutationObserver | null = null

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  if (observer === null) {
    observer = new MutationObserver(() => {
      palette = null
      for (const tell of listeners) tell()
    })
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  }
  return () => void listeners.delete(listener)
}

const current = (): Palette => {
  palette ??= readPalette()
  return palette
}

export const paletteStore = { subscribe, current }
