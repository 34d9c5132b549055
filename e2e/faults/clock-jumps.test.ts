// Goal: a clock of the server, or of its hosts, that jumps by a day and back ends no agent's link for good and loses nothing acknowledged;
// what cannot be trusted meanwhile is refused, and all is as before once the clocks are right. Method: the built program and its simulated
// hosts, which are real agents, with a clock of the day that is set while they run.
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { expect, test } from 'vitest'
import { followEvents } from './event-follower.ts'
import { beginFault, secondsSince, until } from './fault.ts'
import { measureWhatIsKept } from './what-is-kept.ts'
import { startWriter } from './writer.ts'
import { makeWrongClock } from './wrong-clock.ts'

const DAY_MS = 86_400_000
const HOSTS = 8
const BACK_S_MAX = 60

const JUMPS = {
  'the server is a day ahead': { server: DAY_MS, agents: 0 },
  'the server is a day behind': { server: -DAY_MS, agents: 0 },
  'the hosts are a day ahead': { server: 0, agents: DAY_MS },
  'the hosts are a day behind': { server: 0, agents: -DAY_MS },
} as const

test('clock-jumps', async () => {
  const fault = beginFault(
    'clock-jumps',
    `while a clock is a day off, the program is ready and hosts are heard; once it is right, all are connected within ${BACK_S_MAX} s, ` +
      'writes are taken and commands are carried out.',
  )
  const { report, measured, inTheEnd, step } = fault
  const clock = await makeWrongClock()
  inTheEnd(clock.remove)
  const environment = { ...clock.environment, REBOOTLESS_SIMULATED_INCIDENTS: 'off' }
  const program = await startProgramUnderTest(HOSTS, { quiet: true, environment })
  inTheEnd(program.stop)
  const hosts = async () => (await program.hosts('limit=100')).items
  /** By the server's own clock, which may be wrong. */
  const allHeard = async (since: number): Promise<boolean> => {
    const heard = (await hosts()).filter((host) => host.connected && Date.parse(host.lastSeenAt ?? '') > since)
    return heard.length === HOSTS + 1
  }
  await until('all hosts are there', () => allHeard(0))
  const follower = await followEvents(program)
  inTheEnd(follower.stop)
  const simulated = (await hosts()).filter(({ origin }) => origin === 'simulated').map(({ id }) => id)
  const writer = await startWriter(program, simulated)
  inTheEnd(writer.stop)
  step('all are linked, and written to')
  let notReady = 0
  for (const [what, wrong] of Object.entries(JUMPS)) {
    await clock.set(wrong)
    const jumpedAt = performance.now()
    // A session idles out after twelve hours: a person signs in again.
    await until('somebody can sign in', () =>
      program.signIn().then(
        () => true,
        () => false,
      ),
    )
    await until('all hosts are heard', () => allHeard(Date.now() + wrong.server))
    measured(`${what}: until all hosts are heard`, 's', secondsSince(jumpedAt), BACK_S_MAX)
    if (!(await fetch(`${program.address}/readyz`)).ok) notReady += 1
    await clock.set({ server: 0, agents: 0 })
    const rightAt = performance.now()
    await until('somebody can sign in', () =>
      program.signIn().then(
        () => true,
        () => false,
      ),
    )
    await until('all hosts are heard', () => allHeard(Date.now() - 1_000).catch(() => false))
    await writer.more(1)
    measured(`right again: until all hosts are heard and writes are taken`, 's', secondsSince(rightAt), BACK_S_MAX)
    step(what)
  }
  measured('times that it was not ready', '', notReady, 0)
  await measureWhatIsKept(fault, { program, writer, follower })
  expect(await report.end()).toBe(true)
})
