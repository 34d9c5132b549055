import type { HostListQuery } from '@rebootless/shared/contract/host.ts'

export type HostSort = HostListQuery['sort']

/** The contract's list, whose values the browser does not import with its schemas; the type holds the two together. */
const SORTS = {
  state: true,
  '-state': true,
  name: true,
  '-name': true,
  kernel: true,
  '-kernel': true,
  lastSeen: true,
  '-lastSeen': true,
  stateSince: true,
  '-stateSince': true,
} satisfies Record<HostSort, true>
export const HOST_SORTS = Object.keys(SORTS) as HostSort[]
