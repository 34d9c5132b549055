import { setMaxListeners } from 'node:events'
import { createSystemClock } from '../agent/kernel/system-clock.ts'
import { createFaultSchedule } from '../sim/fleet/faults.ts'
import { hostPlan } from '../sim/fleet/host-plan.ts'
import { runSimulatedHost } from './run-simulated-host.ts'
import { createStartSlots } from './start-slots.ts'

/**
 * Runs simulated hosts: the real agent, once for each boot of each, in one process. Arguments: server address, data
 * directory, seed, hosts in the whole fleet, which of them run here (the first and the one after the last), and whether
 * anything befalls them, `on` or `off`. It asks its parent for join tokens over the IPC channel, and ends with its parent.
 */
const [server = '', dataDirectory = '', ...rest] = process.argv.slice(2)
const [seed = 1, hosts = 0, first = 0, end = 0] = rest.slice(0, 4).map(Number)
const incidents = rest[4] !== 'off'
/** So many at a time boot, enrol and connect, so that neither the server nor those who are in are overrun. */
const STARTING_MAX = 8
/**
 * Simulated kernels tell all in their logs but lost redirects, so the look that catches what a log leaves out may be
 * rarer where very many share a machine: as often as an agent's own for up to 1,600 hosts, each half minute for 10,000.
 */
const LOOK_EVERY_MS_PER_HOST = 3
const LOOK_EVERY_MS_MIN = 5_000
const clock = createSystemClock()
const stop = new AbortController()
setMaxListeners(0, stop.signal) // every host waits for it
process.once('SIGTERM', () => stop.abort())
process.once('SIGINT', () => stop.abort())
process.once('disconnect', () => stop.abort())

interface TokenAnswer {
  readonly id: number
  readonly token?: unknown
  readonly error?: unknown
}

const answers = new Map<number, (answer: TokenAnswer) => void>()
process.on('message', (answer: TokenAnswer) => {
  answers.get(answer.id)?.(answer)
  answers.delete(answer.id)
})
stop.signal.addEventListener('abort', () => {
  for (const [id, answer] of answers) answer({ id, error: 'the program stops' })
})
let asked = 0
const token = async (labels: Readonly<Record<string, string>>): Promise<string> => {
  asked += 1
  const id = asked
  const answer = await new Promise<TokenAnswer>((resolve) => {
    answers.set(id, resolve)
    process.send?.({ wanted: 'token', id, labels })
  })
  if (typeof answer.token !== 'string') throw new Error(`no join token: ${answer.error}`)
  return answer.token
}

const run = {
  ...{ server, dataDirectory, clock, token, signal: stop.signal },
  schedule: incidents ? createFaultSchedule({ seed, hosts }) : { incident: () => null },
  startedUs: clock.monotonicMicroseconds(),
  startedAtMs: clock.now(),
  slots: createStartSlots(STARTING_MAX),
  lookEveryMs: Math.max(LOOK_EVERY_MS_MIN, hosts * LOOK_EVERY_MS_PER_HOST),
}
await Promise.all(
  Array.from({ length: end - first }, (_, offset) => runSimulatedHost(hostPlan(seed, first + offset), run)),
)
if (process.connected) process.disconnect()
