import type { PatchStatus } from '@rebootless/shared/contract/host.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { HostCondition } from '@rebootless/shared/domain/host-state.ts'
import type { StoredSnapshot } from './host-readings.ts'

type Times = readonly (string | null | undefined)[]
const known = (times: Times) => times.filter((time): time is string => typeof time === 'string').sort()
const earliest = (times: Times) => known(times)[0]
const latest = (times: Times) => known(times).at(-1)

/**
 * Since when a host is in a state, in its own clock, from what was read alone: a date taken when a message arrives would
 * depend on the order in which messages do. Undefined where nothing that was read tells.
 */
export const stateSince = (
  { state, provider }: HostCondition,
  snapshot: StoredSnapshot | null,
  transition: TransitionSample | null,
  statuses: readonly PatchStatus[],
): string | undefined => {
  if (snapshot === null) return undefined
  const { memory, kernelEvents, kernel, takenAt } = snapshot
  // Tools do not say since when, but the agent knows how long they have said the same.
  if (provider !== undefined) return snapshot.providers.find(({ name }) => name === provider)?.since ?? takenAt
  const events = kernelEvents ?? []
  switch (state) {
    case 'forced':
      return earliest([
        ...memory.map(({ forcedAt }) => forcedAt),
        ...events.filter(({ kind }) => kind === 'forced').map(({ at }) => at),
      ])
    case 'stalled':
      return earliest(transition?.blocking.map(({ since }) => since) ?? []) ?? transition?.startedAt
    case 'patching':
    case 'unpatching':
      return transition?.startedAt ?? latest(memory.map(({ transitionStartedAt }) => transitionStartedAt)) ?? takenAt
    case 'failed':
      return latest(events.filter(({ kind }) => kind === 'enable_failed').map(({ at }) => at)) ?? takenAt
    case 'exposed':
      return latest(memory.map(({ disabledAt }) => disabledAt)) ?? kernel.bootedAt ?? takenAt
    case 'patched': {
      const applied = statuses.filter((status) => status.state === 'applied')
      return latest(applied.map(({ completedAt }) => completedAt)) ?? takenAt
    }
    case 'unsupported':
      return kernel.bootedAt ?? takenAt
    case 'drifted':
      return takenAt
    case 'stale':
    case 'offline':
      return undefined
  }
}
