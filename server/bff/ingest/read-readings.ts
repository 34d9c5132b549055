import type { Hello } from '@rebootless/shared/contract/agent-message.ts'
import type { TransitionSample } from '@rebootless/shared/contract/transition.ts'
import type { Kysely } from 'kysely'
import type { DatabaseSchema } from '../database/schema.ts'
import type { HostReadings, StoredSnapshot } from './host-readings.ts'

/** The registers of one host. Their bodies were parsed by the contract before they were stored. */
export const readReadings = async (database: Kysely<DatabaseSchema>, hostId: string): Promise<HostReadings> => {
  const rows = await database
    .selectFrom('host_readings')
    .select(['kind', 'epoch', 'sequence', 'body'])
    .where('host_id', '=', hostId)
    .where('kind', '!=', 'heartbeat')
    .execute()
  const find = <Body>(kind: string) => {
    const row = rows.find((candidate) => candidate.kind === kind)
    if (row === undefined) return null
    return { epoch: Number(row.epoch), sequence: Number(row.sequence), body: row.body as Body }
  }
  return {
    hello: find<Hello>('hello'),
    snapshot: find<StoredSnapshot>('snapshot'),
    transition: find<{ sample: TransitionSample | null }>('transition'),
  }
}
