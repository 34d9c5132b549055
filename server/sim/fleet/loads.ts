import type { Random } from '../core/random.ts'
import type { Body, KernelFunction, TaskPlan } from '../kernel/program.ts'

export const ROLES = ['web', 'database', 'batch', 'proxy', 'idle'] as const
export type HostRole = (typeof ROLES)[number]

const SECOND = 1_000_000
const vmlinux = (name: string): KernelFunction => ({ object: 'vmlinux', name, sympos: 1 })

/** Works a little and waits in a system call, over and over; the waits are long, so that watching it is cheap. */
const serves = (name: string, inside: string, waitUs: number, workUs = 300): Body => [
  {
    do: 'loop',
    body: [
      { do: 'run', us: { mean: workUs } },
      {
        ...{ do: 'system_call', name },
        body: [
          {
            ...{ do: 'call', function: vmlinux(inside) },
            body: [{ do: 'sleep', kind: 'interruptible', us: { median: waitUs, sigma: 0.7 } }],
          },
        ],
      },
    ],
  },
]

const computes: Body = [
  {
    do: 'loop',
    body: [
      { do: 'run', us: { median: 0.2 * SECOND, sigma: 0.5 } },
      {
        ...{ do: 'system_call', name: 'write' },
        body: [
          { do: 'run', us: 80 },
          { do: 'sleep', kind: 'killable', us: { mean: 0.3 * SECOND } },
        ],
      },
    ],
  },
]

const kernelThread = (comm: string, waitUs: number): TaskPlan => ({
  ...{ comm, kind: 'kernel' },
  program: [
    {
      do: 'loop',
      body: [
        { do: 'run', us: { mean: 60 } },
        { do: 'safe_point' },
        { do: 'sleep', kind: 'idle', us: { median: waitUs, sigma: 0.8 } },
      ],
    },
  ],
})

const service = (comm: string, unit: string, program: Body): TaskPlan => ({
  ...{ comm, kind: 'user', cgroup: `/system.slice/${unit}.service`, program },
})

const EPOLL = serves('epoll_wait', 'ep_poll', 2 * SECOND)
const FUTEX = serves('futex', 'futex_wait', 4 * SECOND)
const SELECT = serves('select', 'core_sys_select', 5 * SECOND)

/** What runs on any host; the first is process 1. */
const COMMON: readonly TaskPlan[] = [
  { comm: 'systemd', kind: 'user', cgroup: '/init.scope', program: EPOLL },
  kernelThread('kthreadd', 30 * SECOND),
  kernelThread('rcu_sched', 3 * SECOND),
  kernelThread('kworker/0:1', 4 * SECOND),
  kernelThread('kworker/u8:0', 5 * SECOND),
  kernelThread('kswapd0', 60 * SECOND),
  service('systemd-journal', 'systemd-journald', EPOLL),
  service('dbus-daemon', 'dbus', EPOLL),
  service('chronyd', 'chronyd', SELECT),
  service('sshd', 'sshd', SELECT),
  service('cron', 'cron', serves('clock_nanosleep', 'hrtimer_nanosleep', 20 * SECOND)),
  service('node_exporter', 'node_exporter', EPOLL),
]

const repeat = (count: number, plan: TaskPlan): TaskPlan[] => Array.from({ length: count }, () => plan)

const inContainer = (random: Random, plan: TaskPlan): TaskPlan => {
  const hex = (digits: number) => Array.from({ length: digits }, () => random.integer(0, 15).toString(16)).join('')
  const pod = [8, 4, 4, 4, 12].map(hex).join('_')
  const slice = `kubepods-burstable-pod${pod}.slice`
  return {
    ...plan,
    cgroup: `/kubepods.slice/kubepods-burstable.slice/${slice}/cri-containerd-${hex(64)}.scope`,
  }
}

const OWN: Readonly<Record<HostRole, (random: Random) => TaskPlan[]>> = {
  web: (random) => [
    ...repeat(random.integer(2, 6), service('nginx', 'nginx', EPOLL)),
    ...repeat(random.integer(3, 8), inContainer(random, { comm: 'node', kind: 'user', program: EPOLL })),
    ...repeat(random.integer(2, 4), inContainer(random, { comm: 'gunicorn', kind: 'user', program: SELECT })),
  ],
  database: (random) => [
    ...repeat(random.integer(6, 14), service('postgres', 'postgresql', EPOLL)),
    service('postgres', 'postgresql', serves('fdatasync', 'file_write_and_wait_range', 2 * SECOND, 900)),
    service('pgbouncer', 'pgbouncer', EPOLL),
  ],
  batch: (random) => [
    ...repeat(random.integer(1, 2), service('python3', 'batch-worker', computes)),
    ...repeat(random.integer(3, 6), service('java', 'spark-worker', FUTEX)),
  ],
  proxy: (random) => [
    ...repeat(random.integer(2, 8), service('haproxy', 'haproxy', EPOLL)),
    service('varnishd', 'varnish', FUTEX),
    service('keepalived', 'keepalived', SELECT),
  ],
  idle: () => [service('agetty', 'getty@tty1', serves('read', 'n_tty_read', 60 * SECOND))],
}

/** Tasks of a host in the order in which they start. */
export const loadOf = (role: HostRole, random: Random): TaskPlan[] => [...COMMON, ...OWN[role](random)]

/** Modules that such a host has loaded and that some livepatch changes. */
export const MODULES_OF: Readonly<Record<HostRole, readonly string[]>> = {
  web: ['nf_tables', 'bridge', 'virtio_net', 'vhost', 'x_tables'],
  database: ['btrfs', 'virtio_net', 'nf_tables', 'vhost', 'x_tables'],
  batch: ['cifs', 'virtio_net', 'nf_tables', 'vhost', 'x_tables'],
  proxy: ['nf_tables', 'mpls_router', 'ip_tunnel', 'ip_gre', 'sch_netem', 'virtio_net', 'vhost'],
  idle: ['virtio_net', 'bluetooth', 'mpls_router', 'vhost'],
}
