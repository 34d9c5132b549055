import { setMaxListeners } from 'node:events'
import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { createSystemClock } from '../agent/kernel/system-clock.ts'
import { ensureEnrolled } from '../agent/link/enrol.ts'
import { runAgent } from '../agent/run-agent.ts'
import { createObserver } from '../agent/watch/observer.ts'
import { createFaultSchedule } from '../sim/fleet/faults.ts'
import { hostPlan } from '../sim/fleet/host-plan.ts'
import { life } from '../sim/fleet/incidents.ts'
import { createLiveHost, type LiveHost } from '../sim/fleet/live-host.ts'
import { SimulatedHost } from '../sim/fleet/simulated-host.ts'
import { createSimulatedLink } from './simulated-link.ts'

/**
 * Runs simulated hosts: the real agent, once for each boot of each, in one process. Arguments: server address, data
 * directory, seed, hosts in the whole fleet, and which of them run here: the first and the one after the last. It asks
 * its parent for join tokens over the IPC channel, and ends with its parent.
 */
const [server = '', dataDirectory = '', ...numbers] = process.argv.slice(2)
const [seed = 1, hosts = 0, first = 0, end = 0] = numbers.map(Number)
const RETRY_MS = 5_000
/** So many at a time enrol and connect for the first time, so that the server is not overrun. */
const STARTING_MAX = 8
const clock = createSystemClock()
const startedUs = clock.monotonicMicroseconds()
const startedAtMs = clock.now()
const stop = new AbortController()
setMaxListeners(0, stop.signal) // every host waits for it
process.once('SIGTERM', () => stop.abort())
process.once('SIGINT', () => stop.abort())
process.once('disconnect', () => stop.abort())

const answers = new Map<number, (answer: { token?: unknown; error?: unknown }) => void>()
process.on('message', (answer: { id: number; token?: unknown; error?: unknown }) => {
  answers.get(answer.id)?.(answer)
  answers.delete(answer.id)
})
let asked = 0
const token = async (labels: Readonly<Record<string, string>>): Promise<string> => {
  asked += 1
  const id = asked
  const answer = await new Promise<{ token?: unknown; error?: unknown }>((resolve, reject) => {
    answers.set(id, resolve)
    stop.signal.addEventListener('abort', () => reject(new Error('the program stops')), { once: true })
    process.send?.({ wanted: 'token', id, labels })
  })
  if (typeof answer.token !== 'string') throw new Error(`no join token: ${answer.error}`)
  return answer.token
}

/** Room for one more to start. */
let starting = 0
const queue: (() => void)[] = []
const startSlot = async (): Promise<() => void> => {
  if (starting >= STARTING_MAX) await new Promise<void>((resolve) => queue.push(resolve))
  else starting += 1
  let given = false
  return () => {
    if (given) return
    given = true
    const next = queue.shift()
    if (next) next()
    else starting -= 1
  }
}

const schedule = createFaultSchedule({ seed, hosts })

async function live(index: number): Promise<void> {
  const plan = hostPlan(seed, index)
  const own = path.join(dataDirectory, plan.name)
  const rebooted = await stat(own).then(
    () => true,
    () => false,
  )
  const host = new SimulatedHost({ plan, startedAtMs, rebooted })
  host.run(life(host, schedule))
  const link = createSimulatedLink(host)
  const running = createLiveHost(host, { clock, startedUs })
  const enterBoot = host.onChange
  host.onChange = () => {
    link.cutIfLost()
    enterBoot?.()
  }
  try {
    await keepRunning(running, own, link)
  } finally {
    running.stop()
  }
}

/** A database that is just being restarted must not cost a host for good. */
async function keepRunning(
  running: LiveHost,
  own: string,
  link: ReturnType<typeof createSimulatedLink>,
): Promise<void> {
  const { name } = running.host.plan
  while (!stop.signal.aborted) {
    try {
      await untilDown(running, own, link)
    } catch (error) {
      if (stop.signal.aborted) return
      console.error(`${name}: ${error instanceof Error ? error.message : error}; trying again`)
      await clock.sleep(RETRY_MS, stop.signal)
    }
  }
}

/** The agent starts with its host, and is gone with it. */
async function untilDown(running: LiveHost, own: string, link: ReturnType<typeof createSimulatedLink>): Promise<void> {
  const { name, labels, architecture } = running.host.plan
  const boot = await running.poweredOn(stop.signal)
  if (boot === null) return
  const { fs, clock: hostClock, signal } = boot
  const started = await startSlot()
  try {
    await mkdir(own, { recursive: true, mode: 0o700 })
    const identity = { dataDirectory: own, hostName: name, origin: 'simulated', token: () => token(labels) } as const
    await ensureEnrolled({ ...identity, server, now: clock.now })
    await runAgent({
      ...identity,
      observer: createObserver({ fs, clock: hostClock, architecture, dataDirectory: own }),
      ...{ clock, dial: link.dial },
      signal: AbortSignal.any([stop.signal, signal]),
      log: {
        info: started,
        warn: (text) => {
          started()
          if (running.host.link.kind === 'good' && !signal.aborted) console.error(`${name}: ${text}`)
        },
      },
    })
  } finally {
    started()
  }
}

await Promise.all(Array.from({ length: end - first }, (_, offset) => live(first + offset)))
if (process.connected) process.disconnect()
