import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import type { Labels } from '@rebootless/shared/contract/labels.ts'
import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'
import type {
  HostClass,
  HostOrigin,
  HostState,
  RebootAnswer,
  Role,
  SignInWay,
} from '@rebootless/shared/domain/words.ts'
import type { ColumnType, Generated } from 'kysely'
import type { AlertTables } from './alert-tables.ts'
import type { AuditTables } from './audit-tables.ts'
import type { ChannelTables } from './channel-tables.ts'
import type { Int64, Json } from './column-types.ts'
import type { CommandTables } from './command-tables.ts'
import type { ComplianceTables } from './compliance-tables.ts'
import type { EnrolmentTables } from './enrolment-tables.ts'
import type { ExposureTables } from './exposure-tables.ts'
import type { KernelTables } from './kernel-tables.ts'
import type { PatchTables } from './patch-tables.ts'
import type { RebootDebtTables } from './reboot-debt-tables.ts'
import type { ReportTables } from './report-tables.ts'
import type { RolloutTables } from './rollout-tables.ts'
import type { SignInTables } from './sign-in-tables.ts'

export interface UsersTable {
  id: string
  username: string
  role: Role
  /** Words of the filter language; null: the whole fleet. */
  scope: ColumnType<string | null, string | null | undefined, string | null>
  password_hash: string | null
  /** `setting`: REBOOTLESS_ADMIN_PASSWORD gave it, and takes it away again. */
  password_source: ColumnType<'setting' | 'own' | null, 'setting' | 'own' | null | undefined, 'setting' | 'own' | null>
  oidc_issuer: ColumnType<string | null, string | null | undefined, never>
  oidc_subject: ColumnType<string | null, string | null | undefined, never>
  last_signed_in_at: ColumnType<Date | null, Date | null | undefined, Date>
  /** Sealed; the pending one counts once a code of it was given. */
  totp_seed: ColumnType<string | null, undefined, string | null>
  totp_pending_seed: ColumnType<string | null, undefined, string | null>
  /** Of the last code that was taken: it and those before it are refused. */
  totp_last_counter: ColumnType<string | null, undefined, number | string | null>
  disabled_at: Date | null
  created_at: Date
}

export interface SessionsTable {
  token_hash: string
  /** What the API calls it; the hash stays here. */
  id: Generated<string>
  user_id: string
  way: SignInWay
  address: string | null
  /** Hostile text: whatever the client said. */
  user_agent: string | null
  created_at: Date
  /** When he last proved who he is. */
  authenticated_at: Date
  last_used_at: Date
  ended_at: Date | null
}

export interface ApiTokensTable {
  id: string
  token_hash: string
  user_id: string
  name: string
  role: Role
  scope: string | null
  created_at: Date
  expires_at: Date
  last_used_at: Date | null
  ended_at: Date | null
}

export interface HostsTable {
  id: string
  enrolled_name: string
  enrolled_at: Date
  name: string
  /** First letters of the name in lower case: short enough for a cursor. */
  name_sort: string
  origin: HostOrigin
  labels: Json<Labels>
  state: HostState
  /** Place of the state in the order of urgency, 0 first. */
  state_rank: number
  state_reason: string
  state_since: Date
  kernel_release: string
  /** The release with its numbers padded, so that 6.9 comes before 6.12. */
  kernel_sort: string
  architecture: string
  operating_system: string | null
  providers: string[]
  effective_kernel: string | null
  reboot: RebootAnswer
  /** Whose fixes are in effect, as the host's tools say. */
  cves: string[]
  patch_names: string[]
  patches: Json<HostSummary['patches']>
  transition: ColumnType<HostSummary['transition'], string | null, string | null>
  tasks_total: number
  tasks_remaining: number
  host_class: HostClass
  agent_version: string | null
  connected: boolean
  /** What `state` was derived from as to silence; the sweeper looks for rows where time has made another of it. */
  contact: 'fresh' | 'stale' | 'offline'
  link_id: string | null
  last_seen_at: Date | null
  read_at: Date | null
  clock_skew_ms: number | null
  /** Who made its token, or approved it. */
  enrolled_by: ColumnType<string | null, string | null | undefined, string | null>
  /** Hashed by the host itself. */
  machine_id: ColumnType<string | null, string | null | undefined, string | null>
  /** Set: it is seen and not commanded (threat-model T18). */
  quarantined_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  quarantine_reason: ColumnType<string | null, string | null | undefined, string | null>
  /** Of the open row of host_exposure, as `exposure_print` is its print; null: none was written yet. */
  exposure_class: ColumnType<string | null, string | null | undefined, string | null>
  exposure_doubted: ColumnType<boolean, boolean | undefined, boolean>
  exposure_print: ColumnType<string | null, string | null | undefined, string | null>
  /** Of what its row of host_reboot_debts follows from; null: none was written yet. */
  reboot_print: ColumnType<string | null, string | null | undefined, string | null>
  /** Of its rows of host_causes; null: none were written yet. */
  causes_print: ColumnType<string | null, string | null | undefined, string | null>
  revision: Int64
}

type ReadingKind = 'hello' | 'snapshot' | 'heartbeat' | 'transition' | 'kernel_readings' | 'task_look'

/** Last-writer-wins registers: one row a host and kind, the greatest (epoch, sequence) stays. */
interface HostReadingsTable {
  host_id: string
  kind: ReadingKind
  epoch: Int64
  sequence: Int64
  /** With a snapshot its own, with a heartbeat the one that the agent holds. */
  snapshot_hash: string | null
  body: Json<object>
  /** Files of a snapshot, kept apart, since only the Raw page reads them. */
  raw: ColumnType<unknown, string | null, string | null>
  received_at: Date
}

/** Times in the host's own clock; readers set them right by the measured skew. */
export interface TransitionSamplesTable {
  host_id: string
  epoch: Int64
  sequence: Int64
  patch: string
  target: 'patching' | 'unpatching'
  started_at: Date
  sampled_at: Date
  tasks_total: number
  tasks_remaining: number
  signalled_at: Date | null
  forced_at: Date | null
}

/** One row a run of a host's agent. */
interface AgentRunsTable {
  host_id: string
  epoch: Int64
  /** As in `kernel_events`: '' where the host could not read it. */
  boot_id: string
  /** Of the message that said so last. */
  sequence: Int64
}

interface KernelEventsTable {
  host_id: string
  boot_id: string
  kmsg_sequence: Int64
  at: Date
  body: Json<KernelEvent>
  epoch: Int64
  sequence: Int64
}

/** Why a host needs someone; hosts with the same key wait for the same thing. */
interface HostCausesTable {
  host_id: string
  key: string
  state: HostState
  state_rank: number
  title: string
  explanation: string
  filter: string
  since: Date
  blocking: string | null
  function: string | null
  /** Of the host, as in its row. */
  origin: HostOrigin
  name_sort: string
}

/** Hosts by these words: the sum of all rows with the same ones. Triggers of `hosts` write it. */
interface FleetSharesTable {
  state: HostState
  origin: HostOrigin
  kernel_release: string
  providers: string[]
  host_count: Int64
}

export interface EventsTable {
  id: Generated<string>
  type:
    | 'host.changed'
    | 'host.sampled'
    | 'host.removed'
    | 'command.changed'
    | 'freeze.changed'
    | 'users.changed'
    | 'sessions.changed'
    | 'tokens.changed'
    | 'enrolment.changed'
    | 'rollout.changed'
    | 'exposure.changed'
    | 'policies.changed'
    | 'templates.changed'
    | 'channels.changed'
    | 'feeds.changed'
    | 'alerts.changed'
  /** Null: of no host, but of the fleet, or of people. */
  host_id: string | null
  /** Whose sessions or tokens; null: of no one person. */
  user_id: string | null
  /** Null: of no rollout. */
  rollout_id: string | null
  revision: Int64
  at: Date
}

/** Keys of the backends, by their hashes. */
interface ServerKeysTable {
  /** As its file is called in the data folder. */
  name: string
  fingerprint: string
  noted_at: Date
}

/** Backends that run, or did a moment ago. */
interface BackendsTable {
  id: string
  address: string
  agents: number
  seen_at: Date
}

/** The tables as Kysely sees them. */
export interface DatabaseSchema
  extends AlertTables,
    AuditTables,
    ChannelTables,
    ComplianceTables,
    ExposureTables,
    CommandTables,
    EnrolmentTables,
    KernelTables,
    PatchTables,
    RebootDebtTables,
    ReportTables,
    RolloutTables,
    SignInTables {
  users: UsersTable
  sessions: SessionsTable
  api_tokens: ApiTokensTable
  hosts: HostsTable
  host_readings: HostReadingsTable
  transition_samples: TransitionSamplesTable
  agent_runs: AgentRunsTable
  kernel_events: KernelEventsTable
  host_causes: HostCausesTable
  fleet_shares: FleetSharesTable
  events: EventsTable
  server_keys: ServerKeysTable
  backends: BackendsTable
}
