import { createContext, useContext } from 'react'

const Mistakes = createContext<ReadonlyMap<string, string>>(new Map())
export const MistakesProvider = Mistakes.Provider

/** What is wrong with a field of the plan, by its place in it: `waves[0].soakSeconds`. */
export const useMistake = (at: string): string | undefined => useContext(Mistakes).get(at)

/** Lets the field that a mistake is in take the focus, or what stands nearest above it. */
export const goToField = (at: string): void => {
  for (let name = at; name !== ''; name = name.replace(/(\.[^.[]+|\[\d+\]|^[^.[]+)$/, '')) {
    const found = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`)
    if (found === null) continue
    const control = found.matches('input, select, textarea, button')
      ? found
      : found.querySelector<HTMLElement>('input, select, button')
    control?.focus()
    return
  }
}
