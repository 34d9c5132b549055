import { type Kysely, sql } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import type { EnrolmentStore } from '../link/ports.ts'
import { quarantineHost } from './quarantine.ts'

/** Older boots of a host are forgotten. */
const BOOTS_KEPT = 64

/**
 * Keeps machine and boot of a host, and finds a second machine under its identity (threat-model T18). A boot id is made
 * anew at each boot (random(4), /proc/sys/kernel/random/boot_id), so one that comes back after another was seen means
 * that both machines run. Simulated and recorded kernels are played again from their beginning, and prove nothing.
 */
export const machineSeen = (
  database: Kysely<DatabaseSchema>,
  { hostId, machineId, bootId, now }: Parameters<EnrolmentStore['machineSeen']>[0],
): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const host = await transaction
      .selectFrom('hosts')
      .selectAll()
      .where('id', '=', hostId)
      .forUpdate()
      .executeTakeFirst()
    if (host === undefined || host.origin !== 'agent') return
    const otherMachine = machineId !== null && host.machine_id !== null && machineId !== host.machine_id
    const boot = bootId === null ? null : databaseText(bootId)
    const returned = boot !== null && (await enterBoot(transaction, hostId, boot, now))
    if (machineId !== null && host.machine_id === null) {
      await transaction.updateTable('hosts').set({ machine_id: machineId }).where('id', '=', hostId).execute()
    }
    if (host.quarantined_at !== null || !(otherMachine || returned)) return
    const reason = otherMachine
      ? 'Another machine speaks with the identity of this host: its machine id is not the one that enrolled.'
      : 'Two machines speak with the identity of this host: it came back in a boot that another boot had followed.'
    await quarantineHost(transaction, host, {
      reason,
      now,
      actor: { kind: 'server', id: null, name: 'rebootless', address: null },
      requestId: null,
    })
  })

/** Makes this the present boot. @returns whether it had been followed by another before */
const enterBoot = async (
  transaction: Parameters<typeof quarantineHost>[0],
  hostId: string,
  bootId: string,
  now: Date,
): Promise<boolean> => {
  const before = await transaction
    .selectFrom('host_boots')
    .select('superseded_at')
    .where('host_id', '=', hostId)
    .where('boot_id', '=', bootId)
    .executeTakeFirst()
  await transaction
    .updateTable('host_boots')
    .set({ superseded_at: now })
    .where('host_id', '=', hostId)
    .where('boot_id', '<>', bootId)
    .where('superseded_at', 'is', null)
    .execute()
  await transaction
    .insertInto('host_boots')
    .values({ host_id: hostId, boot_id: bootId, first_seen_at: now, superseded_at: null })
    .onConflict((conflict) => conflict.columns(['host_id', 'boot_id']).doUpdateSet({ superseded_at: null }))
    .execute()
  await sql`delete from host_boots where host_id = ${hostId} and boot_id in (
    select boot_id from host_boots where host_id = ${hostId} order by first_seen_at desc offset ${BOOTS_KEPT}
  )`.execute(transaction)
  return before !== undefined && before.superseded_at !== null
}
