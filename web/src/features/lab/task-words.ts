import type { LabActivity } from '@rebootless/server/sim/lab/lab-run.ts'
import { visibleText } from '../../ui/host-text.tsx'
import { SWITCH_WORDS } from './lab-words.ts'
import { activityOf, stretchAt, universeOf } from './packed-run.ts'
import type { RunFacts } from './run-facts.ts'
import { timeWord } from './time-words.ts'

const ACTIVITY_WORDS: Readonly<Record<LabActivity, string>> = {
  user: 'runs in user mode',
  kernel: 'runs in the kernel',
  runnable: 'waits for a CPU',
  asleep: 'is asleep',
  asleep_in_function: 'is asleep in a patched function',
  frozen: 'is frozen',
  stopped: 'is stopped with all others',
  gone: 'has exited',
}

/** What a task does at a moment, and on which code: `is asleep, on old code`. */
export const taskAtMoment = ({ run }: RunFacts, tid: number, atUs: number): string => {
  const task = run.tasks.find((one) => one.tid === tid)
  const at = task ? stretchAt(run, task, atUs) : -1
  const what = run.what[at]
  if (what === undefined) return 'is not there yet'
  const universe = universeOf(what)
  const activity = activityOf(what)
  if (activity === 'gone') return ACTIVITY_WORDS.gone
  return `${ACTIVITY_WORDS[activity]}, ${universe === null ? 'with no code of its own' : `on ${universe} code`}`
}

/** One task's story in one system, over the whole run. */
export const taskStory = ({ run, switched, blocked, never }: RunFacts, tid: number): string => {
  const parts: string[] = []
  const stopped = run.stops.length
  const over = switched.get(tid)
  const held = blocked.get(tid) ?? []
  const first = held[0]
  if (first !== undefined)
    parts.push(
      `In the way ${held.length === 1 ? `at ${timeWord(first.atUs)}` : `${held.length} times from ${timeWord(first.atUs)} on`}: ${visibleText(first.why, 120)}.`,
    )
  const why = never.get(tid)
  if (over !== undefined) parts.push(`Goes over at ${timeWord(over.atUs)}, ${SWITCH_WORDS[over.how]}.`)
  else if (why !== undefined) parts.push(`Never goes over: ${visibleText(why, 120)}.`)
  else if (run.system === 'livepatch_immediate') parts.push('Has no moment of its own: its next call reaches new code.')
  else if (run.completedUs !== null) parts.push(`On new code since ${timeWord(run.completedUs)}, with all others.`)
  else parts.push('Stays on old code.')
  const mixed = run.mixed.filter((call) => call.tid === tid).length
  if (mixed > 0) parts.push(`${mixed === 1 ? 'One call' : `${mixed} calls`} mixed old and new code.`)
  if (stopped > 0) parts.push(`Stood still ${stopped === 1 ? 'once' : `${stopped} times`} with the whole machine.`)
  return parts.join(' ')
}
