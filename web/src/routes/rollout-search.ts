import { HOST_STAGES, ROLLOUT_PHASES } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import { oneOf, searchOf, textUpTo } from './search-words.ts'

export const ROLLOUT_TABS = ['overview', 'hosts', 'plan', 'approvals'] as const
export type RolloutTab = (typeof ROLLOUT_TABS)[number]

/** A wave as people count, from 1. */
const wave = (value: unknown): number | undefined =>
  typeof value === 'string' && /^[1-9]\d?$|^100$/.test(value) ? Number(value) : undefined

export interface RolloutListSearch {
  phase?: (typeof ROLLOUT_PHASES)[number]
}
export const rolloutListSearch = searchOf<RolloutListSearch>({ phase: oneOf(ROLLOUT_PHASES) })

export interface RolloutSearch {
  tab?: RolloutTab
  /** Hosts shown: those of this wave. */
  wave?: number
  /** Hosts shown: those at this stage. */
  stage?: (typeof HOST_STAGES)[number]
  /** The host that is looked at: its id. */
  host?: string
  /** Transitions as a picture or its table twin. */
  view?: 'picture' | 'table'
  /** Scale of their curve. */
  scale?: 'log' | 'linear'
  /** The cause of a stall that is open: its key, or `none`. */
  cause?: string
}
export const rolloutSearch = searchOf<RolloutSearch>({
  tab: oneOf(ROLLOUT_TABS),
  wave,
  stage: oneOf(HOST_STAGES),
  host: textUpTo(36),
  view: oneOf(['picture', 'table']),
  scale: oneOf(['log', 'linear']),
  cause: textUpTo(16),
})

export interface NewRolloutSearch {
  /** An entry of the catalogue: what is rolled out. */
  patch?: string
  /** Words of the host filter. */
  hosts?: string
  /** A rollout whose plan is begun from. */
  from?: string
  /** A template that says how it goes. */
  template?: string
}
export const newRolloutSearch = searchOf<NewRolloutSearch>({
  patch: textUpTo(64),
  hosts: textUpTo(1000),
  from: textUpTo(36),
  template: textUpTo(64),
})
