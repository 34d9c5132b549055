import type { CommandAction, CommandState } from '@rebootless/shared/domain/words.ts'
import type { ColumnType } from 'kysely'
import type { Int64 } from './column-types.ts'

interface ApproverKeysTable {
  id: string
  user_id: string
  public_key: string
  name: string
  registered_at: Date
  /** A key that was taken back never comes back. */
  revoked_at: Date | null
}

interface AuthorisationsTable {
  id: string
  sha256: string
  /** The exact text that approvers sign. */
  payload: string
  action: CommandAction
  patch: string | null
  artefact_sha256: string | null
  reason: string
  host_count: number
  approvals_needed: number
  /** A user's id; users may be gone, their requests stay. */
  requested_by: string
  requested_by_name: string
  requested_at: Date
  expires_at: Date
  cancelled_at: Date | null
  cancelled_by: string | null
  /** An approver lost his place: kept, so that it stays void when he gets it back. */
  void_reason: string | null
  /** Its commands are made by this rollout alone. */
  rollout_id: ColumnType<string | null, string | null | undefined, never>
  /** W3C Trace Context, of the request that asked for it; null: nobody collects traces. */
  trace_parent: ColumnType<string | null, string | null | undefined, never>
}

interface AuthorisationSignaturesTable {
  authorisation_id: string
  user_id: string
  key_id: string
  username: string
  public_key: string
  signature: string
  signed_at: Date
}

/** One row a command, waiting or signed; one that was never done is followed by another. */
export interface CommandsTable {
  id: string
  authorisation_id: string
  part: 'action' | 'reversal'
  host_id: string
  not_before: Date
  state: CommandState
  /** What it waits for, in a sentence; null once it is sent. */
  waiting_for: string | null
  created_at: Date
  epoch: ColumnType<string | null, number | string | null, number | string | null>
  sequence: ColumnType<string | null, number | string | null, number | string | null>
  /** The signed text, and the server's signature; null while it waits. */
  payload: string | null
  signature: string | null
  issued_at: Date | null
  expires_at: Date | null
  sent_at: Date | null
  /** The host has it in its journal. */
  started_at: Date | null
  ended_at: Date | null
  code: string | null
  detail: string | null
  /** Id of the rollout's order that it was made of. */
  rollout_order: ColumnType<string | null, string | null | undefined, never>
  /** No command may be made, or be good, after it. */
  good_until: ColumnType<Date | null, Date | null | undefined, never>
}

interface CommandSequencesTable {
  host_id: string
  epoch: Int64
  sequence: Int64
}

/** One row. */
interface ServerEpochTable {
  only: ColumnType<boolean, undefined, never>
  epoch: Int64
}

/** One row. */
interface FleetFreezeTable {
  only: ColumnType<boolean, undefined, never>
  frozen: boolean
  reason: string | null
  changed_by: string | null
  changed_at: Date | null
  /** Lifting takes two people: this one asked. */
  lift_asked_by_id: string | null
  lift_asked_by: string | null
  lift_asked_at: Date | null
  epoch: Int64
  sequence: Int64
  /** A signed Freeze; null before the first. */
  payload: string | null
  signature: string | null
}

export interface CommandTables {
  approver_keys: ApproverKeysTable
  authorisations: AuthorisationsTable
  authorisation_signatures: AuthorisationSignaturesTable
  commands: CommandsTable
  command_sequences: CommandSequencesTable
  server_epoch: ServerEpochTable
  fleet_freeze: FleetFreezeTable
}
