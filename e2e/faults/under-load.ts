import type { ProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { startBareHosts } from './bare-hosts-under-test.ts'
import { followEvents } from './event-follower.ts'
import type { Fault } from './fault.ts'
import { startWriter } from './writer.ts'

/** So many linked hosts, a page's event stream, and somebody who writes, all until the test is over. */
export const underLoad = async ({ inTheEnd }: Fault, program: ProgramUnderTest, hostCount: number) => {
  const hosts = await startBareHosts(program, hostCount)
  inTheEnd(hosts.stop)
  const follower = await followEvents(program)
  inTheEnd(follower.stop)
  const writer = await startWriter(program, hosts.ids)
  inTheEnd(writer.stop)
  return { hosts, follower, writer }
}
