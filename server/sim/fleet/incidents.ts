import { type Fault, type FaultSchedule, type Incident, ROUND_SECONDS } from './faults.ts'
import { letGo, nameOf, reboot, startHolding, until } from './host-steps.ts'
import { oops, PANIC } from './oops.ts'
import { functionOf, LOCAL_PATCH } from './patch-images.ts'
import { beginChange, type Change, insmod, loadAgain, rmmod, withdraw, writeAttribute } from './patch-work.ts'
import type { Script, SimulatedHost } from './simulated-host.ts'
import { busyRound, TOOL_INCIDENTS } from './tool-incidents.ts'

/** How far into a round a host may come and still have all of it before it. */
const ROUND_BEGINS_SECONDS = 10
/** How far in, and its tool still has time to be seen at work. */
const BUSY_BEGINS_SECONDS = 120

/**
 * A host's life round after round, as the schedule has it. One that comes in the middle of a round begins with the next, but for
 * a busy one, which has work to do at once; `nowSeconds` is the fleet's time.
 */
export function* life(host: SimulatedHost, schedule: FaultSchedule, nowSeconds = 0): Script {
  const first = Math.ceil(Math.max(0, nowSeconds - ROUND_BEGINS_SECONDS) / ROUND_SECONDS)
  const underWay = (first - 1) * ROUND_SECONDS
  if (host.plan.condition === 'busy' && first > 0 && nowSeconds - underWay <= BUSY_BEGINS_SECONDS) {
    yield* busyRound(host, underWay)
  }
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

function* finishedStall(host: SimulatedHost, incident: Incident): Script {
  yield* stall(host, incident, [60, 110], function* (change, release) {
    release()
    yield* change.settle()
  })
}

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
  ...TOOL_INCIDENTS,
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
