// Goal: SIGKILL of PostgreSQL, the whole server or one process of it, under load, loses nothing acknowledged, and the program goes on
// without a restart. Method: the built program with its embedded server, linked agents, a writer and a stream beside it.
import { setTimeout as sleep } from 'node:timers/promises'
import { openBenchDatabase } from '@rebootless/server/bench/bench-database.ts'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { postmasterOf } from '../stored-rows.ts'
import { beginFault, secondsSince, until } from './fault.ts'
import { underLoad } from './under-load.ts'
import { measureWhatIsKept } from './what-is-kept.ts'

const HOSTS = 50
const KILLS = 4
const BACK_S_MAX = 30

test('postgres-killed', async () => {
  const fault = beginFault(
    'postgres-killed',
    `/readyz says so, the program stays up and starts it again, and writes are taken again within ${BACK_S_MAX} s.`,
  )
  const { random, report, measured, inTheEnd, step } = fault
  const program = await startProgramUnderTest(0, { quiet: true })
  inTheEnd(program.stop)
  const { pid } = program
  const { hosts, follower, writer } = await underLoad(fault, program, HOSTS)
  step('all are linked, and written to')

  /** The process behind one of the program's own connections. */
  const oneOfItsProcesses = async (): Promise<number> => {
    const { kysely, close } = await openBenchDatabase(program)
    try {
      const { rows } = await sql<{ pid: number }>`select pid from pg_stat_activity
        where application_name = 'rebootless' order by pid`.execute(kysely)
      const [first, ...others] = rows
      if (first === undefined) throw new Error('the program has no connection')
      return random.pick([first, ...others]).pid
    } finally {
      await close()
    }
  }
  const back: Record<'postmaster' | 'process', number[]> = { postmaster: [], process: [] }
  let notReady = 0
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(random.integer(300, 3_000))
    const kind = kill % 2 === 0 ? 'postmaster' : 'process'
    const victim = kind === 'process' ? await oneOfItsProcesses() : (await postmasterOf(program.dataDirectory)).pid
    process.kill(victim, 'SIGKILL')
    const killedAt = performance.now()
    const answer = await fetch(`${program.address}/readyz`)
    if (answer.status === 503) notReady += 1
    await until('it is ready', async () => (await fetch(`${program.address}/readyz`)).ok)
    await writer.more(1)
    back[kind].push(secondsSince(killedAt))
    step(`back from kill ${kill + 1}`)
  }
  const budget = { of: 'p99', atMost: BACK_S_MAX } as const
  report.row({ what: 'server killed, until writes are taken', unit: 's', values: back.postmaster, budget })
  report.row({ what: 'one process of it killed, until writes are taken', unit: 's', values: back.process, budget })
  await measureWhatIsKept(fault, { program, writer, follower })
  measured('agents that lost their link for good', '', HOSTS - (await hosts.connected()), 0)
  measured('ends of the program', '', Number(program.pid !== pid || program.ended() !== undefined), 0)
  report.note(`${KILLS} kills; /readyz, asked once at each, said 503 at ${notReady} of them.`)
  expect(await report.end()).toBe(true)
})
