import type { Authorisation } from '@rebootless/shared/contract/command.ts'
import type { BlockingTaskFacts } from '@rebootless/shared/contract/transition.ts'
import { counted } from '@rebootless/shared/domain/sentence.ts'
import { refused } from '../commands/signatures.ts'
import type { KernelFs } from '../kernel/kernel-fs.ts'
import { LIVEPATCH_DIRECTORY } from '../kernel/livepatch-sysfs.ts'
import { parseTaskStat } from '../kernel/task-stat.ts'
import { stalledTransition } from './approved-transition.ts'
import { errnoAdvice } from './errno-advice.ts'
import { type ActJournal, type ActPorts, done, failed, failedBy, type Outcome, refusedAct, waiting } from './ports.ts'

/** As `kpatch signal` waits between the two. */
const STOPPED_FOR_MS = 100

const isApproved = ({ blockingTasks }: Authorisation, { tid, comm }: BlockingTaskFacts): boolean =>
  blockingTasks.some((approved) => approved.tid === tid && approved.name === comm)

/**
 * `force`: every task counts as switched, whatever it runs (klp_force_transition). Only while none blocks but those that
 * were approved, and never before their stacks are on the disk (threat-model T26).
 */
export const force = async (
  authorisation: Authorisation,
  patch: string,
  ports: ActPorts,
  journal: ActJournal,
): Promise<Outcome> => {
  const stalled = await stalledTransition(patch, authorisation.target, ports)
  if (!stalled.ok) return stalled.outcome
  const { sample } = stalled
  const others = sample.blocking.filter((task) => !isApproved(authorisation, task))
  if (others.length > 0 || sample.blockingTotal > sample.blocking.length || sample.tasksUnreadable > 0) {
    const [first] = others
    const detail = first === undefined ? 'more tasks than could be read' : `${first.comm} (${first.tid}) also`
    return refusedAct(refused('other_blocking_tasks', `What blocks now is not what was approved: ${detail}.`))
  }
  await journal.forced(patch, sample)
  const aim = { patch, want: sample.target === 'patching' ? 'in' : 'out' } as const
  const stopped = await journal.effect({ step: 'force', aim })
  if (stopped !== null) {
    await journal.notForced()
    return refusedAct(stopped)
  }
  const written = await ports.fs.write(`${LIVEPATCH_DIRECTORY}/${patch}/force`, '1')
  if (written.ok) return waiting(patch, aim.want)
  await journal.notForced()
  return failedBy(written.errno, `Forcing ${patch}: ${errnoAdvice('force', written.errno)}`)
}

/**
 * `signal`, as `kpatch signal` does it: each approved task that still blocks is stopped for a moment and goes on. That
 * takes a task out of an interruptible sleep, and its system call begins anew, mostly; it does nothing to kernel threads, nor
 * to a sleep that no signal ends. The kernel does as much by itself 15 s into a transition (klp_send_signals).
 */
export const signalTasks = async (
  authorisation: Authorisation,
  patch: string,
  ports: ActPorts,
  journal: ActJournal,
): Promise<Outcome> => {
  const stalled = await stalledTransition(patch, authorisation.target, ports)
  if (!stalled.ok) return stalled.outcome
  const still = stalled.sample.blocking.filter((task) => isApproved(authorisation, task))
  if (still.length === 0) {
    return refusedAct(refused('other_blocking_tasks', 'None of the tasks that were approved blocks any more.'))
  }
  const tasks: BlockingTaskFacts[] = []
  for (const task of still) if (await mayBeStopped(task, ports.fs)) tasks.push(task)
  if (tasks.length === 0) {
    return failed(
      'not_signalled',
      'All that block are kernel threads or stopped already: a signal does nothing to them.',
    )
  }
  const stopped = await journal.effect({ step: 'signal', aim: null, tasks: tasks.map(({ tid }) => tid) })
  if (stopped !== null) return refusedAct(stopped)
  const refusals: string[] = []
  for (const { tid, comm } of tasks) {
    const sent = (await ports.fs.signal?.(tid, 'SIGSTOP')) ?? { ok: false, errno: 'EOPNOTSUPP' }
    if (sent.ok) {
      await ports.clock.sleep(STOPPED_FOR_MS)
      await ports.fs.signal?.(tid, 'SIGCONT')
    } else refusals.push(`${comm} (${tid}): ${errnoAdvice('signal', sent.errno)}`)
  }
  const count = tasks.length - refusals.length
  if (count === 0) return failed('not_signalled', refusals.join(' ').slice(0, 900))
  return done(
    `${count} of ${counted(still.length, 'blocking task')} signalled: ${tasks.map(({ comm, tid }) => `${comm} (${tid})`).join(', ')}`.slice(
      0,
      900,
    ),
  )
}

/** Still by that name, no kernel thread, and not stopped by somebody else, who would not want it to go on. */
const mayBeStopped = async ({ pid, tid, comm, kernelThread }: BlockingTaskFacts, fs: KernelFs): Promise<boolean> => {
  const [name, stat] = [await fs.read(`/proc/${pid}/task/${tid}/comm`), await fs.read(`/proc/${pid}/task/${tid}/stat`)]
  const facts = stat.ok ? parseTaskStat(stat.value) : null
  if (kernelThread || !name.ok || name.value.trimEnd() !== comm || facts === null || facts.kernelThread) return false
  return facts.state !== 'T' && facts.state !== 't'
}

/** After a crash between the two signals: whoever was stopped goes on. Harmless to whoever runs. */
export const releaseTasks = async (tasks: readonly number[], fs: KernelFs): Promise<void> => {
  for (const tid of tasks) {
    const stat = await fs.read(`/proc/${tid}/stat`)
    if (stat.ok && parseTaskStat(stat.value)?.state === 'T') await fs.signal?.(tid, 'SIGCONT')
  }
}
