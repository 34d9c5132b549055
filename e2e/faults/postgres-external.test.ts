// Goal: an external PostgreSQL that restarts, is slow, says nothing or has no connection left costs time and nothing acknowledged, and
// /readyz tells. Method: the built program on a real server behind a proxy of our own; linked agents, a writer and a stream beside it.
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProgramUnderTest, startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BareHosts, startBareHosts } from './bare-hosts-under-test.ts'
import { followEvents } from './event-follower.ts'
import { type ExternalPostgres, startExternalPostgres } from './external-postgres.ts'
import { beginFault, type Fault, secondsSince, until } from './fault.ts'
import { measureWhatIsKept } from './what-is-kept.ts'
import { startWriter } from './writer.ts'

const HOSTS = 30
const CONNECTIONS_MAX = 32
const BACK_S_MAX = 60

let postgres: ExternalPostgres
let program: ProgramUnderTest
let hosts: BareHosts
beforeAll(async () => {
  postgres = await startExternalPostgres({ max_connections: String(CONNECTIONS_MAX) })
  program = await startProgramUnderTest(0, { quiet: true, environment: postgres.environment })
  hosts = await startBareHosts(program, HOSTS)
}, 300_000)
afterAll(async () => {
  await hosts?.stop()
  await program?.stop()
  await postgres?.stop()
})

/** The status of /readyz, and what it says; 0: no answer within ten seconds. */
const readyz = async (): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`${program.address}/readyz`, { signal: AbortSignal.timeout(10_000) }).catch(
    () => undefined,
  )
  return { status: answer?.status ?? 0, text: (await answer?.text()) ?? '' }
}
const untilReady = () => until('it is ready', async () => (await readyz()).status === 200)

const observed = async (fault: Fault) => {
  const follower = await followEvents(program)
  fault.inTheEnd(follower.stop)
  const writer = await startWriter(program, hosts.ids)
  fault.inTheEnd(writer.stop)
  fault.step('written to')
  await writer.more(3)
  return { program, follower, writer }
}

test('postgres-away', async () => {
  const fault = beginFault(
    'postgres-away',
    'while it restarts or says nothing, /readyz answers 503 within 10 s with the reason; once it is back, writes are taken again ' +
      `within ${BACK_S_MAX} s without a restart.`,
  )
  const { measured, report } = fault
  const seen = await observed(fault)

  process.kill(postgres.pid(), 'SIGINT') // "fast shutdown"; its supervisor starts it again
  const restartedAt = performance.now()
  await untilReady()
  await seen.writer.more(1)
  measured('restarted, until writes are taken', 's', secondsSince(restartedAt), BACK_S_MAX)

  postgres.proxy.set('silent')
  const silentAt = performance.now()
  await until('it says that it is not ready', async () => (await readyz()).status === 503)
  measured('silent, until /readyz says so', 's', secondsSince(silentAt), 20)
  expect((await readyz()).text).toContain('The database does not answer')
  await sleep(10_000)
  postgres.proxy.set('open')
  const openAt = performance.now()
  await untilReady()
  await seen.writer.more(1)
  measured('heard again, until writes are taken', 's', secondsSince(openAt), BACK_S_MAX)
  await hosts.allBack(0)
  await measureWhatIsKept(fault, seen)
  expect(await report.end()).toBe(true)
})

test('postgres-slow', async () => {
  const DELAY_MS = 50
  const fault = beginFault(
    'postgres-slow',
    `with ${DELAY_MS} ms each way between program and database it stays ready, keeps its agents and takes writes.`,
  )
  const { measured, report } = fault
  const seen = await observed(fault)
  const timed = async () => {
    const startedAt = performance.now()
    await (await program.ask('GET', '/api/v1/hosts')).text()
    return performance.now() - startedAt
  }
  const before = await timed()
  postgres.proxy.delay(DELAY_MS)
  fault.inTheEnd(() => postgres.proxy.delay(0))
  let notReady = 0
  const page: number[] = []
  for (let look = 0; look < 20; look += 1) {
    if ((await readyz()).status !== 200) notReady += 1
    page.push(await timed())
  }
  await seen.writer.more(5)
  report.row({ what: 'GET /api/v1/hosts', unit: 'ms', values: page, beside: { name: 'before', values: [before] } })
  measured('times out of 20 that it was not ready', '', notReady, 0)
  measured('agents that lost their link', '', HOSTS - (await hosts.connected()), 0)
  postgres.proxy.delay(0)
  await measureWhatIsKept(fault, seen)
  expect(await report.end()).toBe(true)
})

test('postgres-full', async () => {
  const fault = beginFault(
    'postgres-full',
    'while others hold all connections of the server, the program works with those that it has, and goes on by itself after.',
  )
  const { measured, reached, report } = fault
  const seen = await observed(fault)
  const others: pg.Client[] = []
  fault.inTheEnd(() => Promise.all(others.map((client) => client.end())))
  const takeAll = async (): Promise<void> => {
    for (;;) {
      const client = new pg.Client(postgres.administration)
      client.on('error', () => undefined)
      try {
        await client.connect()
      } catch {
        return
      }
      others.push(client)
    }
  }
  await takeAll()
  // What it had, it loses, and others are quicker.
  await others[0]?.query(`select pg_terminate_backend(pid) from pg_stat_activity where pid in
    (select pid from pg_stat_activity where application_name = 'rebootless' order by pid limit 4)`)
  await takeAll()
  reached('connections that others hold', '', others.length, 4)
  const fullAt = performance.now()
  const before = seen.writer.acknowledged().notes
  await until('time passes under the fault', async () => secondsSince(fullAt) > 8)
  reached('notes acknowledged meanwhile', '', seen.writer.acknowledged().notes - before, 1)
  await Promise.all(others.splice(0).map((client) => client.end()))
  const freeAt = performance.now()
  await untilReady()
  await seen.writer.more(1)
  measured('connections free, until writes are taken', 's', secondsSince(freeAt), BACK_S_MAX)
  measured('agents that lost their link for good', '', HOSTS - (await hosts.connected()), 0)
  await measureWhatIsKept(fault, seen)
  expect(await report.end()).toBe(true)
})
