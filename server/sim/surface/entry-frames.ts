import type { KernelFacts } from '../kernel/kernel-facts.ts'

type Architecture = KernelFacts['architecture']

/** The symbol by which each architecture's entry calls a system call, and its number: arch's syscall tables. */
const SYSCALL_NUMBERS: Readonly<Record<string, readonly [x86: number, ppc: number, arm64: number, s390: number]>> = {
  read: [0, 3, 63, 3],
  write: [1, 4, 64, 4],
  poll: [7, 167, 73, 168],
  pread64: [17, 179, 67, 180],
  select: [23, 142, 72, 142],
  nanosleep: [35, 162, 101, 162],
  getpid: [39, 20, 172, 20],
  accept: [43, 330, 202, 364],
  recvfrom: [45, 337, 207, 371],
  wait4: [61, 114, 260, 114],
  fsync: [74, 118, 82, 118],
  futex: [202, 221, 98, 238],
  clock_nanosleep: [230, 248, 115, 262],
  epoll_wait: [232, 238, 22, 251],
  openat: [257, 286, 56, 288],
}

/** Where a call of that name waits, when its program names no function. */
const WAITS_IN: Readonly<Record<string, string>> = {
  read: 'pipe_read',
  poll: 'do_sys_poll',
  select: 'do_select',
  nanosleep: 'hrtimer_nanosleep',
  clock_nanosleep: 'hrtimer_nanosleep',
  accept: 'inet_csk_accept',
  recvfrom: '__skb_wait_for_more_packets',
  wait4: 'do_wait',
  fsync: 'folio_wait_bit_common',
  futex: 'futex_wait_queue',
  epoll_wait: 'ep_poll',
}

export const waitsIn = (systemCall: string | null): string =>
  systemCall === null ? 'kthread_worker_fn' : (WAITS_IN[systemCall] ?? 'schedule_timeout')

export const systemCallNumber = (architecture: Architecture, name: string): number | null => {
  const index = { x86_64: 0, ppc64le: 1, aarch64: 2, s390x: 3 }[architecture]
  return SYSCALL_NUMBERS[name]?.[index] ?? null
}

/** The frames between a call's own functions and user mode, innermost first. */
export const entryFrames = (architecture: Architecture, systemCall: string): readonly string[] => {
  switch (architecture) {
    case 'x86_64':
      return ['do_syscall_64', 'entry_SYSCALL_64_after_hwframe']
    case 'ppc64le':
      return ['system_call_exception', 'system_call_vectored_common']
    case 's390x':
      return ['__do_syscall', 'system_call']
    case 'aarch64':
      return [
        ...[`__arm64_sys_${systemCall}`, 'invoke_syscall.constprop.0', 'do_el0_svc', 'el0_svc'],
        ...['el0t_64_sync_handler', 'el0t_64_sync'],
      ]
  }
}

/** The outermost frames of a kernel thread, innermost first. */
export const kernelThreadFrames = (architecture: Architecture, release: string): readonly string[] => {
  switch (architecture) {
    case 'x86_64':
      // ret_from_fork became a function of C, called by ret_from_fork_asm, in 6.5.
      return olderThan(release, 6, 5) ? ['kthread', 'ret_from_fork'] : ['kthread', 'ret_from_fork', 'ret_from_fork_asm']
    case 'ppc64le':
      return ['kthread', 'start_kernel_thread']
    case 's390x':
      return ['kthread', '__ret_from_fork', 'ret_from_fork']
    case 'aarch64':
      return ['kthread', 'ret_from_fork']
  }
}

const olderThan = (release: string, major: number, minor: number): boolean => {
  const [first = 0, second = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  return first < major || (first === major && second < minor)
}
