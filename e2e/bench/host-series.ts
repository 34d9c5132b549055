import type { BenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import { HOST_STATES, type HostState } from '@rebootless/shared/domain/words.ts'
import type { HostSeries } from './prometheus-of-hosts.ts'

/** Greater is more urgent. */
export const urgencyOf = (state: HostState): number => HOST_STATES.length - HOST_STATES.indexOf(state)

/** What Prometheus is told of the hosts that stand in a program's database. */
export const readSeries = async (database: BenchDatabase['kysely']): Promise<HostSeries[]> => {
  const rows = await database
    .selectFrom('hosts')
    .select(['name', 'state', 'kernel_release', 'state_since', 'tasks_total', 'tasks_remaining', 'reboot', 'connected'])
    .select('exposure_class')
    .execute()
  const now = Date.now()
  return rows.map((row) => ({
    ...{ name: row.name, state: row.state, urgency: urgencyOf(row.state), kernel: row.kernel_release },
    stalledSeconds: row.state === 'stalled' ? (now - row.state_since.getTime()) / 1000 : 0,
    ...{ tasksTotal: row.tasks_total, tasksRemaining: row.tasks_remaining, connected: row.connected },
    ...{ rebootNeeded: row.reboot === 'yes', exposureClass: row.exposure_class ?? '' },
  }))
}
