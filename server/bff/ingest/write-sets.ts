import type { AgentMessage } from '@rebootless/shared/contract/agent-message.ts'
import { type Kysely, sql } from 'kysely'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'

/** Samples are a set: each counts once, whenever it arrives, so that a late one still fills its gap in the curve. */
const writeSample = async (database: Kysely<DatabaseSchema>, hostId: string, message: AgentMessage) => {
  const sample =
    message.type === 'transition' ? message.sample : message.type === 'snapshot' ? message.snapshot.transition : null
  if (sample === null) return 0n
  const result = await database
    .insertInto('transition_samples')
    .values({
      host_id: hostId,
      epoch: message.epoch,
      sequence: message.sequence,
      patch: databaseText(sample.patch),
      target: sample.target,
      started_at: new Date(sample.startedAt),
      sampled_at: new Date(sample.sampledAt),
      tasks_total: Math.min(sample.tasksTotal, INT_MAX),
      tasks_remaining: Math.min(sample.tasksRemaining, INT_MAX),
      signalled_at: sample.signalledAt === null ? null : new Date(sample.signalledAt),
      forced_at: sample.forcedAt === null ? null : new Date(sample.forcedAt),
    })
    .onConflict((conflict) => conflict.columns(['host_id', 'epoch', 'sequence']).doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows ?? 0n
}

/** PostgreSQL's int; no kernel has as many tasks (PID_MAX_LIMIT is 4 M). */
const INT_MAX = 2_147_483_647

/** An agent's run lies within one boot, so its epoch tells the boot of every sample that it takes. */
const writeRun = async (database: Kysely<DatabaseSchema>, hostId: string, message: AgentMessage): Promise<void> => {
  const bootId =
    message.type === 'hello'
      ? message.bootId
      : message.type === 'snapshot'
        ? (message.snapshot.kernel.bootId ?? '')
        : null
  if (bootId === null) return
  const { epoch, sequence } = message
  await database
    .insertInto('agent_runs')
    .values({ host_id: hostId, epoch, sequence, boot_id: databaseText(bootId) })
    .onConflict((conflict) =>
      conflict
        .columns(['host_id', 'epoch'])
        .doUpdateSet((eb) => ({ boot_id: eb.ref('excluded.boot_id'), sequence: eb.ref('excluded.sequence') }))
        .where(sql<boolean>`agent_runs.sequence < excluded.sequence`),
    )
    .execute()
}

/** A record of the kernel log is the same in every snapshot but for its date, which the agent may correct: newest wins. */
const writeKernelEvents = async (database: Kysely<DatabaseSchema>, hostId: string, message: AgentMessage) => {
  if (message.type !== 'snapshot') return 0n
  const bootId = databaseText(message.snapshot.kernel.bootId ?? '')
  const bySequence = new Map((message.snapshot.kernelEvents ?? []).map((event) => [event.sequence, event]))
  if (bySequence.size === 0) return 0n
  const result = await database
    .insertInto('kernel_events')
    .values(
      [...bySequence.values()].map((event) => ({
        host_id: hostId,
        boot_id: bootId,
        kmsg_sequence: event.sequence,
        at: new Date(event.at),
        body: JSON.stringify(event),
        epoch: message.epoch,
        sequence: message.sequence,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['host_id', 'boot_id', 'kmsg_sequence'])
        .doUpdateSet((eb) => ({
          at: eb.ref('excluded.at'),
          body: eb.ref('excluded.body'),
          epoch: eb.ref('excluded.epoch'),
          sequence: eb.ref('excluded.sequence'),
        }))
        .where(sql<boolean>`(kernel_events.epoch, kernel_events.sequence) < (excluded.epoch, excluded.sequence)`),
    )
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows ?? 0n
}

/** Adds what a message brings to the sets. False: all of it was there. */
export const writeSets = async (
  database: Kysely<DatabaseSchema>,
  hostId: string,
  message: AgentMessage,
): Promise<boolean> => {
  await writeRun(database, hostId, message)
  const samples = await writeSample(database, hostId, message)
  const events = await writeKernelEvents(database, hostId, message)
  return samples + events > 0n
}
