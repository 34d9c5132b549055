import type {
  HostProgress,
  RolloutAct,
  RolloutActOffer,
  RolloutDecision,
  RolloutHead,
} from '@rebootless/shared/contract/rollouts-api.ts'
import type { HostStage, OrderAction, RolloutPhase } from '@rebootless/shared/domain/rollouts/rollout-words.ts'
import type { CommandAction } from '@rebootless/shared/domain/words.ts'
import type { ColumnType } from 'kysely'
import type { PressureBefore } from './kernel-tables.ts'

type Int64 = ColumnType<string, number | string, number | string>
type Json<T> = ColumnType<T, string, string>

/** Who does a work that only one backend may do. */
interface LeasesTable {
  name: string
  /** One run of one backend. */
  holder: string
  /** Rises with each change of the holder (threat-model T37). */
  fencing: Int64
  until: Date
}

interface RolloutsTable {
  id: string
  name: string
  /** Canonical JSON of a RolloutPlan. */
  plan: string
  plan_sha256: string
  phase: RolloutPhase
  /** Why it stands where it stands, as of the last step. */
  sentence: string
  head: Json<RolloutHead>
  /** What can be done to it, as of the last step; not gates, which hang on who asks. */
  offers: ColumnType<RolloutActOffer[], string, string>
  /** Rises with each step. */
  version: Int64
  /** Of the leader that wrote last. */
  fencing: Int64
  /** Steps are needed: it is not over, or hosts have yet to settle. */
  follows: boolean
  /** Of whoever made it: hosts that come later are of it too. */
  scope: string | null
  created_by: string
  created_by_name: string
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
}

interface RolloutHostsTable {
  rollout_id: string
  host_id: string
  /** In the order in which they go. */
  place: number
  wave: number | null
  stage: HostStage
  progress: Json<HostProgress>
  /** Of `progress`: the rollout's order is what the kernel follows. */
  ours: ColumnType<boolean, never, never>
  /** Letters of /proc/sys/kernel/tainted when its first order was given; null: none was, or they were not known. */
  taints: string | null
  /** When that order was given, by the database's clock. */
  told_at: Date | null
  before: ColumnType<PressureBefore | null, string | null | undefined, string | null>
  /** Number of its latest change to the eye; it rises over all hosts of a rollout, in the order in which they are committed. */
  changed: Int64
}

interface RolloutDecisionsTable {
  rollout_id: string
  number: number
  at: Date
  kind: RolloutDecision['kind']
  decision: Json<RolloutDecision>
}

/** What people asked for; the leader takes them in this order. */
interface RolloutActsTable {
  id: ColumnType<string, undefined, never>
  rollout_id: string
  act: Json<RolloutAct>
  by_name: string
  at: Date
  taken_at: Date | null
}

/** By which authorisation a host may be given which order of a rollout. */
interface RolloutPermitsTable {
  rollout_id: string
  host_id: string
  action: Exclude<OrderAction, 'reversal'> & CommandAction
  kernel_release: string
  authorisation_id: string
}

interface RolloutPoliciesTable {
  name: string
  /** Canonical JSON of a RolloutPolicySpec. */
  spec: string
  /** Username. */
  updated_by: string
  updated_at: Date
}

export interface RolloutTemplatesTable {
  id: string
  name: string
  about: string
  /** Canonical JSON of a RolloutTemplatePlan. */
  plan: string
  written_by: string
  written_at: Date
}

export interface RolloutTables {
  leases: LeasesTable
  rollouts: RolloutsTable
  rollout_hosts: RolloutHostsTable
  rollout_decisions: RolloutDecisionsTable
  rollout_acts: RolloutActsTable
  rollout_permits: RolloutPermitsTable
  rollout_templates: RolloutTemplatesTable
  rollout_policies: RolloutPoliciesTable
}
