import type { HostPolicySummary } from '@rebootless/shared/contract/agent-message.ts'
import { hostAccount } from '@rebootless/shared/domain/host-account.ts'
import { type FitHost, type FitReading, fitReading, NOT_READ } from '@rebootless/shared/domain/patch-fit-host.ts'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostScope } from '../hosts/host-scope.ts'
import { newestTransition, wholeSnapshot } from '../ingest/host-readings.ts'
import { NO_READINGS, readReadings } from '../ingest/read-readings.ts'
import { inPieces } from './in-pieces.ts'

/** A host as the fit of a patch is decided on it. */
export interface NamedHost {
  readonly id: string
  readonly name: string
  readonly facts: FitHost
}

/** What is kept of a host is a few hundred bytes, with Ksplice some ten thousand. Of a larger fleet the rest is read anew. */
const KEPT_MAX = 20_000

/**
 * Which messages of a host there are, as text: what was made of them holds as long as it is the same. On the table `hosts`, by
 * that name; one statement with the hosts, since ids of a whole fleet sent back cost more than all the rest.
 */
export const MESSAGES_OF_HOST = sql<string | null>`(
  select string_agg(kind || epoch || '.' || sequence, ' ' order by kind) from host_readings
  where host_readings.host_id = hosts.id and kind <> 'heartbeat'
)`

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
        .select(['kernel_release', 'architecture', 'providers', MESSAGES_OF_HOST.as('of')])
        .where(scope.condition)
      for (const condition of conditions) query = query.where(condition)
      const rows = await query.orderBy('name_sort').orderBy('id').execute()
      const found = new Map<string, Kept>()
      const unknown: string[] = []
      const of = new Map<string, string>()
      for (const row of rows) {
        if (row.of === null || !readingsOf({ ...row, release: row.kernel_release })) continue
        const host = kept.get(row.id)
        if (host?.of === row.of) found.set(row.id, host)
        else {
          unknown.push(row.id)
          of.set(row.id, row.of)
        }
      }
      await inPieces(unknown, async (piece) => {
        for (const [id, host] of await readSome(piece, of)) {
          found.set(id, host)
          keep(id, host)
        }
      })
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
