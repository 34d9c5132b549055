import type { Span } from '../core/random.ts'
import type { Body, KernelFunction, SleepKind, Step } from '../kernel/program.ts'

/** A function of vmlinux whose name is there once. */
export const kernelFunction = (name: string): KernelFunction => ({ object: 'vmlinux', name, sympos: 1 })

/**
 * Functions that call one another, outermost first; the innermost does what `body` says. The others take no time of
 * their own, since a step that takes some is what a simulation costs.
 */
const path = (names: readonly string[], body: Body): Body => {
  let inner = body
  for (const name of names.toReversed()) inner = [{ do: 'call', function: kernelFunction(name), body: inner }]
  return inner
}

const sleep = (kind: SleepKind, us: Span): Step => ({ do: 'sleep', kind, us })

const run = (us: Span): Step => ({ do: 'run', us })
const systemCall = (name: string, body: Body): Step => ({ do: 'system_call', name, body })

/** After the first page was waited for, the next is looked for by a call that is made anew. */
const readPages = (wait: Span): Body =>
  path(
    ['vfs_read', 'ext4_file_read_iter'],
    [...path(['filemap_read'], [sleep('killable', wait)]), ...path(['filemap_read'], [run(20)])],
  )

/** System calls by the functions that Linux 6.1 goes through, shortened. Times are of the order that servers show. */
export const systemCalls = {
  epollWait: (wait: Span): Step =>
    systemCall('epoll_wait', path(['do_epoll_wait', 'ep_poll'], [sleep('interruptible', wait)])),
  poll: (wait: Span): Step => systemCall('poll', path(['do_sys_poll', 'do_poll'], [sleep('interruptible', wait)])),
  nanosleep: (wait: Span): Step =>
    systemCall('nanosleep', path(['hrtimer_nanosleep', 'do_nanosleep'], [sleep('interruptible', wait)])),
  futexWait: (wait: Span): Step =>
    systemCall('futex', path(['do_futex', 'futex_wait'], [sleep('interruptible', wait)])),
  receive: (wait: Span): Step =>
    systemCall(
      'recvfrom',
      path(['__sys_recvfrom', 'tcp_recvmsg', 'tcp_recvmsg_locked'], [sleep('interruptible', wait)]),
    ),
  send: (): Step => systemCall('sendto', path(['__sys_sendto', 'tcp_sendmsg', 'tcp_sendmsg_locked'], [run(30)])),
  open: (): Step => systemCall('openat', path(['do_filp_open', 'path_openat', 'link_path_walk'], [run(20)])),
  /** From the disk: the page is waited for. */
  readFile: (wait: Span): Step => systemCall('read', readPages(wait)),
  /** From a pipe: until its writer writes. */
  readPipe: (wait: Span): Step => systemCall('read', path(['vfs_read', 'pipe_read'], [sleep('interruptible', wait)])),
  write: (): Step => systemCall('write', path(['vfs_write', 'ext4_file_write_iter'], [run(25)])),
  fsync: (wait: Span): Step =>
    systemCall('fsync', path(['ext4_sync_file', 'jbd2_log_wait_commit'], [sleep('uninterruptible', wait)])),
}

/** What kernel threads go through. */
export const kernelThreadPaths = {
  worker: (wait: Span): Body => [...path(['process_one_work'], [run(40)]), sleep('idle', wait)],
  journal: (wait: Span): Body => [
    ...path(['jbd2_journal_commit_transaction'], [run(50), sleep('uninterruptible', 3_000)]),
    sleep('interruptible', wait),
  ],
  nfsd: (kind: SleepKind, wait: Span): Body => path(['svc_recv'], [sleep(kind, wait), run(30)]),
}

/**
 * Functions that a patch changes, by load: the more, the more of them are in constant use. The first are those that
 * sleepers sleep in.
 */
const FILE_FUNCTIONS = ['vfs_read', 'filemap_read']
const KERNEL_THREAD_FUNCTIONS = ['svc_recv', 'jbd2_journal_commit_transaction']
const RARE_FUNCTIONS = [
  ...['do_mremap', 'packet_set_ring', 'keyctl_read_key', 'ext4_xattr_block_set', 'bpf_prog_load', 'io_uring_setup'],
  ...['futex_requeue', 'splice_to_pipe', 'seq_read_iter', 'copy_mount_options', 'do_vmsplice', 'perf_event_alloc'],
  ...['nft_set_elem_init', 'tun_set_iff', 'fuse_notify_store', 'udp_lib_getsockopt', 'tcp_gso_segment'],
]
const BUSY_FUNCTIONS = [
  ...['path_openat', 'link_path_walk', 'tcp_sendmsg', 'tcp_sendmsg_locked', 'vfs_write', 'ext4_file_write_iter'],
  ...['ext4_file_read_iter', 'ext4_sync_file', 'jbd2_log_wait_commit', 'do_filp_open', 'process_one_work'],
]
/** Some thread of a server is asleep in one of these at any time: LWN 597407 counts a few dozen such functions. */
const WAITING_FUNCTIONS = [
  ...['pipe_read', 'tcp_recvmsg_locked', 'tcp_recvmsg', 'futex_wait', 'do_futex', 'do_nanosleep', 'do_poll', 'ep_poll'],
  ...['do_sys_poll', 'do_epoll_wait'],
]

export const patchedFunctions = (threads: 'user' | 'kernel', count: number): readonly KernelFunction[] => {
  const first = threads === 'kernel' ? KERNEL_THREAD_FUNCTIONS : FILE_FUNCTIONS
  const last = threads === 'kernel' ? FILE_FUNCTIONS : []
  return [...first, ...BUSY_FUNCTIONS, ...RARE_FUNCTIONS, ...WAITING_FUNCTIONS, ...last]
    .slice(0, count)
    .map(kernelFunction)
}
