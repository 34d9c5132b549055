import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { explainWhyItBlocks, heldFunctionOf } from '@rebootless/shared/domain/blocking-task.ts'
import { formatFilterWord } from '@rebootless/shared/domain/filter.ts'
import type { HostAccount } from '@rebootless/shared/domain/host-account.ts'
import { unredirectedFunctions } from '@rebootless/shared/domain/host-state.ts'
import { type ProviderNeed, providerNeeds } from '@rebootless/shared/domain/provider-needs.ts'
import { taskFamily } from '@rebootless/shared/domain/task-family.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'
import type { HostsTable } from '../database/schema.ts'
import { cause, filterOfCause, type HostCause, keyOf } from './host-cause.ts'
import { providerCauses } from './provider-causes.ts'

const CAUSES_MAX = 8

/** One for each task name and function that hold the transition back. */
const stalled = (transition: TransitionSample | null): HostCause[] => {
  const byKey = new Map<string, HostCause>()
  for (const task of transition?.blocking ?? []) {
    if (transition === null) break
    const place = heldFunctionOf(task) ?? task.wchan
    const family = taskFamily(task.comm, task.kernelThread)
    const who = family === null ? task.comm : `${family}*`
    const key = keyOf('stalled', who, place ?? '')
    const known = byKey.get(key)
    if (known?.since !== undefined && known.since <= task.since) continue
    byKey.set(
      key,
      cause({
        key,
        title: place === null ? `${who} holds a transition back` : `${who} in ${place} holds a transition back`,
        explanation: explainWhyItBlocks(task, transition).replace(` (thread ${task.tid})`, ''),
        filter: [
          'state:stalled',
          family === null ? formatFilterWord('blocking', task.comm) : `${formatFilterWord('blocking', family)}*`,
          ...(place === null ? [] : [formatFilterWord('function', place)]),
        ].join(' '),
        since: task.since,
        blocking: task.comm,
        function: place,
      }),
    )
  }
  if (byKey.size > 0) return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, CAUSES_MAX)
  const explanation = 'The agent cannot see which tasks they are: it needs root to read their stacks.'
  return [
    cause({ key: 'stalled', title: 'Tasks hold a transition back', explanation, filter: 'state:stalled -blocking:*' }),
  ]
}

const failed = ({ kernelEvents }: Snapshot): HostCause[] => {
  const failure = kernelEvents?.findLast(({ kind }) => kind === 'enable_failed')
  const patch = failure?.patch ?? null
  const text = failure?.text ?? 'The kernel log says why.'
  return [
    cause({
      key: keyOf('failed', patch ?? '', text),
      title: `The kernel refused ${patch ?? 'a livepatch'}`,
      explanation: text,
      filter: patch === null ? 'state:failed' : `state:failed ${formatFilterWord('patch', patch)}`,
      since: failure?.at,
    }),
  ]
}

const forced = ({ memory }: Snapshot): HostCause[] => {
  const explanation =
    'Tasks may run old and new code together, and a module that was forced out, or replaced by force, cannot leave; only a reboot clears that.'
  const patches = memory.filter(({ forcedAt }) => forcedAt !== null).slice(0, CAUSES_MAX)
  if (patches.length === 0) {
    return [cause({ key: 'forced', title: 'A livepatch was forced', explanation, filter: 'state:forced' })]
  }
  return patches.map(({ name, forcedAt }) =>
    cause({
      key: keyOf('forced', name),
      title: `${name} was forced`,
      explanation,
      filter: `state:forced ${formatFilterWord('patch', name)}`,
      since: forcedAt ?? undefined,
    }),
  )
}

/** No system tells of a fix that is missing: what is left is that nothing is in effect. */
const unprotected = ({ statuses }: HostAccount): HostCause[] => {
  const [patch] = statuses
  if (patch === undefined) {
    return [
      cause({
        key: 'exposed',
        title: 'No live patch is in effect',
        explanation:
          'None of the systems that the agent can read has a patch in: load one, or plan a reboot into a fixed kernel.',
        filter: filterOfCause('exposed', 'exposed'),
      }),
    ]
  }
  const key = keyOf('exposed', patch.name)
  return [
    cause({
      key,
      title: `${patch.name} is not in effect`,
      explanation: 'The patch was taken out again, so its fixes are gone; enable it again, or load a newer one.',
      filter: filterOfCause('exposed', key),
    }),
  ]
}

const unredirected = (): HostCause =>
  cause({
    key: 'drifted',
    title: 'sysfs and ftrace disagree',
    explanation: 'sysfs says that functions are patched, but ftrace does not redirect them.',
    filter: filterOfCause('drifted', 'drifted'),
  })

const stale = (): HostCause =>
  cause({
    key: 'stale',
    title: 'What is known is old',
    explanation: 'Nothing was heard lately, or the agent cannot read the livepatch files: look at the agent.',
    filter: filterOfCause('stale', 'stale'),
  })

const offline = (): HostCause =>
  cause({
    key: 'offline',
    title: 'The agent is not connected',
    explanation: 'The host is down, cut off, or its agent has stopped: `rebootless-agent status` on it tells.',
    filter: 'state:offline',
  })

export interface CauseFacts {
  readonly state: HostState
  readonly contact: HostsTable['contact']
  readonly snapshot: Snapshot | null
  readonly transition: TransitionSample | null
  readonly account: HostAccount | null
}

/** What a person would have to look into; nothing for hosts that are well or under way. */
export const hostCauses = ({ state, contact, snapshot, transition, account }: CauseFacts): HostCause[] => {
  if (state === 'offline') return [offline()]
  if (snapshot === null || account === null) return state === 'stale' ? [stale()] : []
  // Of a host that is silent its systems may have made another one since.
  if (state === 'stale' && contact !== 'fresh') return [stale()]
  const needs = providerNeeds(snapshot, account)
  const bySystems = providerCauses(state, account, needs)
  const told = needs.some((need) => need.state === state)
  return [...ofState({ state, snapshot, transition, account, needs, told }), ...bySystems].slice(0, CAUSES_MAX * 2)
}

interface StateFacts {
  readonly state: HostState
  readonly snapshot: Snapshot
  readonly transition: TransitionSample | null
  readonly account: HostAccount
  readonly needs: readonly ProviderNeed[]
  /** One of the systems puts the host in this state. */
  readonly told: boolean
}

const ofState = ({ state, snapshot, transition, account, needs, told }: StateFacts): HostCause[] => {
  switch (state) {
    case 'stalled':
      return stalled(transition)
    case 'failed':
      return told ? [] : failed(snapshot)
    case 'forced':
      return forced(snapshot)
    case 'exposed':
      return told ? [] : unprotected(account)
    case 'drifted':
      return unredirectedFunctions(snapshot, account.statuses, transition).length > 0 ? [unredirected()] : []
    case 'stale':
      return needs.some(({ kind }) => kind === 'unreadable') ? [] : [stale()]
    default:
      return []
  }
}
