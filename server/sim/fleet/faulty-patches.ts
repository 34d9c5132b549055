import type { ModuleImage } from '../kernel/module-image.ts'
import type { Task } from '../kernel/task.ts'
import type { Hold } from './holds.ts'
import type { HostPlan } from './host-plan.ts'
import { letGo, startHolding } from './host-steps.ts'
import { oops } from './oops.ts'
import { LOCAL_PATCH_FUNCTION, livepatchModule } from './patch-images.ts'
import type { Script, SimulatedHost } from './simulated-host.ts'

/**
 * Livepatches that nobody published and that do harm on some hosts of the simulated fleet, so that whoever tries the product sees
 * a rollout that undoes itself, and one that pauses at a stalled canary.
 */
export interface FaultyPatch {
  readonly image: ModuleImage
  /** For its module's description: what it does, and where. */
  readonly about: string
  isBadOn(labels: HostPlan['labels']): boolean
  /** Before it is loaded on such a host. @returns the task that it is about */
  before(host: SimulatedHost): Script<Task | null>
  /** Once it is loaded there. */
  after(host: SimulatedHost, task: Task | null): Script
}

const moduleOf = (name: string): ModuleImage =>
  livepatchModule(
    name,
    [{ name: 'vmlinux', functions: [{ name: LOCAL_PATCH_FUNCTION, sympos: 0, newName: `${name}_show` }] }],
    { replace: false, signed: true },
  )

/** Until its module is out again, or the host is down. */
const isIn = ({ kernel }: SimulatedHost, name: string): boolean => kernel?.state.modules.get(name) !== undefined
const isSettled = ({ kernel }: SimulatedHost, name: string): boolean =>
  kernel?.state.livepatch.patches.find((patch) => patch.name === name)?.enabled === true &&
  kernel.state.livepatch.changing.patch === null

const OOPS_AFTER_SECONDS = 5
const LOOK_SECONDS = 1
const OOPSING = 'simulated_oops'

function* oopsWhenIn(host: SimulatedHost): Script {
  while (isIn(host, OOPSING) && !isSettled(host, OOPSING)) yield LOOK_SECONDS
  yield OOPS_AFTER_SECONDS
  if (host.kernel === null || !isIn(host, OOPSING)) return
  oops(host.kernel, OOPSING, `${OOPSING}_show`)
  host.log(`${OOPSING}: oops`)
}

const STALLING = 'simulated_stall'
const HOLD: Hold = {
  ...{ kind: 'uninterruptible', function: `vmlinux:${LOCAL_PATCH_FUNCTION}`, sleep: 'uninterruptible' },
  ...{ comm: 'atop', cgroup: '/system.slice/atop.service', systemCall: 'read' },
  above: ['vfs_read', 'proc_reg_read_iter', 'seq_read_iter'],
  below: ['si_swapinfo', '__mutex_lock'],
  waitsFor: 'a lock that a task holds which waits for its disk',
}

/** The task goes on once the module is out again. */
function* holdUntilOut(host: SimulatedHost, task: Task | null): Script {
  const { kernel } = host
  while (host.kernel === kernel && isIn(host, STALLING)) yield LOOK_SECONDS
  if (host.kernel === kernel) letGo(host, HOLD, task)
}

export const FAULTY_PATCHES: readonly FaultyPatch[] = [
  {
    image: moduleOf(OOPSING),
    about: 'it oopses on hosts of rack r01, five seconds after it is in',
    isBadOn: ({ rack }) => rack === 'r01',
    // biome-ignore lint/correctness/useYield: nothing comes before it
    *before() {
      return null
    },
    after: oopsWhenIn,
  },
  {
    image: moduleOf(STALLING),
    about: 'on hosts of rack r02 a task sleeps in the function that it changes, until it is out again',
    isBadOn: ({ rack }) => rack === 'r02',
    before: (host) => startHolding(host, HOLD),
    after: holdUntilOut,
  },
]

export const faultyPatch = (name: string | undefined): FaultyPatch | null =>
  FAULTY_PATCHES.find(({ image }) => image.name === name) ?? null
