import type { TransitionSample } from '../contract/transition.ts'

type Sentenced = Pick<
  TransitionSample,
  | 'patch'
  | 'target'
  | 'tasksTotal'
  | 'tasksRemaining'
  | 'tasksUnreadable'
  | 'blocking'
  | 'blockingTotal'
  | 'forcedAt'
  | 'signalledAt'
>

const SENTENCE_CHARACTERS_MAX = 500

/** What a running transition is doing, in one sentence. */
export const transitionSentence = (transition: Sentenced): string => {
  const text = `${transition.patch} ${progress(transition)}`
  return text.length <= SENTENCE_CHARACTERS_MAX ? text : `${text.slice(0, SENTENCE_CHARACTERS_MAX - 1)}…`
}

const progress = (transition: Sentenced): string => {
  const { target, tasksTotal, tasksRemaining, tasksUnreadable, blockingTotal, forcedAt } = transition
  const action = target === 'patching' ? 'is being applied' : 'is being taken out'
  if (forcedAt !== null) return `${action} by force: the remaining tasks were counted as switched.`
  if (tasksUnreadable >= tasksTotal && tasksTotal > 0)
    return `${action}; which tasks have switched cannot be read without root.`
  if (blockingTotal > 0)
    return `${target === 'patching' ? 'is stalled' : 'is stalled on its way out'}: ${culprits(transition)}.`
  const side = target === 'patching' ? 'new' : 'old'
  if (tasksRemaining === 0) return `${action}: all ${count(tasksTotal)} run ${side} code, and the kernel is finishing.`
  return `${action}: ${tasksTotal - tasksRemaining} of ${count(tasksTotal)} run ${side} code.`
}

const count = (tasks: number) => `${tasks} task${tasks === 1 ? '' : 's'}`

const culprits = ({ blocking, blockingTotal, tasksTotal }: Sentenced): string => {
  const first = blocking[0]
  if (first === undefined) return `${blockingTotal} of ${count(tasksTotal)} hold it back`
  const held = first.stack?.find(({ held }) => held)?.function ?? first.wchan
  const where = held ? ` in ${held}` : ''
  const others = blockingTotal - 1
  const more = others === 0 ? 'holds' : `and ${count(others).replace(/ task/, ' more task')} hold`
  return `${first.comm} (${first.tid})${where} ${more} it back`
}
