// Goal: SIGKILL of agents at any moment, while commands come, loses no command and no identity. Method: the built program; its
// simulated hosts, which are the real agent with journals on the disk, and this machine's own agent, killed by turns.
import { setTimeout as sleep } from 'node:timers/promises'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { expect, test } from 'vitest'
import { childrenOf } from '../processes.ts'
import { followEvents } from './event-follower.ts'
import { beginFault, secondsSince, until } from './fault.ts'
import { measureWhatIsKept } from './what-is-kept.ts'
import { startWriter } from './writer.ts'

const HOSTS = 12
const KILLS = 3
const BACK_S_MAX = 60
const FLEET = ['simulated-fleet.mjs'] as const
const OWN = ['agent.mjs'] as const

test('agent-killed', async () => {
  const fault = beginFault(
    'agent-killed',
    `agents come back by themselves within ${BACK_S_MAX} s as the hosts that they were, and every command that was acknowledged ends.`,
  )
  const { random, report, measured, inTheEnd, step } = fault
  const program = await startProgramUnderTest(HOSTS, {
    ...{ quiet: true, environment: { REBOOTLESS_SIMULATED_INCIDENTS: 'off' } },
  })
  inTheEnd(program.stop)
  const hosts = async () => (await program.hosts('limit=100')).items
  /** This machine's own stands beside them. */
  const allHeard = async (since: number): Promise<boolean> => {
    const heard = (await hosts()).filter((host) => host.connected && Date.parse(host.lastSeenAt ?? '') > since)
    return heard.length === HOSTS + 1
  }
  await until('all hosts are there', () => allHeard(0))
  const before = (await hosts()).map(({ id }) => id).sort()
  const follower = await followEvents(program)
  inTheEnd(follower.stop)
  const simulated = (await hosts()).filter(({ origin }) => origin === 'simulated').map(({ id }) => id)
  const writer = await startWriter(program, simulated)
  inTheEnd(writer.stop)
  step('all are linked, and written to')
  const back: number[] = []
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(random.integer(300, 3_000))
    const names = random.pick<readonly string[]>([FLEET, OWN, [...FLEET, ...OWN]])
    const pids = (await Promise.all(names.map((name) => childrenOf(program.pid, name)))).flat()
    expect(pids).toHaveLength(names.length)
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    const [killedAt, killed] = [performance.now(), Date.now()]
    await until('all hosts are back', () => allHeard(killed))
    back.push(secondsSince(killedAt))
    step(`back from kill ${kill + 1}`)
  }
  const budget = { of: 'p99', atMost: BACK_S_MAX } as const
  report.row({ what: 'killed, until all agents are back', unit: 's', values: back, budget })
  await measureWhatIsKept(fault, { program, writer, follower })
  const after = (await hosts()).map(({ id }) => id).sort()
  measured('hosts that had to enrol again', '', after.filter((id) => !before.includes(id)).length, 0)
  report.note(`${KILLS} kills, ${HOSTS} simulated hosts and this machine's own agent.`)
  expect(await report.end()).toBe(true)
})
