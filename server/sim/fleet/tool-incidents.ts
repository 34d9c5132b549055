import type { Task } from '../kernel/task.ts'
import { type Fault, holdsAgainstTool, type Incident } from './faults.ts'
import type { Hold } from './holds.ts'
import { letGo, nameOf, reboot, startHolding, until } from './host-steps.ts'
import { beginChange, loadAgain, rmmod, withdraw } from './patch-work.ts'
import type { Script, SimulatedHost } from './simulated-host.ts'
import { restore, upgrade } from './tool-work.ts'

/** Of a round, an upgrade is under way until about this second. */
const BUSY_UNTIL = [180, 220] as const
/** A tool that was refused tries again so often; in truth it is hours. */
const TRY_AGAIN_SECONDS = [3, 7] as const

/** Behind, then being patched against something that is in the way, then up to date; and back by a reboot. */
export function* busyRound(host: SimulatedHost, startSeconds: number): Script {
  const { plan, random } = host
  const level = plan.history.at(-1) ?? null
  if (host.patch !== level) {
    yield* reboot(host, [15, 30])
    yield* isLivepatched(host) ? loadAgain(host, level) : restore(host, level)
  }
  yield random.integer(5, 15)
  host.log('its tool works at an upgrade')
  const hold = random.pick(holdsAgainstTool(plan)) ?? null
  const task = hold ? yield* startHolding(host, hold) : null
  const release = startSeconds + random.integer(...BUSY_UNTIL)
  if (isLivepatched(host)) {
    const change = yield* beginChange(host, hold?.function)
    yield* until(host, release)
    letGo(host, hold, task)
    if (change) yield* change.settle()
    return
  }
  host.run(letGoAt(host, release, hold, task))
  while (!(yield* upgrade(host, plan.patches.length - 1))) yield random.integer(...TRY_AGAIN_SECONDS)
}

function* letGoAt(host: SimulatedHost, seconds: number, hold: Hold | null, task: Task | null): Script {
  yield* until(host, seconds)
  letGo(host, hold, task)
}

const isLivepatched = ({ plan }: SimulatedHost): boolean => plan.patches.every(({ image }) => image.patch === undefined)

/** What befalls hosts with another system than livepatch, or with a vendor's tool. */
export const TOOL_INCIDENTS: Readonly<
  Record<Extract<Fault, `tool_${string}`>, (host: SimulatedHost, incident: Incident) => Script>
> = {
  *tool_upgrade_blocked(host, { hold }) {
    const before = host.patch
    const task = hold ? yield* startHolding(host, hold) : null
    yield* upgrade(host, host.plan.patches.length - 1)
    yield host.random.integer(60, 90)
    letGo(host, hold, task)
    // What went in before it was refused goes out again, so that the host is behind as it was.
    yield* reboot(host, [15, 30])
    yield* restore(host, before)
  },
  *tool_access_lost(host) {
    host.tool.trouble = host.plan.kind === 'ksplice' ? 'expired' : 'not_registered'
    yield host.random.integer(110, 150)
    host.tool.trouble = null
  },
  *tool_drift(host) {
    const { patch, kernel, plan } = host
    const name = nameOf(host)
    if (name === null || kernel === null) return
    host.tool.believed = patch
    if (plan.kind === 'canonical') {
      yield* withdraw(host, name)
      yield host.random.integer(90, 120)
      yield* loadAgain(host, patch)
    } else {
      yield kernel.disablePatch(name)
      yield* rmmod(host, name)
      yield host.random.integer(90, 120)
      yield* upgrade(host, plan.patches.length - 1)
    }
    host.tool.believed = null
  },
  *tool_times_out(host) {
    // It hangs since a reboot, which is when an agent asks anew; after that it would not ask for minutes.
    const before = host.patch
    host.tool.trouble = 'time_out'
    yield* reboot(host, [15, 30])
    yield* isLivepatched(host) ? loadAgain(host, before) : restore(host, before)
    yield host.random.integer(60, 90)
    host.tool.trouble = null
  },
}
