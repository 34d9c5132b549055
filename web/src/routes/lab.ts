import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { searchOf } from './search-words.ts'
import { signedInRoute } from './signed-in.ts'

const WORDS_MAX = 40

/** Kept as somebody wrote it: the page says what of it makes no sense, and what stands in its place. */
interface LabRouteSearch {
  load?: string
  tasks?: string
  cpus?: string
  sleepers?: string
  functions?: string
  seed?: string
  seconds?: string
  /** The clock, microseconds after the patch was applied. */
  at?: string
  axis?: string
  zoom?: string
  speed?: string
  view?: string
  /** The chosen task's tid, and the chosen system. */
  task?: string
  system?: string
  /** What the sweep goes over. */
  sweep?: string
}

/** The router reads `200` as a number, and a word that stands twice as a list; all are text here, to be judged as text. */
const word = (value: unknown): string | undefined => {
  if (value === undefined) return undefined
  const text = String(value)
  return text.length <= WORDS_MAX ? text : `${text.slice(0, WORDS_MAX)}…`
}

export const labRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/lab',
  validateSearch: searchOf<LabRouteSearch>({
    ...{ load: word, tasks: word, cpus: word, sleepers: word, functions: word, seed: word, seconds: word },
    ...{ at: word, axis: word, zoom: word, speed: word, view: word, task: word, system: word, sweep: word },
  }),
  component: lazyRouteComponent(() => import('./lab-page.tsx'), 'LabPage'),
})
