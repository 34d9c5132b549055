import type { Palette } from '../../ui/canvas-palette.ts'

/** What a task's calls reach, and paler while it sleeps. */
export const fillOf = (palette: Palette, universe: 'old' | 'new' | null, asleep: boolean): string => {
  if (universe === null) return palette.noneFill
  if (universe === 'new') return asleep ? palette.newMid : palette.newFill
  return asleep ? palette.oldMid : palette.oldFill
}
