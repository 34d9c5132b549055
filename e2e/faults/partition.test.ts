// Goal: agents that are cut off, far away or behind a way that swallows everything are shown as such, lose no command, and come back by
// themselves. Method: the built program; agents' own links, through a proxy that resets, delays, or takes connections and says nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { startTestProxy } from '@rebootless/server/process/test-proxy.ts'
import { expect, test } from 'vitest'
import { startBareHosts } from './bare-hosts-under-test.ts'
import { followEvents } from './event-follower.ts'
import { beginFault, secondsSince, until } from './fault.ts'
import { measureWhatIsKept } from './what-is-kept.ts'
import { startWriter } from './writer.ts'

const HOSTS = 30
const DELAY_MS = 300
const CUT_MS = 5_000
/** An agent gives a silent server up after 35 s, a place in the queue after 45 s, and waits up to a minute before it dials again. */
const BACK_S_MAX = 150

test('partition', async () => {
  const fault = beginFault(
    'partition',
    `a host that is not heard is shown as not connected within 60 s; once the way is there, all are back within ${BACK_S_MAX} s and ` +
      'commands that waited are carried out. A slow way changes nothing.',
  )
  const { measured, report, inTheEnd, step } = fault
  const program = await startProgramUnderTest(0, { quiet: true })
  inTheEnd(program.stop)
  const proxy = await startTestProxy({ host: '127.0.0.1', port: Number(new URL(program.agentAddress).port) })
  inTheEnd(proxy.close)
  const hosts = await startBareHosts(program, HOSTS, `https://127.0.0.1:${proxy.port}`)
  inTheEnd(hosts.stop)
  const follower = await followEvents(program)
  inTheEnd(follower.stop)
  const writer = await startWriter(program, hosts.ids)
  inTheEnd(writer.stop)
  const nobody = () => until('no host is shown as connected', async () => (await hosts.connected()) === 0)

  proxy.set('cut')
  const cutAt = performance.now()
  await nobody()
  measured('cut, until none is shown as connected', 's', secondsSince(cutAt), 60)
  await sleep(CUT_MS)
  proxy.set('open')
  const openAt = Date.now()
  measured('open again, until all agents are back', 's', await hosts.allBack(openAt, BACK_S_MAX * 1_000), BACK_S_MAX)
  step('back from the cut')

  proxy.delay(DELAY_MS)
  const { attempts } = await hosts.tally()
  const slowAt = Date.now()
  // Longer than it takes a heartbeat of each to come.
  await hosts.allBack(slowAt + 5_000)
  await writer.more(10)
  measured(`with ${DELAY_MS} ms each way, links that were lost`, '', (await hosts.tally()).attempts - attempts, 0)
  proxy.delay(0)
  step('slow, and fast again')

  proxy.set('silent')
  const silentAt = performance.now()
  await nobody()
  measured('silent, until none is shown as connected', 's', secondsSince(silentAt), 60)
  proxy.set('open')
  const heardAt = Date.now()
  measured('heard again, until all agents are back', 's', await hosts.allBack(heardAt, BACK_S_MAX * 1_000), BACK_S_MAX)
  step('back from silence')
  await measureWhatIsKept(fault, { program, writer, follower })
  report.note(`${HOSTS} agents.`)
  expect(await report.end()).toBe(true)
})
