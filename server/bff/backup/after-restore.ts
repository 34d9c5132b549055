import { RolloutDraft } from '@rebootless/shared/domain/rollouts/rollout-draft.ts'
import { sql, type Transaction } from 'kysely'
import { entryOf } from '../access/doer.ts'
import { appendAudit } from '../audit/append-audit.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'
import { appendDecisions, columnsOf, readRollout } from '../rollouts/stored-rollout.ts'
import { applyRevocations } from './apply-revocations.ts'
import type { Revocation } from './revocation-journal.ts'

type Within = Transaction<DatabaseSchema>

export interface RestoreFacts {
  /** Of this restore: the audit log names it. */
  readonly id: string
  readonly archive: { readonly id: string; readonly at: string; readonly program: string }
  /** Undefined: nobody knows what was revoked since the backup. */
  readonly revocations: readonly Revocation[] | undefined
  readonly now: Date
}

/** What a restore changed, and what somebody must look at. */
export interface RestoreReport {
  readonly epoch: number
  readonly sessionsEnded: number
  readonly joinTokensEnded: number
  readonly apiTokensEnded: number
  readonly authorisationsVoid: number
  readonly commandsCancelled: number
  /** By name. */
  readonly rolloutsPaused: readonly string[]
  /** By kind; undefined: no revocations were given. */
  readonly revoked: Readonly<Record<string, number>> | undefined
  /** Names of hosts that had a command of which the backup does not tell the end. */
  readonly hostsUnderWay: readonly string[]
  /** Names of hosts that may connect, and of users that may sign in: one of them may have been revoked since. */
  readonly hostsTrusted: readonly string[]
  readonly usersTrusted: readonly string[]
}

const CONSOLE = {
  actor: { kind: 'server', id: null, name: "the server's console", address: null },
  requestId: null,
} as const

/** Longer ids of events than a lost day can have given out, so that an open page does not take new ones for old. */
const EVENTS_LOST_MAX = 1_000_000_000

/**
 * Makes of a database as it once was one that may go on (threat-model T32): what ran by itself waits for a person, what was
 * approved and not yet done is void, who was signed in is not, and the epoch is one that no agent has heard of.
 */
export const settleRestored = async (transaction: Within, facts: RestoreFacts): Promise<RestoreReport> => {
  const { archive, now } = facts
  const why = `A backup of ${archive.at} was restored`
  const epoch = await raiseEpochs(transaction, now)
  const people = await endAccess(transaction, facts)
  const hostsUnderWay = await namesUnderWay(transaction)
  const commandsCancelled = await cancelCommands(transaction, `${why}: what waited is not sent any more.`, now)
  const rolloutsPaused = await pauseRollouts(transaction, why, now)
  const authorisationsVoid = await voidAuthorisations(transaction, `${why} before it was done: ask for it again.`, now)
  const revoked =
    facts.revocations === undefined ? undefined : await applyRevocations(transaction, facts.revocations, archive.at)
  const report: RestoreReport = {
    ...{ epoch, ...people, authorisationsVoid, commandsCancelled, rolloutsPaused, revoked, hostsUnderWay },
    ...(await namesTrusted(transaction, now)),
  }
  await appendAudit(
    transaction,
    entryOf(CONSOLE, now, {
      action: 'server.restore',
      target: { kind: 'server', id: facts.id, name: null },
      reason: `${why}, made by Rebootless ${archive.program}.`,
      after: summaryOf(report, archive),
    }),
  )
  return report
}

const summaryOf = (report: RestoreReport, archive: RestoreFacts['archive']) => {
  const { hostsUnderWay, hostsTrusted, usersTrusted, rolloutsPaused, revoked, ...counts } = report
  return {
    ...{
      archive: archive.id,
      backupAt: archive.at,
      ...counts,
      revoked: revoked ?? null,
      rolloutsPaused: rolloutsPaused.slice(0, 100),
    },
    ...{ hostsUnderWay: hostsUnderWay.slice(0, 100), hosts: hostsTrusted.length, users: usersTrusted.length },
  }
}

const count = (result: { numAffectedRows?: bigint | undefined }): number => Number(result.numAffectedRows ?? 0)

/**
 * Seconds since 1970 are beyond any count, and beyond what an earlier restore of the same archive gave: commands of this
 * database are newer to every agent than all that it ever took, and no leader of the lost time holds a lease.
 */
const raiseEpochs = async (transaction: Within, now: Date): Promise<number> => {
  const seconds = Math.floor(now.getTime() / 1000)
  const { rows } = await sql<{ epoch: string }>`
    update server_epoch set epoch = greatest(epoch + 1, ${seconds}) returning epoch`.execute(transaction)
  await sql`update leases set fencing = greatest(fencing + 1, ${seconds}), until = clock_timestamp()`.execute(
    transaction,
  )
  for (const sequence of ['events_id_seq', 'rollout_host_changes']) {
    await sql`select setval(${sequence}, nextval(${sequence}) + ${EVENTS_LOST_MAX})`.execute(transaction)
  }
  return Number(rows[0]?.epoch)
}

/** Links and join tokens are good for a number of times, and nobody knows how often they were used since. */
const endAccess = async (transaction: Within, { revocations, now }: RestoreFacts) => {
  const sessionsEnded = count(
    await sql`update sessions set ended_at = ${now} where ended_at is null`.execute(transaction),
  )
  for (const table of ['sign_in_links', 'sign_in_challenges']) {
    await sql`delete from ${sql.table(table)}`.execute(transaction)
  }
  const joinTokensEnded = count(
    await sql`
      update enrolment_tokens set revoked_at = ${now}, revoked_by = 'rebootless restore'
      where revoked_at is null and uses_left > 0 and expires_at > ${now}`.execute(transaction),
  )
  await sql`
    update enrolment_requests set state = 'waiting', decided_at = null, decided_by = null, host_id = null
    where state = 'approved'`.execute(transaction)
  const apiTokensEnded =
    revocations !== undefined
      ? 0
      : count(
          await sql`update api_tokens set ended_at = ${now} where ended_at is null and expires_at > ${now}`.execute(
            transaction,
          ),
        )
  return { sessionsEnded, joinTokensEnded, apiTokensEnded }
}

/** Sent, and not told how it ended: said again once its time is over, and the agent answers from its journal. */
const namesUnderWay = async (transaction: Within): Promise<readonly string[]> => {
  const { rows } = await sql<{ name: string }>`
    select distinct hosts.name from commands join hosts on hosts.id = commands.host_id
    where commands.state = 'sent' order by hosts.name`.execute(transaction)
  return rows.map(({ name }) => name)
}

const cancelCommands = async (transaction: Within, detail: string, now: Date): Promise<number> =>
  count(
    await sql`
      update commands set state = 'cancelled', detail = ${detail}, ended_at = ${now}, waiting_for = null
      where state = 'waiting'`.execute(transaction),
  )

/** Those whose every command has ended were carried out; what a rollout may still make commands of was not. */
const voidAuthorisations = async (transaction: Within, reason: string, now: Date): Promise<number> =>
  count(
    await sql`
      update authorisations set void_reason = ${reason}
      where cancelled_at is null and void_reason is null and (
        exists (
          select from commands where authorisation_id = authorisations.id
            and (state = 'sent' or (state = 'cancelled' and ended_at = ${now}))
        )
        or (expires_at > ${now} and not exists (select from commands where authorisation_id = authorisations.id))
        or (expires_at > ${now} and exists (
          select from rollouts where rollouts.id = authorisations.rollout_id and ended_at is null
        ))
      )`.execute(transaction),
  )

/** What people asked of a rollout and nobody took up is dropped: an old "resume" must not set it going. */
const pauseRollouts = async (transaction: Within, why: string, now: Date): Promise<readonly string[]> => {
  await sql`update rollout_acts set taken_at = ${now} where taken_at is null`.execute(transaction)
  const { rows } = await sql<{ id: string }>`
    select id from rollouts where phase in ('running', 'reversing') order by created_at, id`.execute(transaction)
  const { frozen } = await transaction.selectFrom('fleet_freeze').select('frozen').executeTakeFirstOrThrow()
  const names: string[] = []
  for (const { id } of rows) {
    const { row, plan, state } = await readRollout(transaction, id)
    const draft = new RolloutDraft(plan, state, now.getTime())
    const because = `${why}: what happened on its hosts since is not known here. Look at them before it goes on.`
    draft.setPhase('paused', because)
    draft.decide('paused by itself', because, { because })
    const { state: paused, decisions } = draft.finish()
    const { sentence, ...columns } = columnsOf(plan, paused, now, frozen)
    await transaction
      .updateTable('rollouts')
      .set({ ...columns, sentence: databaseText(sentence), version: String(BigInt(row.version) + 1n) })
      .where('id', '=', id)
      .execute()
    await appendDecisions(transaction, id, decisions)
    names.push(row.name)
  }
  return names
}

const namesTrusted = async (transaction: Within, now: Date) => {
  const hosts = await sql<{ name: string }>`
    select name from hosts where quarantined_at is null and exists (
      select from certificates where host_id = hosts.id and revoked_at is null and expires_at > ${now}
    ) order by name`.execute(transaction)
  const users = await sql<{ name: string }>`
    select username as name from users where disabled_at is null order by username`.execute(transaction)
  const names = (rows: readonly { name: string }[]) => rows.map(({ name }) => name)
  return { hostsTrusted: names(hosts.rows), usersTrusted: names(users.rows) }
}
