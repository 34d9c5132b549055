import type { FleetCounts } from '@rebootless/shared/contract/fleet.ts'
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { HOST_ORIGINS, HOST_STATES } from '@rebootless/shared/domain/words.ts'
import type { KnownValues } from '../../shell/filter-words.ts'

/** Values for completion: all kernels and providers of the fleet, and the rest from the hosts that were fetched. */
export const knownValues = (counts: FleetCounts | undefined, hosts: readonly HostSummary[]): KnownValues => {
  const values = new Map<string, Set<string>>([
    ['state', new Set(HOST_STATES.filter((state) => !counts || (counts.byState[state] ?? 0) > 0))],
    ['origin', new Set(HOST_ORIGINS.filter((origin) => !counts || (counts.byOrigin[origin] ?? 0) > 0))],
  ])
  const add = (key: string, value: string | null) => {
    if (value === null || value === '') return
    const found = values.get(key)
    if (found) found.add(value)
    else values.set(key, new Set([value]))
  }
  for (const row of counts?.byKernel ?? []) add('kernel', row.kernelRelease)
  for (const row of counts?.byProvider ?? []) add('provider', row.provider)
  for (const host of hosts) {
    add('name', host.name)
    add('arch', host.architecture)
    add('os', host.operatingSystem)
    add('kernel', host.kernelRelease)
    for (const provider of host.providers) add('provider', provider)
    add('effective', host.effectiveKernel)
    add('reboot', host.reboot)
    for (const patch of host.patches) add('patch', patch.name)
    for (const [key, value] of Object.entries(host.labels)) add(`label.${key}`, value)
  }
  return new Map([...values].map(([key, found]) => [key, [...found].sort()]))
}
