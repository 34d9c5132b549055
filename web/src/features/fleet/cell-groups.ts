import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { HOST_STATES } from '@rebootless/shared/domain/words.ts'

export interface CellGroup {
  name: string
  hosts: HostSummary[]
  /** Those that are drawn by now. */
  shown: HostSummary[]
  /** Hosts of this group that are neither patched nor on their way. */
  unsettled: number
}

/** What of each group is shown when so many cells are, the first group's first; groups that have none yet are left out. */
export const firstCells = (groups: readonly CellGroup[], cells: number): CellGroup[] => {
  let left = cells
  return groups.flatMap((group) => {
    const shown = group.hosts.slice(0, Math.max(0, left))
    left -= shown.length
    return shown.length === 0 ? [] : { ...group, shown }
  })
}

/**
 * About how high a map of so many hosts becomes, in pixels, so that nothing below it jumps when they come: 45 cells of 16 pixels in a row,
 * and a heading for each group.
 */
export const mapHeight = (hosts: number, groups: number): number => 88 + hosts * 0.36 + groups * 40

const NOT_SET = 'not set'

const groupNameOf = (host: HostSummary, group: string): string => {
  if (group === 'kernel') return host.kernelRelease
  if (group === 'provider') return host.providers[0] ?? 'none'
  if (group === 'origin') return host.origin
  return group.startsWith('label.') ? (host.labels[group.slice('label.'.length)] ?? NOT_SET) : ''
}

/** Hosts by `kernel`, `provider` (the one that does the work), `origin`, `none` or `label.KEY`; largest group first, hosts by name within. */
export const cellGroups = (hosts: readonly HostSummary[], group: string): CellGroup[] => {
  const groups = new Map<string, HostSummary[]>()
  for (const host of hosts) {
    const name = groupNameOf(host, group)
    const members = groups.get(name)
    if (members) members.push(host)
    else groups.set(name, [host])
  }
  return [...groups]
    .map(([name, members]) => ({
      name,
      hosts: members.sort((left, right) => (left.name < right.name ? -1 : 1)),
      shown: members,
      unsettled: members.filter(({ state }) => state !== 'patched' && state !== 'patching').length,
    }))
    .sort((left, right) => right.hosts.length - left.hosts.length || (left.name < right.name ? -1 : 1))
}

/** What the hosts can be grouped by: the fixed ones, and every label key that some host has. */
export const groupChoices = (hosts: readonly HostSummary[]): string[] => {
  const keys = new Set(hosts.flatMap((host) => Object.keys(host.labels)))
  return ['kernel', 'provider', 'origin', ...[...keys].sort().map((key) => `label.${key}`), 'none']
}

/** Hosts of a group in the order of urgency, for the table that says what the picture says. */
export const countsByState = (hosts: readonly HostSummary[]) =>
  HOST_STATES.map((state) => ({ state, hosts: hosts.filter((host) => host.state === state).length })).filter(
    (row) => row.hosts > 0,
  )
