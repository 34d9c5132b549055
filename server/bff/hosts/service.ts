import type { HostDetail, HostList, HostListQuery, HostRaw, PatchStatus } from '@rebootless/shared/contract/host.ts'
import type { HostRedirections } from '@rebootless/shared/contract/host-redirections.ts'
import type { HostTransition } from '@rebootless/shared/contract/host-transition.ts'
import type { RawFile } from '@rebootless/shared/contract/kernel.ts'
import type { HostKernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import { hostAccount } from '@rebootless/shared/domain/host-account.ts'
import { redirectionMap } from '@rebootless/shared/domain/redirections.ts'
import type { Kysely } from 'kysely'
import type { Clock } from '../clock.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { inServerTime } from '../ingest/host-clock.ts'
import { newestTransition, wholeSnapshot } from '../ingest/host-readings.ts'
import { readReadingsOf } from '../ingest/read-readings.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { filterConditions } from './filter-sql.ts'
import { countByShares, isCounted } from './fleet-shares.ts'
import { hostOrder, isKey } from './host-order.ts'
import { type HostScope, hostNotFound } from './host-scope.ts'
import { hostSummary } from './host-summary.ts'
import { readKernelReadings } from './kernel-readings.ts'
import * as queries from './queries.ts'
import { transitionView } from './transition-view.ts'

export interface Hosts {
  /** @throws DomainError `filter_invalid`, `cursor_invalid` */
  list(scope: HostScope, query: HostListQuery): Promise<HostList>
  /** These throw DomainError `host_not_found`, for a host out of scope as for none. */
  detail(scope: HostScope, id: string): Promise<HostDetail>
  raw(scope: HostScope, id: string): Promise<HostRaw>
  transition(scope: HostScope, id: string): Promise<HostTransition>
  redirections(scope: HostScope, id: string): Promise<HostRedirections>
  kernelReadings(scope: HostScope, id: string): Promise<HostKernelReadings>
}

type ToServerTime = <Time extends string | null>(hostTime: Time) => Time

const serverTime =
  (skewMs: number | null): ToServerTime =>
  <Time extends string | null>(hostTime: Time) =>
    (hostTime === null ? null : inServerTime(hostTime, skewMs).toISOString()) as Time

const withServerTimes = (status: PatchStatus, time: ToServerTime): PatchStatus => ({
  ...status,
  enabledAt: time(status.enabledAt),
  completedAt: time(status.completedAt),
  forcedAt: time(status.forcedAt),
  disabledAt: time(status.disabledAt),
})

const NOT_READ = { answer: 'unknown', reason: 'Nothing has been read of this host yet.' } as const

export const createHosts = (database: Kysely<DatabaseSchema>, clock: Clock): Hosts => {
  const readHost = async (scope: HostScope, id: string) => {
    const row = await queries.selectHost(database, scope, id)
    if (row === undefined) throw hostNotFound()
    const readings = await readReadingsOf(database, id)
    const snapshot = readings.snapshot === null ? null : wholeSnapshot(readings.snapshot.body)
    const bootId = databaseText(snapshot?.kernel.bootId ?? '')
    return { row, snapshot, bootId, transition: newestTransition(readings), time: serverTime(row.clock_skew_ms) }
  }

  return {
    async list(scope, { filter, sort, limit, cursor }) {
      const conditions = filterConditions(filter)
      const order = hostOrder(sort)
      const after = cursor === undefined ? undefined : decodeCursor(filter, sort, cursor, (key) => isKey(order, key))
      const now = clock.now()
      const [rows, total] = await Promise.all([
        queries.selectHostPage(database, scope, conditions, order, limit, after),
        isCounted(scope, filter)
          ? countByShares(database, conditions)
          : queries.countHosts(database, scope, conditions),
      ])
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      return {
        items: page.map((row) => hostSummary(row, now)),
        nextCursor: rows.length > limit && last !== undefined ? encodeCursor(filter, sort, last.key) : null,
        total,
        asOf: now.toISOString(),
      }
    },

    async detail(scope, id) {
      const now = clock.now()
      const { row, snapshot, bootId, transition, time } = await readHost(scope, id)
      const kernelEvents = await queries.selectKernelEvents(database, id, bootId)
      const account = snapshot === null ? null : hostAccount(snapshot, transition)
      const absent = snapshot?.providers.filter(({ present }) => !present) ?? []
      return {
        ...hostSummary(row, now),
        hostClass: row.host_class,
        agentVersion: row.agent_version,
        clockSkewMs: row.clock_skew_ms,
        kernel: snapshot === null ? null : { ...snapshot.kernel, bootedAt: time(snapshot.kernel.bootedAt) },
        os: snapshot?.operatingSystem ?? null,
        providerReports: [...(account?.providers ?? []), ...absent].map((report) => ({
          ...report,
          since: time(report.since),
          checkedAt: time(report.checkedAt),
        })),
        disagreements: account?.disagreements ?? [],
        rebootNeed: account?.rebootNeed ?? NOT_READ,
        distribution: snapshot?.distribution ?? null,
        stack: (account?.statuses ?? []).map((status) => withServerTimes(status, time)),
        kernelEvents: kernelEvents.map((event) => ({ ...event, at: time(event.at) })),
        unreadable: snapshot?.unreadable ?? [],
        asOf: now.toISOString(),
      }
    },

    async raw(scope, id) {
      const row = await queries.selectHost(database, scope, id)
      if (row === undefined) throw hostNotFound()
      const reading = await queries.selectRaw(database, id)
      return {
        files: (reading?.raw ?? []) as RawFile[],
        readAt: row.read_at?.toISOString() ?? null,
        asOf: clock.now().toISOString(),
      }
    },

    async transition(scope, id) {
      const { snapshot, bootId, transition, time } = await readHost(scope, id)
      const [samples, kernelEvents] = await Promise.all([
        queries.selectLastTransition(database, id, bootId),
        queries.selectKernelEvents(database, id, bootId),
      ])
      const memory = snapshot?.memory ?? []
      const view = transitionView({ running: transition, samples, memory, kernelEvents, toServerTime: time })
      return { transition: view, asOf: clock.now().toISOString() }
    },

    async redirections(scope, id) {
      const { row, snapshot, transition } = await readHost(scope, id)
      const map =
        snapshot === null
          ? { patches: [], objects: [], tasks: null, functionCount: 0 }
          : redirectionMap(snapshot, transition)
      return { ...map, readAt: row.read_at?.toISOString() ?? null, asOf: clock.now().toISOString() }
    },

    async kernelReadings(scope, id) {
      const row = await queries.selectHost(database, scope, id)
      if (row === undefined) throw hostNotFound()
      return readKernelReadings(database, row, clock.now())
    },
  }
}
