import type { Advice, BlockingTask, BlockingTaskFacts } from '../contract/transition.ts'
import type { BlockedTransition } from './blocking-task.ts'

type Reason = BlockingTask['reason']

/** What can be done, most advisable first, and what cannot, with the reason why not. */
export const blockingAdvice = (facts: BlockingTaskFacts, reason: Reason, transition: BlockedTransition): Advice[] => {
  const all = [
    wait(reason),
    restartUnit(facts, reason),
    kill(facts, reason),
    signal(reason, transition),
    reverse(transition),
    force(transition),
  ]
  return all.sort((left, right) => rank(left) - rank(right))
}

const rank = ({ recommended, possible }: Advice) => (recommended ? 0 : possible ? 1 : 2)

/** Whether a fatal signal ends the sleep. */
const isFreedByKill = (reason: Reason) =>
  reason === 'killable_sleep' || reason === 'interruptible_sleep' || reason === 'stopped' || reason === 'running'

const wait = (reason: Reason): Advice => {
  const texts: Partial<Record<Reason, string>> = {
    interruptible_sleep:
      'Livepatch signals the task about 15 seconds after the start; it then switches within a second. Costs nothing.',
    running: 'It switches at the next return to user space. Costs nothing.',
    kernel_thread: 'It switches when its own code leaves the function; if it never does, nothing will come of waiting.',
  }
  return {
    action: 'wait',
    recommended: reason !== 'kernel_thread',
    possible: true,
    text:
      texts[reason] ??
      'When what it waits for comes, the call returns and the task switches within about a second. Costs nothing.',
  }
}

const restartUnit = ({ unit, container }: BlockingTaskFacts, reason: Reason): Advice => {
  const name = unit ?? (container === null ? null : `container ${container.slice(0, 12)}`)
  if (reason === 'kernel_thread')
    return refused('restart_unit', 'A kernel thread belongs to no service that could be restarted.')
  if (name === null)
    return refused('restart_unit', 'The task belongs to no service or container that could be restarted.')
  if (!isFreedByKill(reason))
    return refused('restart_unit', `Restarting ${name} cannot end this task: its sleep takes no signal.`)
  return {
    action: 'restart_unit',
    recommended: reason === 'killable_sleep',
    possible: true,
    text: `Stopping ${name} ends the task and with it the wait. What the service was doing is broken off.`,
  }
}

const kill = ({ pid, comm }: BlockingTaskFacts, reason: Reason): Advice => {
  if (reason === 'kernel_thread') return refused('kill', 'Kernel threads take no signals.')
  if (!isFreedByKill(reason))
    return refused(
      'kill',
      'SIGKILL stays pending until the sleep ends; it frees killable sleepers, never one that is uninterruptible.',
    )
  return {
    action: 'kill',
    recommended: false,
    possible: true,
    text: `SIGKILL to process ${pid} (${comm}) frees it at once. The process is lost, with what it had not yet written.`,
  }
}

const signal = (reason: Reason, { signalledAt }: BlockedTransition): Advice => {
  if (reason === 'interruptible_sleep') {
    const itself = signalledAt === null ? 'Livepatch does as much by itself' : 'Livepatch has done as much already'
    return {
      action: 'signal',
      recommended: false,
      possible: true,
      text: `Stops the task for a tenth of a second, which ends its sleep; its system call begins again, mostly. ${itself}, 15 seconds after the start.`,
    }
  }
  const sent = signalledAt === null ? 'Livepatch will send it by itself' : 'Livepatch has sent it already'
  const why: Partial<Record<Reason, string>> = {
    killable_sleep: 'it does not wake a killable sleep',
    uninterruptible_sleep: 'it does not wake an uninterruptible sleep',
    kernel_thread: 'a kernel thread is only woken by it, and sleeps again in the same function',
  }
  return refused('signal', `${sent}, but ${why[reason] ?? 'it cannot help here'}.`)
}

const reverse = ({ target, patch }: BlockedTransition): Advice => ({
  action: 'reverse',
  recommended: false,
  possible: true,
  text:
    target === 'patching'
      ? `Takes ${patch} back on this host: it ends within seconds unless a task sleeps in a new function too, and the fix is not in effect.`
      : `Keeps ${patch} in after all: it ends within seconds unless a task sleeps in an old function.`,
})

const force = ({ target, forcedAt, blockingTotal }: BlockedTransition): Advice => {
  if (forcedAt !== null) return refused('force', 'It was forced already.')
  const tasks = blockingTotal === 1 ? 'the task' : `the ${blockingTotal} tasks`
  const after =
    target === 'patching'
      ? 'A cumulative patch forced in pins those that it replaces.'
      : 'The module stays pinned in memory until the next boot.'
  return {
    action: 'force',
    recommended: false,
    possible: true,
    text: `Counts ${tasks} as switched although the other version is on the stack: old and new code may corrupt each other's data. ${after} Needs the patch maker's clearance.`,
  }
}

const refused = (action: Advice['action'], text: string): Advice => ({
  action,
  recommended: false,
  possible: false,
  text,
})
