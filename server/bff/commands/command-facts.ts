import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import { hostAccount } from '@rebootless/shared/domain/host-account.ts'
import type { ActionFacts } from '@rebootless/shared/domain/possible-actions.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import { isTransitionOld, newestTransition, wholeSnapshot } from '../ingest/host-readings.ts'
import { NO_READINGS, readReadings } from '../ingest/read-readings.ts'

/** One host, as far as a decision to command it hangs on it. */
export interface CommandHost {
  readonly id: string
  readonly name: string
  /** Of the running kernel; null: not read yet. */
  readonly kernelRelease: string | null
  /** Hex; null: not read, or by an older agent. */
  readonly kernelBuildId: string | null
  readonly sample: TransitionSample | null
  readonly facts: ActionFacts
}

/** Snapshots are large: so many are held at once. */
const HOSTS_AT_ONCE = 32

/** @returns by id; hosts that are not there are left out */
export const readCommandHosts = async (
  database: Kysely<DatabaseSchema>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, CommandHost>> => {
  const { frozen } = await database.selectFrom('fleet_freeze').select('frozen').executeTakeFirstOrThrow()
  const hosts = new Map<string, CommandHost>()
  for (let from = 0; from < ids.length; from += HOSTS_AT_ONCE) {
    for (const host of await readSome(database, ids.slice(from, from + HOSTS_AT_ONCE), frozen)) hosts.set(host.id, host)
  }
  return hosts
}

const readSome = async (
  database: Kysely<DatabaseSchema>,
  ids: readonly string[],
  frozen: boolean,
): Promise<CommandHost[]> => {
  const rows = await database
    .selectFrom('hosts')
    .select(['id', 'name', 'origin', 'connected', 'host_class', 'clock_skew_ms', 'quarantined_at'])
    .where('id', 'in', [...ids])
    .execute()
  const readings = await readReadings(database, ids)
  return rows.map((row) => {
    const said = readings.get(row.id) ?? NO_READINGS
    const snapshot = said.snapshot === null ? null : wholeSnapshot(said.snapshot.body)
    const sample = newestTransition(said)
    const account = snapshot === null ? null : hostAccount(snapshot, sample)
    return {
      id: row.id,
      name: row.name,
      kernelRelease: snapshot?.kernel.release ?? null,
      kernelBuildId: snapshot?.kernel.buildId ?? null,
      sample,
      facts: {
        hostClass: row.host_class,
        policy: said.hello?.body.policy ?? null,
        protocol: said.hello?.body.protocol ?? null,
        origin: row.origin,
        connected: row.connected,
        quarantined: row.quarantined_at !== null,
        frozen,
        clockSkewMs: row.clock_skew_ms,
        forcedThisBoot:
          snapshot !== null &&
          (snapshot.memory.some(({ forcedAt }) => forcedAt !== null) ||
            snapshot.kernelEvents?.some(({ kind }) => kind === 'forced') === true),
        hasLivepatch: snapshot !== null && snapshot.livepatches !== null,
        stack: account?.statuses ?? [],
        transition: sample,
        transitionIsOld: isTransitionOld(said),
        providers: (account?.providers ?? []).map(({ name }) => name),
      },
    }
  })
}
