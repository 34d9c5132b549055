import type { Body, KernelFunction, SleepKind, TaskPlan } from '../kernel/program.ts'
import { functionOf, objectOf } from './patch-images.ts'

/** How a task comes to sleep in a function that a livepatch changes. */
export interface Hold {
  readonly kind: 'killable' | 'uninterruptible' | 'interruptible' | 'kernel_thread'
  /** `OBJECT:FUNCTION` that is patched. */
  readonly function: string
  readonly comm: string
  readonly cgroup?: string
  readonly systemCall?: string
  /** What calls it, outermost first, and what it calls down to the sleep: functions of vmlinux unless `OBJECT:` says otherwise. */
  readonly above: readonly string[]
  readonly below: readonly string[]
  readonly sleep: SleepKind
  /** What it waits for, in words. */
  readonly waitsFor: string
}

/**
 * Chains of calls as in the kernel's sources of the release that is patched (fs/exec.c, net/ipv6/af_inet6.c,
 * net/unix/af_unix.c, kernel/bpf/syscall.c, net/core/sock.c, drivers/gpio/gpiolib-cdev.c, net/bluetooth/sco.c,
 * drivers/net/virtio_net.c, net/netfilter/nf_tables_api.c, net/mpls/af_mpls.c, drivers/vhost/vhost.c).
 */
export const HOLDS: readonly Hold[] = [
  {
    ...{ kind: 'killable', function: 'vmlinux:begin_new_exec', sleep: 'killable' },
    ...{ comm: 'nightly-report', cgroup: '/system.slice/nightly-report.service', systemCall: 'execve' },
    above: ['do_execveat_common', 'bprm_execve', 'load_elf_binary'],
    below: ['do_close_on_exec', 'filp_close', 'nfs4_file_flush', 'nfs_wb_all', 'wait_on_commit'],
    waitsFor: 'an NFS server that does not answer a COMMIT',
  },
  {
    ...{ kind: 'killable', function: 'vmlinux:inet6_create', sleep: 'killable' },
    ...{ comm: 'collectd', cgroup: '/system.slice/collectd.service', systemCall: 'socket' },
    above: ['__sys_socket', '__sock_create'],
    below: ['__request_module', 'call_usermodehelper_exec', 'wait_for_completion_state'],
    waitsFor: 'a modprobe that reads from a dead NFS share',
  },
  {
    ...{ kind: 'killable', function: 'nf_tables:nft_expr_init', sleep: 'killable' },
    ...{ comm: 'nft', cgroup: '/system.slice/firewalld.service', systemCall: 'sendmsg' },
    above: ['netlink_sendmsg', 'nfnetlink_rcv_batch', 'nf_tables_newset'],
    below: ['__request_module', 'call_usermodehelper_exec', 'wait_for_completion_state'],
    waitsFor: 'a modprobe that reads from a dead NFS share',
  },
  {
    ...{ kind: 'interruptible', function: 'vmlinux:unix_stream_read_generic', sleep: 'interruptible' },
    ...{ comm: 'metrics-relay', cgroup: '/system.slice/metrics-relay.service', systemCall: 'recvfrom' },
    above: ['__sys_recvfrom', 'sock_recvmsg', 'unix_stream_recvmsg'],
    below: ['schedule_timeout'],
    waitsFor: 'data on a Unix socket',
  },
  {
    ...{ kind: 'uninterruptible', function: 'vmlinux:__sys_bpf', sleep: 'uninterruptible' },
    ...{ comm: 'cilium-agent', cgroup: '/kubepods.slice/kubepods-burstable.slice/cilium.service', systemCall: 'bpf' },
    above: ['__do_sys_bpf'],
    below: ['map_create', 'synchronize_rcu', 'wait_for_completion'],
    waitsFor: 'a grace period that a stuck CPU holds up',
  },
  {
    ...{ kind: 'uninterruptible', function: 'vmlinux:sk_common_release', sleep: 'uninterruptible' },
    ...{ comm: 'unbound', cgroup: '/system.slice/unbound.service', systemCall: 'close' },
    above: ['__fput', 'sock_close', 'inet_release', 'udp_lib_close'],
    below: ['udp_destroy_sock', 'lock_sock_fast', '__lock_sock'],
    waitsFor: 'the lock of a socket whose sender waits for its disk',
  },
  {
    ...{ kind: 'uninterruptible', function: 'mpls_router:mpls_dev_notify', sleep: 'uninterruptible' },
    ...{ comm: 'networkd', cgroup: '/system.slice/systemd-networkd.service', systemCall: 'sendto' },
    above: ['netlink_sendmsg', 'rtnetlink_rcv_msg', 'do_setlink', 'dev_change_name', 'raw_notifier_call_chain'],
    below: ['__kmalloc', 'try_to_free_pages', 'io_schedule_timeout'],
    waitsFor: 'memory that is being written to a slow disk',
  },
  {
    ...{ kind: 'kernel_thread', function: 'vmlinux:bpf_link_free', sleep: 'uninterruptible', comm: 'kworker/1:3' },
    above: ['worker_thread', 'process_one_work', 'bpf_link_put_deferred'],
    below: ['bpf_tracing_link_release', 'synchronize_rcu_tasks', 'wait_for_completion'],
    waitsFor: 'tasks that keep on using a trampoline',
  },
  {
    ...{ kind: 'kernel_thread', function: 'bluetooth:sco_sock_timeout', sleep: 'uninterruptible', comm: 'kworker/0:2' },
    above: ['worker_thread', 'process_one_work'],
    below: ['lock_sock_nested', '__lock_sock'],
    waitsFor: 'the lock of a socket that nobody gives back',
  },
  {
    ...{ kind: 'kernel_thread', function: 'virtio_net:virtnet_probe', sleep: 'uninterruptible', comm: 'kworker/u8:2' },
    above: ['worker_thread', 'process_one_work', 'driver_probe_device', 'virtio_dev_probe'],
    below: ['register_netdev', 'rtnl_lock', '__mutex_lock'],
    waitsFor: 'the RTNL lock behind a hung device',
  },
  {
    ...{ kind: 'kernel_thread', function: 'vhost:vhost_get_vq_desc', sleep: 'uninterruptible', comm: 'vhost-2417' },
    above: ['kthread', 'vhost:vhost_worker', 'vhost_net:handle_rx'],
    below: ['__do_page_fault', 'handle_mm_fault', 'do_swap_page', '__lock_page_or_retry'],
    waitsFor: 'a page of its guest that is read from a slow disk',
  },
]

/** The event that lets the task go. */
export const RELEASED = 'released'

const kernelFunction = (text: string): KernelFunction => {
  const key = text.includes(':') ? text : `vmlinux:${text}`
  return { object: objectOf(key), name: functionOf(key), sympos: 1 }
}

/** A task that enters the function and sleeps there until `RELEASED`. */
export const holdingTask = (hold: Hold): TaskPlan => {
  const chain = [...hold.above, hold.function, ...hold.below]
  const asleep: Body = [{ do: 'sleep', kind: hold.sleep, event: RELEASED }]
  const body = chain.reduceRight<Body>(
    (inner, name) => [{ do: 'call', function: kernelFunction(name), body: inner }],
    asleep,
  )
  return {
    comm: hold.comm,
    kind: hold.kind === 'kernel_thread' ? 'kernel' : 'user',
    ...(hold.cgroup === undefined ? {} : { cgroup: hold.cgroup }),
    program: [
      { do: 'run', us: 200 },
      ...(hold.systemCall === undefined ? body : [{ do: 'system_call', name: hold.systemCall, body } as const]),
    ],
  }
}
