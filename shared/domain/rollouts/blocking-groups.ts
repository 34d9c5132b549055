import type { BlockingGroup } from '../../contract/rollout-transition.ts'
import type { BlockingTaskFacts, TransitionSample } from '../../contract/transition.ts'
import { type BlockedTransition, explainBlockingTask } from '../blocking-task.ts'
import { formatFilterWord } from '../filter.ts'
import { taskFamily } from '../task-family.ts'

/** What a stalled host said last. */
export interface StalledHost {
  readonly id: string
  readonly name: string
  readonly sample: Pick<TransitionSample, 'patch' | 'target' | 'signalledAt' | 'forcedAt' | 'blocking'>
  /** A time of the host's clock in ours. */
  readonly toServerTime: (hostTime: string) => string
}

const GROUPS_MAX = 50
const HOSTS_SHOWN = 8
/** FNV-1a (Fowler, Noll, Vo), twice with different beginnings: a short name for a group, which its address can hold. */
const shortKey = (text: string): string =>
  [0x811c9dc5, 0x01000193]
    .map((begin) => {
      let hash = begin
      for (let index = 0; index < text.length; index += 1) {
        hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
      }
      return (hash >>> 0).toString(16).padStart(8, '0')
    })
    .join('')

/**
 * Offsets differ from build to build, and from call to call in one function; the functions say what is waited for. JSON, since
 * hosts choose the names and no mark between them is surely absent from all.
 */
const keyOf = (comm: string, { unit, state, wchan, stack }: BlockingTaskFacts): string =>
  JSON.stringify([comm, unit, state, wchan, stack?.map((frame) => [frame.function, frame.module]) ?? null])

interface Gathered {
  readonly comm: string
  readonly isFamily: boolean
  /** When each host began to wait, by its earliest task. */
  readonly hosts: Map<string, { readonly name: string; since: string }>
  taskCount: number
  /** The task that waits longest: its words stand for all. */
  longest: { since: string; facts: BlockingTaskFacts; transition: BlockedTransition }
}

/**
 * Tasks of many hosts by process name, unit and stack: whoever frees one knows how to free the others.
 * Pure, and its work grows with the tasks alone.
 */
export const blockingGroups = (hosts: readonly StalledHost[]): { groups: BlockingGroup[]; total: number } => {
  const gathered = new Map<string, Gathered>()
  for (const { id, name, sample, toServerTime } of hosts) {
    for (const facts of sample.blocking) {
      const since = toServerTime(facts.since)
      const family = taskFamily(facts.comm, facts.kernelThread)
      const comm = family ?? facts.comm
      const key = keyOf(comm, facts)
      // The words are about one task; how many others wait on its host is no matter of the group.
      const transition = { ...sample, blockingTotal: 1 }
      const group = gathered.get(key) ?? {
        ...{ comm, isFamily: family !== null, hosts: new Map(), taskCount: 0 },
        longest: { since, facts, transition },
      }
      gathered.set(key, group)
      group.taskCount += 1
      if (since < group.longest.since) group.longest = { since, facts, transition }
      const host = group.hosts.get(id)
      if (host === undefined) group.hosts.set(id, { name, since })
      else if (since < host.since) host.since = since
    }
  }
  const groups = [...gathered].map(([key, group]) => groupOf(shortKey(key), group))
  groups.sort((a, b) => b.hostCount - a.hostCount || (a.since < b.since ? -1 : a.since > b.since ? 1 : 0))
  return { groups: groups.slice(0, GROUPS_MAX), total: groups.length }
}

const groupOf = (key: string, { comm, isFamily, hosts, taskCount, longest }: Gathered): BlockingGroup => {
  const task = explainBlockingTask(longest.facts, longest.transition)
  const { kernelThread, wchan, stack, unit, heldFunction, reason } = task
  const place = heldFunction ?? wchan
  // Numbers of one host's processes mean nothing on the others.
  const ofAll = (text: string) =>
    text
      .replace(`${task.comm} (thread ${task.tid})`, task.comm)
      .replace(`process ${task.pid} (${task.comm})`, task.comm)
  return {
    ...{ key, comm, isFamily, kernelThread, wchan, stack, unit, heldFunction, reason, taskCount },
    explanation: ofAll(task.explanation),
    advice: task.advice.map((advice) => ({ ...advice, text: ofAll(advice.text) })),
    hostCount: hosts.size,
    since: longest.since,
    hosts: [...hosts]
      .map(([id, { name, since }]) => ({ id, name, since }))
      .sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : a.id < b.id ? -1 : 1))
      .slice(0, HOSTS_SHOWN),
    filter: [
      'state:stalled',
      isFamily ? `${formatFilterWord('blocking', comm)}*` : formatFilterWord('blocking', comm),
      ...(place === null ? [] : [formatFilterWord('function', place)]),
    ].join(' '),
  }
}
