import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { explainBlockingTask } from '@rebootless/shared/domain/blocking-task.ts'
import { formatFilterWord } from '@rebootless/shared/domain/filter.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'
import type { StoredSnapshot } from './host-readings.ts'

/** Why one host needs someone. Hosts with the same key wait for the same thing. */
export interface HostCause {
  readonly key: string
  readonly title: string
  readonly explanation: string
  /** Finds all hosts with this cause. */
  readonly filter: string
  /** In the host's clock; undefined: since the host is in its state. */
  readonly since: string | undefined
  readonly blocking: string | null
  readonly function: string | null
}

const CAUSES_MAX = 8
const cut = (text: string) => (text.length <= 600 ? text : `${text.slice(0, 599)}…`)
/** Two names, or a kernel's line, fit a key by their beginning. */
const keyOf = (...parts: readonly string[]) => parts.map((part) => part.slice(0, 180)).join('|')

const cause = (
  fields: Pick<HostCause, 'key' | 'title' | 'explanation' | 'filter'> & Partial<HostCause>,
): HostCause => ({
  since: undefined,
  blocking: null,
  function: null,
  ...fields,
  title: cut(fields.title),
  explanation: cut(fields.explanation),
})

/** One for each task name and function that hold the transition back. */
const stalled = (transition: TransitionSample | null): HostCause[] => {
  const byKey = new Map<string, HostCause>()
  for (const facts of transition?.blocking ?? []) {
    if (transition === null) break
    const task = explainBlockingTask(facts, transition)
    const place = task.heldFunction ?? task.wchan
    const key = keyOf('stalled', task.comm, place ?? '')
    const known = byKey.get(key)
    if (known?.since !== undefined && known.since <= task.since) continue
    byKey.set(
      key,
      cause({
        key,
        title:
          place === null ? `${task.comm} holds a transition back` : `${task.comm} in ${place} holds a transition back`,
        explanation: task.explanation.replace(` (thread ${task.tid})`, ''),
        filter: [
          'state:stalled',
          formatFilterWord('blocking', task.comm),
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

const failed = ({ kernelEvents }: StoredSnapshot): HostCause[] => {
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

const forced = ({ memory }: StoredSnapshot): HostCause[] => {
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

const exposed = (patchNames: readonly string[]): HostCause[] => {
  const [patch] = patchNames
  if (patch === undefined) {
    return [
      cause({
        key: 'exposed',
        title: 'No livepatch is loaded',
        explanation:
          'As far as the livepatch provider can see: other systems do not show there. Load a livepatch, or plan a reboot into a fixed kernel.',
        filter: 'state:exposed -patch:*',
      }),
    ]
  }
  return [
    cause({
      key: keyOf('exposed', patch),
      title: `${patch} is not in effect`,
      explanation: 'The patch was taken out again, so its fixes are gone; enable it again, or load a newer one.',
      filter: `state:exposed ${formatFilterWord('patch', patch)}`,
    }),
  ]
}

/** What a person would have to look into; nothing for states that are well or under way. */
export const hostCauses = (
  state: HostState,
  snapshot: StoredSnapshot | null,
  transition: TransitionSample | null,
  patchNames: readonly string[],
): HostCause[] => {
  switch (state) {
    case 'stalled':
      return stalled(transition)
    case 'failed':
      return snapshot === null ? [] : failed(snapshot)
    case 'forced':
      return snapshot === null ? [] : forced(snapshot)
    case 'exposed':
      return exposed(patchNames)
    case 'drifted':
      return [
        cause({
          key: 'drifted',
          title: 'sysfs and ftrace disagree',
          explanation: 'sysfs says that functions are patched, but ftrace does not redirect them.',
          filter: 'state:drifted',
        }),
      ]
    case 'stale':
      return [
        cause({
          key: 'stale',
          title: 'What is known is old',
          explanation: 'Nothing was heard lately, or the agent cannot read the livepatch files: look at the agent.',
          filter: 'state:stale',
        }),
      ]
    case 'offline':
      return [
        cause({
          key: 'offline',
          title: 'The agent is not connected',
          explanation: 'The host is down, cut off, or its agent has stopped: `rebootless-agent status` on it tells.',
          filter: 'state:offline',
        }),
      ]
    default:
      return []
  }
}
