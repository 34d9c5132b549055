import { sql } from 'kysely'
import type { Migration } from '../migration.ts'

/** How rollouts go, by name. */
export const rolloutTemplates: Migration = {
  id: '0017-rollout-templates',
  async up(transaction) {
    await sql`create table rollout_templates (
      id uuid primary key,
      name text not null,
      about text not null,
      plan text not null,
      written_by text not null,
      written_at timestamptz not null
    )`.execute(transaction)
    await sql`create unique index rollout_templates_by_name on rollout_templates (lower(name))`.execute(transaction)
  },
}
