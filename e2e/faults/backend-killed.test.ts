// Goal: SIGKILL of the backend at any moment, under load, loses nothing that was acknowledged, and agents and pages go on by
// themselves. Method: the built program, linked agents in another process, somebody who writes all the time, a stream that is taken up
// again, and the rows read past the program.
import { setTimeout as sleep } from 'node:timers/promises'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { expect, test } from 'vitest'
import { beginFault, secondsSince, until } from './fault.ts'
import { underLoad } from './under-load.ts'
import { measureWhatIsKept } from './what-is-kept.ts'

const HOSTS = 50
const KILLS = 4
const BACK_S_MAX = 90

test('backend-killed', async () => {
  const fault = beginFault(
    'backend-killed',
    `what was acknowledged is stored, commands are carried out, all agents are back within ${BACK_S_MAX} s, and a page that stayed ` +
      'open misses no event and need not sign in again.',
  )
  const { random, report, measured, inTheEnd, step } = fault
  const program = await startProgramUnderTest(0, { quiet: true })
  inTheEnd(program.stop)
  const { hosts, follower, writer } = await underLoad(fault, program, HOSTS)
  step('all are linked, and written to')
  const [ready, back, streams]: [number[], number[], number[]] = [[], [], []]
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(random.integer(300, 3_000))
    await program.kill()
    const [killedAt, killed] = [performance.now(), Date.now()]
    await program.restart()
    ready.push(secondsSince(killedAt))
    await until('the stream is open again', async () => follower.isOpen)
    streams.push(secondsSince(killedAt))
    await hosts.allBack(killed)
    back.push(secondsSince(killedAt))
    step(`back from kill ${kill + 1}`)
  }
  report.row({ what: 'killed, until ready again', unit: 's', values: ready })
  report.row({ what: 'killed, until the stream of a page goes on', unit: 's', values: streams })
  const budget = { of: 'p99', atMost: BACK_S_MAX } as const
  report.row({ what: 'killed, until all agents are back', unit: 's', values: back, budget })
  await measureWhatIsKept(fault, { program, writer, follower })
  measured('times that the page was told to fetch all anew', '', follower.resets(), 0)
  report.note(`${KILLS} kills, ${HOSTS} agents; ${writer.refused()} writes were not acknowledged.`)
  expect(await report.end()).toBe(true)
})
