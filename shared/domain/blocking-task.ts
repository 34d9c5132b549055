import type { BlockingTask, BlockingTaskFacts, TransitionSample } from '../contract/transition.ts'
import { blockingAdvice } from './blocking-advice.ts'

/** What an explanation needs to know of the transition. */
export type BlockedTransition = Pick<
  TransitionSample,
  'patch' | 'target' | 'signalledAt' | 'forcedAt' | 'blockingTotal'
>
export type BlockingReason = BlockingTask['reason']

/** Adds to what was read of a blocking task why it does not switch, in plain words, and what can be done. */
export const explainBlockingTask = (facts: BlockingTaskFacts, transition: BlockedTransition): BlockingTask => {
  const reason = blockingReason(facts)
  return {
    ...facts,
    heldFunction: heldFunctionOf(facts),
    reason,
    explanation: explainWhyItBlocks(facts, transition),
    advice: blockingAdvice(facts, reason, transition),
  }
}

/** The function on its stack that is being replaced; null: none was seen. */
export const heldFunctionOf = ({ stack }: BlockingTaskFacts): string | null =>
  stack?.find(({ held }) => held)?.function ?? null

/** Why it does not switch, in plain words. */
export const explainWhyItBlocks = (facts: BlockingTaskFacts, transition: BlockedTransition): string =>
  explanation(facts, blockingReason(facts), heldFunctionOf(facts), transition).slice(0, 2000)

/** A killable sleep shows as D, like one that nothing wakes: only the name of what it sleeps in tells them apart. */
const blockingReason = (facts: BlockingTaskFacts): BlockingReason => {
  if (facts.kernelThread) return 'kernel_thread'
  switch (facts.state) {
    case 'D':
      return sleepsKillable(facts) ? 'killable_sleep' : 'uninterruptible_sleep'
    case 'S':
      return 'interruptible_sleep'
    case 'R':
      return 'running'
    case 'T':
    case 't':
      return 'stopped'
    default:
      return 'unknown'
  }
}

const sleepsKillable = ({ stack, wchan }: BlockingTaskFacts): boolean =>
  [wchan ?? '', ...(stack ?? []).map((frame) => frame.function)].some((name) => /(^|_)killable(_|\.|$)/.test(name))

const explanation = (
  facts: BlockingTaskFacts,
  reason: BlockingReason,
  heldFunction: string | null,
  { target, patch }: BlockedTransition,
): string =>
  [where(facts, heldFunction, patch, target), why(target), sleeps[reason], stackNote(facts)].filter(Boolean).join(' ')

const where = (
  facts: BlockingTaskFacts,
  heldFunction: string | null,
  patch: string,
  target: TransitionSample['target'],
) => {
  const who = facts.kernelThread ? `The kernel thread ${facts.comm}` : `${facts.comm} (thread ${facts.tid})`
  const call = facts.systemCall && !/^-?\d+$/.test(facts.systemCall) ? `, in the system call ${facts.systemCall}` : ''
  const verb = facts.state === 'R' ? 'runs' : 'waits'
  if (heldFunction !== null) {
    const whose = target === 'patching' ? `which ${patch} replaces` : `which belongs to ${patch}`
    return `${who} ${verb} inside ${heldFunction}, ${whose}${call}.`
  }
  const seen = facts.wchan && facts.wchan !== '0' ? ` in ${facts.wchan}` : ''
  return `${who} ${verb}${seen}${call}; which function holds it could not be seen.`
}

const why = (target: TransitionSample['target']) =>
  target === 'patching'
    ? 'The kernel switches a task only when no function being replaced is on its stack.'
    : 'The kernel lets a patch go only when none of its functions is on any stack.'

const sleeps: Record<BlockingReason, string> = {
  killable_sleep:
    'Its sleep ends when what it waits for comes, or when it is killed; the signal that livepatch sends after 15 seconds does not wake it.',
  uninterruptible_sleep:
    'No signal wakes it, not even SIGKILL: the sleep ends only when what it waits for (a disk, a server, a device) answers.',
  interruptible_sleep:
    'Any signal wakes it: some 15 seconds after the start livepatch wakes it by itself, and its system call starts again in the other version.',
  kernel_thread:
    'It leaves only when its own code does, for kernel threads take no signals; one that loops in that function may never leave.',
  running:
    'It is running, so the kernel cannot check its stack; it switches as soon as it returns to user space or is caught asleep.',
  stopped: 'It is stopped (SIGSTOP or a debugger) and switches when it runs on.',
  unknown: 'How it sleeps could not be read.',
}

const stackNote = ({ stack }: BlockingTaskFacts) => (stack === null ? 'Its stack is not visible without root.' : '')
