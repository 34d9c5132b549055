import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** What every rollout over some hosts must hold. `spec` is canonical JSON of a RolloutPolicySpec. */
export const rolloutPolicies: Migration = {
  id: '0018-rollout-policies',
  async up(transaction) {
    await sql`create table rollout_policies (
      name text collate "C" primary key,
      spec text not null,
      updated_by text not null,
      updated_at timestamptz not null
    )`.execute(transaction)
  },
}
