/**
 * What each errno of a change means, by the kernel's own sources (kernel/module/main.c, kernel/livepatch/core.c and
 * transition.c, security/lockdown), and what to do then. Seen on Debian's 6.1, 6.12 and 7.3.
 */
export type Attempt = 'insert' | 'remove' | 'write_enabled' | 'force' | 'signal'

const ADVICE: Readonly<Record<Attempt, Readonly<Record<string, string>>>> = {
  insert: {
    EEXIST:
      'A module of this name is loaded: enabled, disabled, or pinned by a forced removal. Enable or disable that one; a pinned one goes with a restart.',
    EBUSY:
      'Another transition is running, or ftrace is switched off (kernel.ftrace_enabled=0). Wait for its end, or switch ftrace on.',
    ENOENT:
      'The module needs a symbol that this kernel does not have: it was built for another kernel, or the module that it patches exports less.',
    EINVAL:
      'The kernel does not take this patch: a function is unknown or its name ambiguous, the livepatch mark is missing, or a later patch has changed the same state further. The kernel log names it.',
    ENOEXEC:
      'Not a module for this kernel: cut short, another vermagic, or other versions of symbols or structures. Build it against the running kernel.',
    EPERM:
      'The kernel loads no such module: the agent is not root, kernel.modules_disabled is set, or lockdown wants a signature.',
    EKEYREJECTED: 'The kernel wants modules signed by a key that it knows. Sign it, or enrol the key.',
    ENOMEM: 'The kernel has no memory left for it. Try again when it has.',
    ENODEV: "The patch's pre-patch callback refused: what it needs is not there.",
    EOPNOTSUPP: 'This kernel has no livepatch for its architecture.',
  },
  remove: {
    EAGAIN:
      'The module is in use: enabled, in transition, or pinned by a force. Disable it first; a pinned one goes with a restart.',
    ENOENT: 'No module of this name is loaded.',
    EPERM: 'The kernel unloads no module: the agent is not root, or kernel.modules_disabled is set.',
    EBUSY: 'The module is only just coming or going. Try again.',
  },
  write_enabled: {
    EBUSY: 'Another transition is running, or a cumulative patch is taking this one over. Wait for its end.',
    EINVAL: 'The patch is in that state, or on its way there, already.',
    ENOENT: 'The livepatch is gone.',
    ENODEV: 'The livepatch has just gone.',
    EACCES: 'The agent is not root.',
    EROFS: 'This kernel can only be read.',
  },
  force: {
    EINVAL: 'No transition of this patch is running any more.',
    ENOENT: 'The livepatch is gone, or its kernel has no force.',
    EACCES: 'The agent is not root.',
    EROFS: 'This kernel can only be read.',
  },
  signal: {
    ESRCH: 'The task has ended.',
    EPERM: 'The agent may not signal it.',
    EOPNOTSUPP: 'Tasks of this kernel cannot be signalled.',
  },
}

/** One sentence on what happened, and what to do. */
export const errnoAdvice = (attempt: Attempt, errno: string): string =>
  ADVICE[attempt][errno] ?? `The kernel answered ${errno}. Its log may say more.`

/**
 * The errno behind what insmod or rmmod printed, by the text at its end: kmod's mod_strerror (tools/insmod.c) and
 * busybox's moderror (modutils.c) rename four of them, all others are strerror(3). Null: another text.
 */
export const errnoOfText = (printed: string): string | null => {
  const text = printed.trim().split('\n').at(-1)?.toLowerCase() ?? ''
  return TEXTS.find(([end]) => text.endsWith(end))?.[1] ?? null
}

const TEXTS: readonly (readonly [end: string, errno: string])[] = [
  ['file exists', 'EEXIST'],
  ['device or resource busy', 'EBUSY'],
  ['unknown symbol in module', 'ENOENT'],
  ['unknown symbol in module, or unknown parameter', 'ENOENT'],
  ['no such file or directory', 'ENOENT'],
  ['is not currently loaded', 'ENOENT'],
  ['invalid parameters', 'EINVAL'],
  ['invalid argument', 'EINVAL'],
  ['invalid module format', 'ENOEXEC'],
  ['exec format error', 'ENOEXEC'],
  ['module has wrong symbol version', 'ENOEXEC'],
  ['operation not permitted', 'EPERM'],
  ['key was rejected by service', 'EKEYREJECTED'],
  ['required key not available', 'ENOKEY'],
  ['cannot allocate memory', 'ENOMEM'],
  ['no such device', 'ENODEV'],
  ['operation not supported', 'EOPNOTSUPP'],
  ['resource temporarily unavailable', 'EAGAIN'],
  ['is in use', 'EAGAIN'],
]
