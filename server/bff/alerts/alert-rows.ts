import {
  type AlertGroupState,
  type AlertMember,
  NOTHING_TOLD,
  phaseOf,
} from '@rebootless/shared/domain/alerts/alert-group.ts'
import { type Selectable, sql, type Transaction } from 'kysely'
import type { AlertGroupsTable } from '../database/alert-tables.ts'
import { databaseText } from '../database/database-text.ts'
import type { DatabaseSchema } from '../database/schema.ts'

export type AlertRow = Selectable<AlertGroupsTable>

/** A group as a step has it, and which channels know of it. */
export interface StoredGroup {
  readonly state: AlertGroupState
  readonly channels: readonly string[]
}

const time = (at: Date | null) => at?.getTime() ?? null
const date = (at: number | null) => (at === null ? null : new Date(at))

export const acknowledgementOf = (row: AlertRow): AlertGroupState['acknowledged'] =>
  row.acknowledged_by === null || row.acknowledged_at === null
    ? null
    : { by: row.acknowledged_by, at: row.acknowledged_at.toISOString(), note: row.acknowledged_note }

export const stateOf = (row: AlertRow, members: ReadonlyMap<string, AlertMember>): AlertGroupState => ({
  ...{ id: row.id, rule: row.rule, cause: row.cause, severity: row.severity, title: row.title, detail: row.detail },
  ...{ path: row.path, since: row.since.getTime(), firedAt: time(row.fired_at) },
  ...{ absentSince: time(row.absent_since), resolvedAt: time(row.resolved_at) },
  acknowledged: acknowledgementOf(row),
  ...{ silencedUntil: time(row.silenced_until), escalationLevel: row.escalation_level, members },
  told:
    row.told_count === 0
      ? NOTHING_TOLD
      : { count: row.told_count, status: row.told_status, at: time(row.told_at), hosts: row.told_hosts },
})

/**
 * Those that are open, locked: what people do to one meanwhile comes before this step or after it.
 * @param known members of groups by id, where they are known: only a step writes them
 */
export const readOpenGroups = async (
  transaction: Transaction<DatabaseSchema>,
  known: ReadonlyMap<string, ReadonlyMap<string, AlertMember>> = new Map(),
): Promise<StoredGroup[]> => {
  const rows = await transaction
    .selectFrom('alert_groups')
    .selectAll()
    .where('resolved_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute()
  const read = await readMembers(
    transaction,
    rows.flatMap(({ id }) => (known.has(id) ? [] : [id])),
  )
  return rows.map((row) => ({
    state: stateOf(row, known.get(row.id) ?? read.get(row.id) ?? new Map()),
    channels: row.told_channels,
  }))
}

const readMembers = async (
  transaction: Transaction<DatabaseSchema>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, AlertMember>>> => {
  if (ids.length === 0) return new Map()
  const members = await transaction
    .selectFrom('alert_members')
    .select(['group_id', 'host_id', 'since', 'until'])
    .where('group_id', 'in', [...ids])
    .execute()
  const byGroup = new Map(ids.map((id) => [id, new Map<string, AlertMember>()]))
  for (const { group_id: group, host_id: host, since, until } of members) {
    byGroup.get(group)?.set(host, { since: since.getTime(), until: time(until) })
  }
  return byGroup
}

const rowOf = (state: AlertGroupState, channels: readonly string[]) => ({
  ...{ id: state.id, rule: state.rule, cause: databaseText(state.cause), severity: state.severity },
  ...{ phase: phaseOf(state), title: databaseText(state.title), detail: databaseText(state.detail), path: state.path },
  ...{ since: new Date(state.since), fired_at: date(state.firedAt), absent_since: date(state.absentSince) },
  ...{ resolved_at: date(state.resolvedAt), silenced_until: date(state.silencedUntil) },
  ...{ escalation_level: state.escalationLevel, told_count: state.told.count, told_status: state.told.status },
  ...{ told_at: date(state.told.at), told_hosts: state.told.hosts, told_channels: [...channels] },
})

/** All but what people write: their acknowledgements and notes. */
export const writeGroup = async (
  transaction: Transaction<DatabaseSchema>,
  { state, channels }: StoredGroup,
): Promise<void> => {
  const row = rowOf(state, channels)
  const ofPeople = { acknowledged_by: null, acknowledged_at: null, acknowledged_note: null, done_note: null }
  const { id: _, rule: _rule, cause: _cause, ...changed } = row
  await transaction
    .insertInto('alert_groups')
    .values({ ...row, ...ofPeople })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(changed))
    .execute()
}

const MEMBERS_AT_ONCE = 2_000

/** Writes those that are new or another than before. */
export const writeMembers = async (
  transaction: Transaction<DatabaseSchema>,
  groupId: string,
  changed: readonly { readonly hostId: string; readonly name: string; readonly member: AlertMember }[],
): Promise<void> => {
  for (let from = 0; from < changed.length; from += MEMBERS_AT_ONCE) {
    const some = changed.slice(from, from + MEMBERS_AT_ONCE)
    await sql`
      insert into alert_members (group_id, host_id, host_name, since, until)
      select ${groupId}, * from unnest(
        ${some.map(({ hostId }) => hostId)}::uuid[], ${some.map(({ name }) => databaseText(name))}::text[],
        ${some.map(({ member }) => new Date(member.since))}::timestamptz[],
        ${some.map(({ member }) => date(member.until))}::timestamptz[]
      )
      on conflict (group_id, host_id) do update set since = excluded.since, until = excluded.until`.execute(transaction)
  }
}
