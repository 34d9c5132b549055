import type { HostPolicySummary } from '@rebootless/shared/contract/agent-message.ts'
import { hostAccount } from '@rebootless/shared/domain/host-account.ts'
import { type FitHost, type FitReading, fitReading, NOT_READ } from '@rebootless/shared/domain/patch-fit-host.ts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { newestTransition, wholeSnapshot } from '../ingest/host-readings.ts'
import { NO_READINGS, readReadings } from '../ingest/read-readings.ts'

/** A host as the fit of a patch is decided on it. */
export interface NamedHost {
  readonly id: string
  readonly name: string
  readonly facts: FitHost
}

/** Snapshots are large: so many are held at once. */
const HOSTS_AT_ONCE = 32
/** What is kept of a host is a few hundred bytes, with Ksplice some ten thousand. Of a larger fleet the rest is read anew. */
const KEPT_MAX = 20_000

interface Kept {
  /** Which messages it was made from. */
  readonly of: string
  readonly reading: FitReading
  readonly policy: HostPolicySummary | null
  readonly protocol: number | null
}

const UNHEARD: Kept = { of: '', reading: NOT_READ, policy: null, protocol: null }

/** What a host's row tells without its readings. */
export interface HostRow {
  readonly release: string
  readonly architecture: string
  readonly providers: readonly string[]
}

export interface FitHosts {
  /**
   * Hosts of a scope by name, with what decides; of those whose readings are not asked for, only the row's.
   * @param readingsOf whether more than the row is needed
   */
  read(
    scope: HostScope,
    conditions: readonly RawBuilder<boolean>[],
    readingsOf: (host: HostRow) => boolean,
  ): Promise<NamedHost[]>
}

/**
 * What follows from a snapshot is kept until a newer one comes: a fleet's are hundreds of megabytes, and each question about
 * a patch asks all of them.
 */
export const createFitHosts = (database: Kysely<DatabaseSchema>): FitHosts => {
  const kept = new Map<string, Kept>()

  const orders = async (ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const rows = await database
      .selectFrom('host_readings')
      .select('host_id')
      .select(sql<string>`string_agg(kind || epoch || '.' || sequence, ' ' order by kind)`.as('of'))
      .where(sql<boolean>`host_id = any(${[...ids]}::uuid[])`)
      .where('kind', '!=', 'heartbeat')
      .groupBy('host_id')
      .execute()
    return new Map(rows.map((row) => [row.host_id, row.of]))
  }

  const readSome = async (ids: readonly string[], of: ReadonlyMap<string, string>): Promise<[string, Kept][]> => {
    const readings = await readReadings(database, ids)
    return ids.map((id) => {
      const said = readings.get(id) ?? NO_READINGS
      const snapshot = said.snapshot === null ? null : wholeSnapshot(said.snapshot.body)
      const sample = newestTransition(said)
      const reading = snapshot === null ? NOT_READ : fitReading(snapshot, sample, hostAccount(snapshot, sample))
      const { policy = null, protocol = null } = said.hello?.body ?? {}
      return [id, { of: of.get(id) ?? '', reading, policy, protocol }]
    })
  }

  const keep = (id: string, host: Kept): void => {
    kept.delete(id)
    kept.set(id, host)
    const [oldest] = kept.keys()
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
  }

  return {
    async read(scope, conditions, readingsOf) {
      let query = database
        .selectFrom('hosts')
        .select(['id', 'name', 'origin', 'connected', 'host_class', 'quarantined_at'])
        .select(['kernel_release', 'architecture', 'providers'])
        .where(scope.condition)
      for (const condition of conditions) query = query.where(condition)
      const rows = await query.orderBy('name_sort').orderBy('id').execute()
      const wanted = rows.filter((row) => readingsOf({ ...row, release: row.kernel_release })).map(({ id }) => id)
      const of = wanted.length === 0 ? new Map<string, string>() : await orders(wanted)
      const found = new Map<string, Kept>()
      const unknown: string[] = []
      for (const id of wanted) {
        const host = kept.get(id)
        if (host !== undefined && host.of === of.get(id)) found.set(id, host)
        else if (of.has(id)) unknown.push(id)
      }
      for (let from = 0; from < unknown.length; from += HOSTS_AT_ONCE) {
        for (const [id, host] of await readSome(unknown.slice(from, from + HOSTS_AT_ONCE), of)) {
          found.set(id, host)
          keep(id, host)
        }
      }
      return rows.map((row) => {
        const { reading, policy, protocol } = found.get(row.id) ?? UNHEARD
        return {
          ...{ id: row.id, name: row.name },
          facts: {
            ...reading,
            ...{ hostClass: row.host_class, policy, protocol, origin: row.origin, connected: row.connected },
            ...{
              quarantined: row.quarantined_at !== null,
              release: row.kernel_release,
              architecture: row.architecture,
            },
          },
        }
      })
    },
  }
}
