import type { Task } from '../kernel/task.ts'
import { type Fault, type FaultSchedule, holdsAgainstTool, type Incident, ROUND_SECONDS } from './faults.ts'
import { type Hold, holdingTask, RELEASED } from './holds.ts'
import { oops, PANIC } from './oops.ts'
import { functionOf, LOCAL_PATCH } from './patch-images.ts'
import { beginChange, type Change, insmod, loadAgain, rmmod, withdraw, writeAttribute } from './patch-work.ts'
import type { Script, SimulatedHost } from './simulated-host.ts'
import { restore, upgrade } from './tool-work.ts'

/** How far into a round a host may come and still have all of it before it. */
const ROUND_BEGINS_SECONDS = 10

/**
 * A host's life round after round, as the schedule has it. One that comes in the middle of a round begins with the next;
 * `nowSeconds` is the fleet's time.
 */
export function* life(host: SimulatedHost, schedule: FaultSchedule, nowSeconds = 0): Script {
  const first = Math.ceil(Math.max(0, nowSeconds - ROUND_BEGINS_SECONDS) / ROUND_SECONDS)
  yield* until(host, first * ROUND_SECONDS)
  for (let round = first; ; round += 1) {
    if (host.plan.condition === 'busy') yield* busyRound(host, round * ROUND_SECONDS)
    const incident = schedule.incident(host.plan.index, round)
    if (incident) {
      yield* until(host, incident.atSeconds)
      host.log(`${incident.fault} begins`)
      yield* INCIDENTS[incident.fault](host, incident)
      host.log(`${incident.fault} is over`)
    }
    yield* until(host, (round + 1) * ROUND_SECONDS)
  }
}

function* until(host: SimulatedHost, seconds: number): Script {
  const left = seconds - host.nowUs / 1_000_000
  if (left > 0) yield left
}

/** A transition that a task holds back for so long; then `next` says how it goes on. */
function* stall(
  host: SimulatedHost,
  { hold }: Incident,
  [from, to]: readonly [number, number],
  next: (change: Change, letGo: () => void) => Script,
): Script {
  const task = hold ? yield* startHolding(host, hold) : null
  const change = yield* beginChange(host, hold?.function)
  if (change) {
    yield host.random.integer(from, to)
    yield* next(change, () => letGo(host, hold, task))
  } else letGo(host, hold, task)
}

/** Tasks rest while nobody looks; this one has to come into its function first. */
function* startHolding(host: SimulatedHost, hold: Hold): Script<Task | null> {
  const { kernel } = host
  if (kernel === null) return null
  kernel.keepTasksRunning(true)
  const task = kernel.machine.spawn(holdingTask(hold))
  host.log(`${hold.comm} (${task.tid}) waits in ${hold.function} for ${hold.waitsFor}`)
  yield 0.5
  kernel.keepTasksRunning(false)
  return task
}

const letGo = ({ kernel }: SimulatedHost, hold: Hold | null, task: Task | null): void => {
  if (kernel === null || hold === null || task === null) return
  if (hold.kind === 'killable' || hold.kind === 'interruptible') kernel.machine.kill(task, 'SIGKILL')
  else kernel.machine.signalEvent(RELEASED)
}

function* finishedStall(host: SimulatedHost, incident: Incident): Script {
  yield* stall(host, incident, [60, 110], function* (change, release) {
    release()
    yield* change.settle()
  })
}

/** Off for so many seconds, and up again. */
function* reboot(host: SimulatedHost, [from, to]: readonly [number, number]): Script {
  host.crash()
  yield host.random.integer(from, to)
  host.boot()
  yield 2
}

/** Of a round, an upgrade is under way until about this second. */
const BUSY_UNTIL = [180, 220] as const
/** A tool that was refused tries again so often; in truth it is hours. */
const TRY_AGAIN_SECONDS = [3, 7] as const

/** Behind, then being patched against something that is in the way, then up to date; and back by a reboot. */
function* busyRound(host: SimulatedHost, startSeconds: number): Script {
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

const nameOf = ({ patch, plan }: SimulatedHost): string | null => plan.patches[patch ?? -1]?.image.name ?? null

const INCIDENTS: Readonly<Record<Fault, (host: SimulatedHost, incident: Incident) => Script>> = {
  stall_killable: finishedStall,
  stall_uninterruptible: finishedStall,
  stall_kernel_thread: finishedStall,
  /** The signal comes after 15 s and is enough. */
  *stall_interruptible(host, incident) {
    yield* stall(host, incident, [25, 40], function* (change, release) {
      yield* change.settle()
      release()
    })
  },
  *upgrade(host) {
    const change = yield* beginChange(host)
    if (change) yield* change.settle()
  },
  *force(host, incident) {
    const before = host.patch
    yield* stall(host, incident, [30, 50], function* ({ patch }, release) {
      yield* writeAttribute(host, patch, 'force', '1')
      yield host.random.integer(50, 70)
      release()
      yield* reboot(host, [15, 30])
      yield* loadAgain(host, before)
    })
  },
  *reverse(host, incident) {
    yield* stall(host, incident, [20, 40], function* (change, release) {
      yield* writeAttribute(host, change.patch, 'enabled', change.direction === 'patching' ? '0' : '1')
      yield 4
      release()
      yield* change.settleReversed()
    })
  },
  *crash_patches_reloaded(host, incident) {
    const before = host.patch
    yield* stall(host, incident, [8, 20], function* () {
      yield* reboot(host, [65, 85])
      yield* loadAgain(host, before)
    })
  },
  *crash_patches_lost(host, incident) {
    const before = host.patch
    yield* stall(host, incident, [8, 20], function* () {
      yield* reboot(host, [65, 85])
      yield host.random.integer(45, 60)
      yield* loadAgain(host, before)
    })
  },
  *oops_and_stays(host) {
    yield* oopsAfterChange(host)
    yield host.random.integer(90, 120)
    const { patch } = host
    yield* reboot(host, [15, 30])
    yield* loadAgain(host, patch)
  },
  *oops_and_reboots(host) {
    const before = host.patch
    yield* oopsAfterChange(host)
    host.kernel?.log(0, PANIC)
    yield 0.1
    yield* reboot(host, [65, 85])
    // It would do so again: nothing is loaded until somebody has gone back to the one before.
    yield host.random.integer(40, 50)
    yield* loadAgain(host, before)
  },
  *drift_disabled(host) {
    const { patch } = host
    const name = nameOf(host)
    if (name === null) return
    yield* writeAttribute(host, name, 'enabled', '0')
    yield host.random.integer(70, 100)
    yield* rmmod(host, name)
    yield* loadAgain(host, patch)
  },
  *drift_unknown_patch(host) {
    if ((yield* insmod(host, LOCAL_PATCH)) !== null) return
    yield host.random.integer(70, 100)
    yield* withdraw(host, LOCAL_PATCH.name)
  },
  *drift_redirect_lost(host) {
    const lost = host.random.pick(host.plan.patches[host.patch ?? -1]?.functions ?? [])
    if (lost === undefined) return
    host.log(`ftrace no longer redirects ${lost}`)
    host.lostRedirects.add(lost)
    yield host.random.integer(130, 155)
    host.lostRedirects.delete(lost)
  },
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
  *slow_link(host) {
    const slow = { kind: 'slow', delayMs: host.random.integer(1_500, 6_000) } as const
    for (let losses = 0; losses < 2; losses += 1) {
      host.setLink(slow)
      yield host.random.integer(35, 65)
      host.setLink({ kind: 'lost' })
      yield host.random.integer(2, 8)
    }
    host.setLink({ kind: 'good' })
  },
  *lost_link(host) {
    host.setLink({ kind: 'lost' })
    yield host.random.integer(70, 150)
    host.setLink({ kind: 'good' })
  },
}

function* oopsAfterChange(host: SimulatedHost): Script {
  const change = yield* beginChange(host)
  if (change) yield* change.settle()
  yield host.random.integer(5, 15)
  const name = nameOf(host)
  const redirect = host.random.pick(host.plan.patches[host.patch ?? -1]?.redirects ?? [])
  if (host.kernel && name !== null && redirect !== undefined) oops(host.kernel, name, functionOf(redirect))
  host.log('oops')
}
