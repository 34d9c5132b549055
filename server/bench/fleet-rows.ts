import { HOST_STATES, type HostState } from '@rebootless/shared/domain/words.ts'
import { type Kysely, sql } from 'kysely'
import type { DatabaseSchema } from '../bff/database/schema.ts'
import { appendEvents } from '../bff/events/append-event.ts'
import { enrolTestHost } from '../bff/ingest/test-host.ts'

/** Of a hundred hosts; the others are patched. */
const OF_A_HUNDRED: readonly (readonly [HostState, number])[] = [
  ['stalled', 2],
  ['patching', 3],
  ['unpatching', 1],
  ['exposed', 8],
  ['drifted', 2],
  ['offline', 3],
  ['unsupported', 1],
]
const STATES = OF_A_HUNDRED.flatMap(([state, hosts]) => Array.from({ length: hosts }, () => state))
const KERNELS = Array.from({ length: 12 }, (_, index) => `6.1.0-${index + 20}-cloud-amd64`)
const IN_TRANSITION = ['stalled', 'patching', 'unpatching']

/**
 * A fleet of so many hosts that have been read, as rows, since what telling costs is measured elsewhere: 12 kernels, 20 teams, a state as
 * OF_A_HUNDRED says, and one of these classes of exposure each. Of none it is known when it was heard: the sweep of silent hosts then goes
 * by whether it is connected, and leaves all alone while the run lasts.
 */
export const makeFleetRows = async (
  database: Kysely<DatabaseSchema>,
  count: number,
  classes: readonly string[],
): Promise<void> => {
  const model = await enrolTestHost(database, { name: 'model' })
  const ranks = sql`array_position(${[...HOST_STATES]}::text[], made.state) - 1`
  const class_ = classes.length === 0 ? sql`null` : sql`(${[...classes]}::text[])[1 + n % ${classes.length}]`
  await sql`
    insert into hosts select filled.* from hosts as model, (
      select n, 'host-' || lpad(n::text, 6, '0') as name, (${KERNELS}::text[])[1 + n % ${KERNELS.length}] as kernel,
        coalesce((${STATES}::text[])[1 + n * 37 % 100], 'patched') as state,
        coalesce((${STATES}::text[])[1 + n * 37 % 100], 'patched') = any(${IN_TRANSITION}::text[]) as in_transition
      from generate_series(1, ${count}) as n
    ) as made, lateral jsonb_populate_record(model, jsonb_build_object(
      'id', gen_random_uuid(), 'name', made.name, 'name_sort', made.name, 'enrolled_name', made.name,
      'labels', jsonb_build_object('env', case n % 3 when 0 then 'prod' else 'staging' end, 'owner', 'team-' || n % 20),
      'state', made.state, 'state_rank', ${ranks}, 'state_reason', 'What the bench says of it.',
      'state_since', now() - n * interval '1 second',
      'kernel_release', kernel, 'kernel_sort', kernel, 'architecture', 'x86_64',
      'operating_system', 'Debian GNU/Linux 12 (bookworm)', 'providers', '{livepatch}'::text[],
      'patch_names', '{livepatch_bench}'::text[],
      'patches', '[{"name":"livepatch_bench","state":"applied","forced":false,"stalled":false}]'::jsonb,
      'transition', case when in_transition then jsonb_build_object('patch', 'livepatch_bench',
        'target', case made.state when 'unpatching' then 'unpatching' else 'patching' end,
        'startedAt', '2026-11-27T00:00:00.000Z', 'sampledAt', '2026-11-27T00:00:01.000Z',
        'tasksTotal', 400, 'tasksRemaining', 1 + n % 40, 'blockingTotal', 1) end,
      'tasks_total', case when in_transition then 400 else 0 end,
      'tasks_remaining', case when in_transition then 1 + n % 40 else 0 end,
      'connected', made.state <> 'offline', 'contact', case made.state when 'offline' then 'offline' else 'fresh' end,
      'last_seen_at', null, 'read_at', now(),
      'exposure_class', ${class_}, 'exposure_print', 'bench', 'reboot', case n % 5 when 0 then 'yes' else 'no' end
    )) as filled where model.id = ${model}`.execute(database)
  await sql`delete from hosts where id = ${model}`.execute(database)
  await sql`
    insert into host_exposure (host_id, from_at, class_id, host_name, origin, labels, doubts, read_at)
    select id, now() - interval '1 hour', exposure_class, name, origin, labels, '[]', read_at from hosts
    where exposure_print = 'bench' and exposure_class is not null`.execute(database)
  await sql`
    insert into host_causes (host_id, key, state, state_rank, title, explanation, filter, since, origin,
      name_sort)
    select id, state || '|' || length(name) * 7 % 3 || tasks_remaining % 5, state, state_rank, 'What holds it', 'Why.',
      'state:' || state, state_since, origin, name_sort
    from hosts where exposure_print = 'bench' and state in ('stalled', 'exposed', 'drifted')`.execute(database)
}

/** As a message of a host does it: another revision of its row, and an event, in one transaction. */
export const changeHost = (database: Kysely<DatabaseSchema>, name: string): Promise<void> =>
  database.transaction().execute(async (transaction) => {
    const { id, revision } = await transaction
      .updateTable('hosts')
      .set({ revision: sql`revision + 1` })
      .where('name', '=', name)
      .returning(['id', 'revision'])
      .executeTakeFirstOrThrow()
    await appendEvents(transaction, [{ type: 'host.changed', hostId: id, revision: Number(revision), at: new Date() }])
  })
