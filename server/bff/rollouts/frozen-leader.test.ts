// Goal: a leader that was really frozen, and is woken when another has gone on, writes nothing and orders nothing again.
// Method: two drivers in processes of their own over one database; the first stops itself (SIGSTOP) between two statements
// of a step, for as long as it takes the second to lead and take that step, and is woken (SIGCONT). Triggers note who wrote.
import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { describe, test } from 'vitest'
import { type RolloutBench, startRolloutBench } from './test-rollouts.ts'

const TABLES = [
  'rollouts',
  'rollout_hosts',
  'rollout_decisions',
  'authorisations',
  'commands',
  'audit',
  'events',
  'leases',
]
/** Starts of processes, and the ten seconds after which PostgreSQL ends a transaction that nobody goes on with. */
const WAIT = { timeout: 45_000, interval: 100 }

/** Each row that is written and committed, and by which program. */
const noteWriters = async ({ kysely }: RolloutBench): Promise<void> => {
  await sql`create table written (number serial, program text, what text)`.execute(kysely)
  await sql`create function note_writer() returns trigger language plpgsql as $$ begin
    insert into written (program, what) values (current_setting('application_name'), tg_op || ' ' || tg_table_name);
    return null;
  end $$`.execute(kysely)
  for (const table of TABLES) {
    await sql`create trigger note_writer after insert or update or delete on ${sql.table(table)}
      for each row execute function note_writer()`.execute(kysely)
  }
}
const writtenBy = async ({ kysely }: RolloutBench, program: string): Promise<string[]> => {
  const { rows } = await sql<{ what: string }>`
    select what from written where program = ${program} order by number`.execute(kysely)
  return rows.map(({ what }) => what)
}

const startLeader = ({ database }: RolloutBench, name: string, freeze: NodeJS.ProcessEnv = {}) => {
  const program = fileURLToPath(new URL('test-leader-process.ts', import.meta.url))
  const CONNECTION = JSON.stringify({ ...database.connection, application_name: name })
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', program], {
    env: { ...process.env, ...freeze, CONNECTION },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const looks: (number | null)[] = []
  child.on('message', ({ leads }: { leads: number | null }) => void looks.push(leads))
  return {
    looks,
    signal: (signal: 'SIGCONT') => child.kill(signal),
    /** By the kernel: proc_pid_stat(5), the state behind the name. */
    async isFrozen(): Promise<boolean> {
      const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8')
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
    },
    async end(): Promise<void> {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode === null && child.kill('SIGKILL')) await ended
    },
  }
}

const fencingOf = async ({ kysely }: RolloutBench) =>
  Number((await kysely.selectFrom('leases').select('fencing').executeTakeFirst())?.fencing ?? 0)

describe('T37 a leading process that is frozen and woken late', () => {
  test.concurrent.for<[when: string, freeze: Record<'FREEZE_AFTER' | 'FREEZE_BEFORE', string>]>([
    [
      'between what it read and what it writes',
      { FREEZE_AFTER: 'insert into leases', FREEZE_BEFORE: 'idle_in_transaction_session_timeout' },
    ],
    [
      'with its orders written and not committed',
      { FREEZE_AFTER: '^insert into "commands"', FREEZE_BEFORE: '^update "rollouts" set .*"version"' },
    ],
  ])('%s: it writes nothing, and no order is given twice', { timeout: 120_000 }, async ([, freeze], { expect }) => {
    const bench = await startRolloutBench(undefined, Date.now())
    const leaders: ReturnType<typeof startLeader>[] = []
    const start = (...given: [string, NodeJS.ProcessEnv?]) => {
      const leader = startLeader(bench, ...given)
      leaders.push(leader)
      return leader
    }
    try {
      for (const name of ['a', 'b', 'c']) await bench.addHost(name)
      const id = await bench.make()
      await bench.act(id, { kind: 'start', reason: 'test' })
      await noteWriters(bench)

      const first = start('first', freeze)
      await expect.poll(first.isFrozen, WAIT).toBe(true)
      const old = await fencingOf(bench)
      expect(await bench.commandsOf(id)).toEqual([])
      const before = await writtenBy(bench, 'first')

      const second = start('second')
      await expect.poll(async () => (await bench.commandsOf(id)).length, WAIT).toBe(1)
      const newest = await fencingOf(bench)
      expect(newest).toBeGreaterThan(old)
      const decided = await bench.decisionsOf(id)
      expect(await first.isFrozen()).toBe(true)

      first.signal('SIGCONT')
      // The look in which it was frozen comes to its end, and so do two that it begins.
      const looked = first.looks.length
      await expect.poll(() => first.looks.length, WAIT).toBeGreaterThanOrEqual(looked + 3)
      expect(first.looks.slice(looked)).toEqual(first.looks.slice(looked).map(() => null))
      expect(await writtenBy(bench, 'first')).toEqual(before)
      expect([await fencingOf(bench), second.looks.at(-1)]).toEqual([newest, newest])
      expect(await bench.decisionsOf(id)).toEqual(decided)
      expect((await bench.commandsOf(id)).length).toBe(1)

      // And the rollout goes on to its end.
      const phase = async () => {
        bench.advance(Math.max(0, Date.now() - bench.clock.now().getTime()))
        await bench.answer()
        return (await bench.read(id)).state.phase
      }
      await expect.poll(phase, WAIT).toBe('done')
      expect(bench.hosts.map(({ name, stub }) => [name, stub.effects.length])).toEqual([
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ])
      const decisions = await bench.decisionsOf(id)
      expect(decisions.map(({ number }) => number)).toEqual(decisions.map((_, index) => index))
      expect(decisions.filter(({ kind }) => kind === 'wave begun').map(({ wave }) => wave)).toEqual([0, 1])
      expect(await writtenBy(bench, 'first')).toEqual(before)
    } finally {
      for (const leader of leaders) await leader.end()
      await bench.end()
    }
  })
})
