// Goal: a server whose clock jumps a day, either way, and is set right again goes on by itself, and believes nothing of that day
// afterwards. Method: the built program under a wall clock of its own; its database and agents' links keep the right time.
import { setTimeout as sleep } from 'node:timers/promises'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { expect, test } from 'vitest'
import { startBareHosts } from './bare-hosts-under-test.ts'
import { followEvents } from './event-follower.ts'
import { beginFault, secondsSince, until } from './fault.ts'
import { makeTestClock } from './test-clock.ts'
import { measureWhatIsKept } from './what-is-kept.ts'
import { startWriter } from './writer.ts'

const HOSTS = 20
/** A heartbeat of each host is heard meanwhile. */
const WRONG_MS = 15_000
const RIGHT_S_MAX = 60
const SILENT_S_MAX = 90
const FUTURE_MS = 1_000

test('clock-jumps', async () => {
  const fault = beginFault(
    'clock-jumps',
    `once the clock is right again, all hosts are shown as heard within ${RIGHT_S_MAX} s, and whoever is signed in and writes is served; ` +
      `hosts that end then are shown as not connected within ${SILENT_S_MAX} s.`,
  )
  const { measured, report, inTheEnd, step } = fault
  const clock = await makeTestClock()
  inTheEnd(clock.remove)
  const program = await startProgramUnderTest(0, { quiet: true, environment: clock.environment })
  inTheEnd(program.stop)
  const hosts = await startBareHosts(program, HOSTS)
  inTheEnd(hosts.stop)

  for (const days of [1, -1]) {
    const way = days > 0 ? 'a day ahead' : 'a day behind'
    await clock.set(days)
    step(way)
    await sleep(WRONG_MS)
    expect(program.ended()).toBeUndefined()
    await clock.set(0)
    const rightAt = performance.now()
    // A session that the day has ended asks for a password again.
    await until(
      'an administrator can sign in',
      () =>
        program.signIn().then(
          () => true,
          () => false,
        ),
      { everyMs: 500 },
    )
    measured(`${way} and right again, until one can sign in`, 's', secondsSince(rightAt), RIGHT_S_MAX)
    const right = Date.now()
    await until('all hosts are heard anew, and none in the future', async () => {
      const { items } = await program.hosts('filter=name:bare-*&limit=500')
      const heard = items.map(({ lastSeenAt }) => Date.parse(lastSeenAt ?? ''))
      return items.every(({ connected }) => connected) && heard.every((at) => at > right && at < Date.now() + FUTURE_MS)
    })
    measured(`${way} and right again, until all hosts are heard anew`, 's', secondsSince(rightAt), RIGHT_S_MAX)
  }

  const follower = await followEvents(program)
  inTheEnd(follower.stop)
  const writer = await startWriter(program, hosts.ids)
  inTheEnd(writer.stop)
  await measureWhatIsKept(fault, { program, writer, follower })
  await hosts.stop()
  const endedAt = performance.now()
  await until('no host is shown as connected', async () => (await hosts.connected()) === 0)
  measured('hosts end, until none is shown as connected', 's', secondsSince(endedAt), SILENT_S_MAX)
  report.note(`${HOSTS} agents; the clock was wrong for ${WRONG_MS / 1_000} s each time.`)
  expect(await report.end()).toBe(true)
})
