import type {
  RedirectedFunction,
  RedirectedObject,
  RedirectionMap,
} from '@rebootless/shared/contract/host-redirections.ts'
import { count, percent } from '../../../ui/duration.ts'

export interface Reach {
  key: string
  /** null: the original. */
  patch: string | null
  share: number | null
  side: 'new' | 'old'
  note: string
}

/** Where calls of a function get to, newest first and the original last. A no-op's share is the original's. */
export const reachesOf = (one: RedirectedFunction): Reach[] => {
  const replacements = one.entries.map(
    (entry, index): Reach => ({
      key: entry.patch,
      patch: entry.patch,
      share: entry.kind === 'noop' ? 0 : entry.share,
      side: index === 0 ? 'new' : 'old',
      note: entry.kind === 'noop' ? 'no-op, back to the original' : entry.kind === 'unknown' ? 'or a no-op' : '',
    }),
  )
  return [...replacements, { key: '', patch: null, share: one.originalShare, side: 'old', note: '' }]
}

/** Where tasks that have switched get to, and where those that have not, if there are any. */
export const reachedNow = (one: RedirectedFunction): { onNew: Reach | undefined; onOld: Reach | undefined } => {
  const reaches = reachesOf(one)
  const onNew = reaches.find((reach) => reach.patch === one.reached)
  return { onNew, onOld: reaches.find((reach) => reach !== onNew && (reach.share ?? 0) > 0) }
}

/** A share as tasks while a transition counts them, else as per cent. */
export const amountOf = (share: number | null | undefined, tasks: RedirectionMap['tasks']): string => {
  if (share === null) return '?'
  if (share === undefined || share === 0) return '–'
  return tasks ? count(Math.round(share * tasks.total)) : percent(share)
}

export const whySeveral = (one: RedirectedFunction, object: RedirectedObject): string | null => {
  if (object.loaded === false) return null
  const live = reachesOf(one).filter((reach) => (reach.share ?? 0) > 0)
  if (live.length < 2) return null
  const older = live.at(-1)?.patch
  const before = older === null || older === undefined ? 'the original' : 'the older replacement'
  return `Each task switches by itself, when no replaced function is on its stack. Until then it keeps calling ${before}: a task sees old code or new code, never a mix.`
}

export const ftraceSentence = (ftrace: RedirectedFunction['ftrace']): string =>
  ({
    confirmed: 'One handler, livepatch’s own. The redirection is in force.',
    missing: 'It holds no handler for this function, although sysfs says that it is patched. Calls reach the original.',
    waiting: 'No hook yet: the module is not loaded.',
    unknown: 'enabled_functions could not be read, or functions are still coming and going. Nothing confirms it.',
  })[ftrace]
