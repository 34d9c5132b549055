import type { HostSummary, Labels } from '@rebootless/shared/contract/host.ts'
import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'
import type {
  AuditResult,
  HostClass,
  HostOrigin,
  HostState,
  RebootAnswer,
  Role,
  SignInWay,
} from '@rebootless/shared/domain/words.ts'
import type { ColumnType, Generated, JSONColumnType } from 'kysely'
import type { CommandTables } from './command-tables.ts'
import type { PatchTables } from './patch-tables.ts'
import type { RolloutTables } from './rollout-tables.ts'

/** bigint: pg gives it as text, and numbers or text go in. */
type Int64 = ColumnType<string, number | string, number | string>
/** `json` and `jsonb`: parsed when read, text when written, since pg would write an array as a PostgreSQL array. */
type Json<T> = JSONColumnType<T & object>

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

/** A right password or link that still waits for the second factor: no session. */
interface SignInChallengesTable {
  token_hash: string
  user_id: string
  way: 'password' | 'link'
  expires_at: Date
}

interface RecoveryCodesTable {
  user_id: string
  code_hash: string
}

interface SignInLinksTable {
  token_hash: string
  user_id: string
  expires_at: Date
}

interface SignInAttemptsTable {
  key: string
  window_started_at: Date
  attempts: number
}

interface SignInSourcesTable {
  user_id: string
  source: string
  last_success_at: Date
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
  revision: Int64
}

type ReadingKind = 'hello' | 'snapshot' | 'heartbeat' | 'transition'

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
}

interface EnrolmentTokensTable {
  token_hash: string
  /** What the API calls it. */
  id: Generated<string>
  labels: Json<Labels>
  origin: ColumnType<HostOrigin, HostOrigin | undefined, never>
  /** For an agent of this program's own: used at once, and of no interest to people. */
  own: Generated<boolean>
  uses: Generated<number>
  uses_left: Generated<number>
  created_by: string
  created_at: Generated<Date>
  expires_at: Date
  revoked_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  revoked_by: ColumnType<string | null, string | null | undefined, string | null>
}

/** Which host came by which token; null: it was approved in the waiting room. Outlives both. */
interface EnrolmentsTable {
  host_id: string
  host_name: string
  token_id: string | null
  at: Date
}

/** A host without a token that waits for a person. */
interface EnrolmentRequestsTable {
  id: string
  /** SHA-256 of the key (SubjectPublicKeyInfo, DER), hex. */
  key_fingerprint: string
  host_name: string
  machine_id: string | null
  address: string
  asked_at: Date
  last_asked_at: Date
  state: 'waiting' | 'approved' | 'denied' | 'enrolled'
  decided_at: Date | null
  decided_by: string | null
  labels: Json<Labels>
  host_id: string | null
}

interface CertificatesTable {
  fingerprint: string
  host_id: string
  issued_at: Date
  expires_at: Date
  revoked_at: Date | null
  /** Fingerprint of the authority that signed it; null: before there could be two. */
  authority: ColumnType<string | null, string | null | undefined, string | null>
  /** SHA-256 of its key (SubjectPublicKeyInfo, DER), hex. */
  key_fingerprint: ColumnType<string | null, string | null | undefined, never>
}

/** Boots of a host, so that one that comes back after another began is known for a second machine (T18). */
interface HostBootsTable {
  host_id: string
  boot_id: string
  first_seen_at: Date
  superseded_at: Date | null
}

export interface EventsTable {
  id: Generated<string>
  type: 'host.changed' | 'host.sampled' | 'host.removed' | 'command.changed' | 'freeze.changed' | 'rollout.changed'
  /** Null: of no host, but of the fleet. */
  host_id: string | null
  revision: Int64
  at: Date
}

/** Inserted and never changed. What the database gives itself is never written: place, link and hash. */
interface AuditTable {
  sequence: ColumnType<string, undefined, never>
  at: ColumnType<Date, Date, never>
  action: ColumnType<string, string, never>
  actor_name: ColumnType<string, string, never>
  target_id: ColumnType<string | null, string | null, never>
  target_name: ColumnType<string | null, string | null, never>
  result: ColumnType<AuditResult, AuditResult, never>
  /** Canonical JSON of an AuditEntry: the exact text that the chain hashes. */
  entry: ColumnType<string, string, never>
  previous_hash: ColumnType<string, undefined, never>
  hash: ColumnType<string, undefined, never>
}

interface AuditHeadsTable {
  sequence: ColumnType<string, number | string, never>
  hash: ColumnType<string, string, never>
  signed_at: ColumnType<Date, Date, never>
  /** Canonical JSON of an AuditHead, exactly as signed. */
  payload: ColumnType<string, string, never>
  public_key: ColumnType<string, string, never>
  signature: ColumnType<string, string, never>
}

/** The tables as Kysely sees them. */
export interface DatabaseSchema extends CommandTables, PatchTables, RolloutTables {
  audit: AuditTable
  audit_heads: AuditHeadsTable
  users: UsersTable
  sessions: SessionsTable
  api_tokens: ApiTokensTable
  sign_in_challenges: SignInChallengesTable
  recovery_codes: RecoveryCodesTable
  sign_in_links: SignInLinksTable
  sign_in_attempts: SignInAttemptsTable
  sign_in_sources: SignInSourcesTable
  hosts: HostsTable
  host_readings: HostReadingsTable
  transition_samples: TransitionSamplesTable
  agent_runs: AgentRunsTable
  kernel_events: KernelEventsTable
  host_causes: HostCausesTable
  enrolment_tokens: EnrolmentTokensTable
  enrolments: EnrolmentsTable
  enrolment_requests: EnrolmentRequestsTable
  certificates: CertificatesTable
  host_boots: HostBootsTable
  events: EventsTable
}
