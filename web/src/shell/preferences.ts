import { useSyncExternalStore } from 'react'

const THEMES = ['light', 'dark', 'system'] as const
type Theme = (typeof THEMES)[number]
export const DENSITIES = ['comfortable', 'dense'] as const
export type Density = (typeof DENSITIES)[number]

interface Preferences {
  theme: Theme
  density: Density
}

const KEY = 'rebootless.preferences'
const listeners = new Set<() => void>()
const darkSystem = globalThis.matchMedia?.('(prefers-color-scheme: dark)')

const read = (): Preferences => {
  const found: Partial<Record<keyof Preferences, unknown>> = {}
  try {
    Object.assign(found, JSON.parse(localStorage.getItem(KEY) ?? '{}'))
  } catch {
    // A browser that stores nothing keeps the defaults.
  }
  return {
    theme: THEMES.find((theme) => theme === found.theme) ?? 'system',
    density: DENSITIES.find((density) => density === found.density) ?? 'comfortable',
  }
}

let preferences = read()

const apply = () => {
  const dark = preferences.theme === 'dark' || (preferences.theme === 'system' && darkSystem?.matches === true)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  document.documentElement.dataset.density = preferences.density
}

/** Sets theme and density on the document, before anything is drawn, and follows the system's choice. */
export const startPreferences = (): void => {
  apply()
  darkSystem?.addEventListener('change', apply)
}

export const setPreference = (change: Partial<Preferences>): void => {
  preferences = { ...preferences, ...change }
  apply()
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences))
  } catch {
    // Not kept, but in force for this page.
  }
  for (const listener of listeners) listener()
}

export const usePreferences = (): Preferences =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    () => preferences,
  )
