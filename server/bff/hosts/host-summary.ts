import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { hostState, OFFLINE_AFTER_MS, STALE_AFTER_MS } from '@rebootless/shared/domain/host-state.ts'
import { type Selectable, sql } from 'kysely'
import type { HostsTable } from '../database/schema.ts'

/** The columns that a row of the host table needs. */
export const SUMMARY_COLUMNS = [
  'hosts.id',
  'hosts.name',
  'hosts.origin',
  'hosts.state',
  'hosts.state_reason',
  'hosts.state_since',
  'hosts.labels',
  'hosts.kernel_release',
  'hosts.architecture',
  'hosts.operating_system',
  'hosts.providers',
  'hosts.effective_kernel',
  'hosts.reboot',
  'hosts.patches',
  'hosts.transition',
  'hosts.connected',
  'hosts.quarantined_at',
  'hosts.last_seen_at',
  'hosts.read_at',
  'hosts.revision',
] as const satisfies `hosts.${keyof HostsTable}`[]

const exposure = sql<HostSummary['exposure']>`(
  select json_build_object('exposed', exposed, 'knownExploited', known_exploited, 'worst', worst,
    'doubted', hosts.exposure_doubted)
  from exposure_classes where exposure_classes.id = hosts.exposure_class and print is not null
)`
/** Beside the columns: of its class of exposure. */
export const SUMMARY_EXPOSURE = exposure.as('exposure')

type WithoutTable<Column extends string> = Column extends `hosts.${infer Name}` ? Name : never
export type SummaryRow = Pick<
  Selectable<HostsTable>,
  WithoutTable<(typeof SUMMARY_COLUMNS)[number]> & keyof Selectable<HostsTable>
> &
  Pick<HostSummary, 'exposure'>

/** "Nothing has been heard for 3 minutes" grows with time, so it is said anew at each reading. */
const reasonNow = (row: SummaryRow, now: Date): string => {
  const silence = row.last_seen_at === null ? 0 : now.getTime() - row.last_seen_at.getTime()
  const silent =
    (row.state === 'stale' && silence > STALE_AFTER_MS) || (row.state === 'offline' && silence > OFFLINE_AFTER_MS)
  if (!silent) return row.state_reason
  return hostState({
    snapshot: null,
    transition: null,
    connected: row.connected,
    lastSeenAt: row.last_seen_at?.getTime() ?? null,
    now: now.getTime(),
  }).reason
}

export const hostSummary = (row: SummaryRow, now: Date): HostSummary => ({
  id: row.id,
  name: row.name,
  origin: row.origin,
  state: row.state,
  stateReason: reasonNow(row, now),
  stateSince: row.state_since.toISOString(),
  labels: row.labels,
  kernelRelease: row.kernel_release,
  architecture: row.architecture,
  operatingSystem: row.operating_system,
  providers: row.providers,
  effectiveKernel: row.effective_kernel,
  reboot: row.reboot,
  exposure: row.exposure,
  patches: row.patches,
  transition: row.transition,
  connected: row.connected,
  quarantined: row.quarantined_at !== null,
  lastSeenAt: row.last_seen_at?.toISOString() ?? null,
  readAt: row.read_at?.toISOString() ?? null,
  revision: Number(row.revision),
})
