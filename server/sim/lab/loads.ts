import type { Span } from '../core/random.ts'
import type { Body, KernelFunction, Step, TaskPlan } from '../kernel/program.ts'
import { kernelThreadPaths, patchedFunctions, systemCalls } from './call-paths.ts'
import type { LabSetting, Load } from './lab-run.ts'

const MS = 1_000
const SECOND = 1_000_000

/** What the machine serves, rounds a second for each CPU. Few and long, since each costs the simulation the same; CPUs are busy a tenth of the time. */
const RATE_OF_CPU = 20

/** How the tasks of a load are made up: so many of each hundred. */
interface Share {
  readonly percent: number
  readonly comm: string
  readonly kind: 'user' | 'kernel'
  readonly cgroup: string
  /** One round; `pause` is how long it waits for the next so that the machine as a whole keeps its rate. */
  round(pause: Span): Body
}

const user = (percent: number, comm: string, unit: string, round: Share['round']): Share => ({
  ...{ percent, comm, kind: 'user', round },
  cgroup: `/system.slice/${unit}.service`,
})
const kernel = (percent: number, comm: string, round: Share['round']): Share => ({
  ...{ percent, comm, kind: 'kernel', cgroup: '/', round },
})

const work = (us: Span): Step => ({ do: 'run', us })
const kworkers = (percent: number): Share =>
  kernel(percent, 'kworker', (pause) => [{ do: 'safe_point' }, ...kernelThreadPaths.worker(pause)])
const daemons = (percent: number): Share =>
  user(percent, 'dbus-daemon', 'dbus', (pause) => [systemCalls.poll(pause), work(40), systemCalls.write()])

const LOAD_SHARES: Readonly<Record<Load, readonly Share[]>> = {
  idle: [
    kworkers(40),
    daemons(40),
    user(20, 'cron', 'cron', (pause) => [systemCalls.nanosleep(pause), work(60), systemCalls.open()]),
  ],
  web_server: [
    kworkers(12),
    daemons(8),
    user(50, 'nginx', 'nginx', (pause) => [
      ...[systemCalls.epollWait(pause), work({ mean: 1 * MS }), systemCalls.open()],
      ...[systemCalls.readFile({ median: 6 * MS, sigma: 0.8 }), work({ mean: 2 * MS }), systemCalls.send()],
    ]),
    user(30, 'php-fpm', 'php-fpm', (pause) => [
      ...[systemCalls.receive(pause), work({ mean: 8 * MS }), systemCalls.send()],
    ]),
  ],
  database: [
    kworkers(12),
    daemons(8),
    user(55, 'postgres', 'postgresql', (pause) => [
      ...[systemCalls.receive(pause), work({ mean: 2 * MS }), systemCalls.futexWait({ mean: 20 * MS })],
      ...[systemCalls.readFile({ median: 60 * MS, sigma: 1 }), work({ mean: 2 * MS }), systemCalls.send()],
    ]),
    user(25, 'mysqld', 'mysql', (pause) => [
      ...[systemCalls.futexWait(pause), work({ mean: 2 * MS }), systemCalls.write()],
      systemCalls.fsync({ median: 25 * MS, sigma: 0.9 }),
    ]),
  ],
  asleep_in_function: [
    kworkers(10),
    user(90, 'log-reader', 'log-reader', (pause) => [systemCalls.readPipe(pause), work(80), systemCalls.write()]),
  ],
  kernel_threads: [
    kworkers(40),
    daemons(25),
    kernel(20, 'jbd2', (pause) => [{ do: 'safe_point' }, ...kernelThreadPaths.journal(pause)]),
    kernel(15, 'kswapd', (pause) => [
      { do: 'safe_point' },
      work(20),
      { do: 'sleep', kind: 'interruptible', us: pause },
    ]),
  ],
}

/** Rounds that a share of idle tasks makes, of the rate of a busy one. */
const IDLE_PART = 0.05

const sleeper = (comm: string, unit: string, reads: Step): TaskPlan => ({
  ...{ comm, kind: 'user', cgroup: `/system.slice/${unit}.service` },
  program: [{ do: 'loop', body: [reads, work(100)] }],
})

const kernelSleeper = (comm: string, body: Body): TaskPlan => ({
  ...{ comm, kind: 'kernel', program: [{ do: 'loop', body }] },
})

/** Who sleeps long in a changed function: three kinds of user threads, or of kernel threads, in turn. */
const userSleepers: readonly [TaskPlan, TaskPlan, TaskPlan] = [
  sleeper('tail', 'log-tail', systemCalls.readPipe({ from: 1_800 * SECOND, to: 7_200 * SECOND })),
  sleeper('rsync', 'backup', systemCalls.readFile({ median: 30 * SECOND, sigma: 0.7 })),
  sleeper('python3', 'batch', systemCalls.readPipe({ median: 25 * SECOND, sigma: 0.8 })),
]

/** The last kind has no point where it could be frozen, as out-of-tree modules have none. */
const kernelSleepers: readonly [TaskPlan, TaskPlan, TaskPlan] = [
  kernelSleeper('nfsd', [{ do: 'safe_point' }, ...kernelThreadPaths.nfsd('interruptible', { mean: 40 * SECOND })]),
  kernelSleeper('nfsd', [{ do: 'safe_point' }, ...kernelThreadPaths.nfsd('idle', { mean: 20 * SECOND })]),
  kernelSleeper('storage_scan', kernelThreadPaths.nfsd('uninterruptible', { mean: 30 * SECOND })),
]

/** All tasks of a setting, in the order in which they are started: sleepers are spread evenly among the others. */
export const tasksOf = ({ load, tasks, cpus, sleepers }: LabSetting): readonly TaskPlan[] => {
  const kinds = load === 'kernel_threads' ? kernelSleepers : userSleepers
  const asleep = Math.min(sleepers, tasks)
  const pause: Span = { mean: pauseUs(load, tasks - asleep, cpus) }
  let placed = 0
  return Array.from({ length: tasks }, (_, index) => {
    const isSleeper = Math.floor(((index + 1) * asleep) / tasks) > placed
    if (!isSleeper) return planOf(shareAt(LOAD_SHARES[load], index - placed), pause)
    placed += 1
    return sleeperOf(kinds, placed - 1)
  })
}

const sleeperOf = (kinds: readonly [TaskPlan, TaskPlan, TaskPlan], index: number): TaskPlan =>
  kinds[index % 3] ?? kinds[0]

/** Each waits so long that together they keep the machine's rate, whatever their number. */
const pauseUs = (load: Load, tasks: number, cpus: number): number => {
  const rate = RATE_OF_CPU * cpus * (load === 'idle' ? IDLE_PART : 1)
  return Math.max(20 * MS, Math.round((Math.max(1, tasks) / rate) * SECOND))
}

/** Shares are mixed evenly, so that a smaller number of tasks is made up alike. */
const shareAt = (shares: readonly Share[], index: number): Share => {
  let place = (index * 61) % 100
  for (const share of shares) {
    place -= share.percent
    if (place < 0) return share
  }
  throw new Error('shares are less than a hundred')
}

/** It starts anywhere in its round. */
const planOf = ({ comm, kind, cgroup, round }: Share, pause: Span): TaskPlan => ({
  ...{ comm, kind, cgroup },
  program: [...startOf(kind, pause), { do: 'loop', body: round(pause) }],
})

const startOf = (kind: 'user' | 'kernel', pause: Span): Body =>
  kind === 'kernel' ? [{ do: 'sleep', kind: 'idle', us: pause }] : [systemCalls.nanosleep(pause)]

/** What the patch of a setting changes. */
export const functionsOf = ({ load, functions }: LabSetting): readonly KernelFunction[] =>
  patchedFunctions(load === 'kernel_threads' ? 'kernel' : 'user', functions)
