/** What does not change while a simulated kernel runs. */
export interface KernelFacts {
  /** `uname -r` */
  readonly release: string
  /** `uname -m` */
  readonly architecture: 'x86_64' | 'ppc64le' | 'aarch64' | 's390x'
  /** `uname -v` */
  readonly version?: string
  /** Hex, even; left out: there is no /sys/kernel/notes. */
  readonly buildId?: string
  readonly hostName: string
  readonly bootId: string
  /** Milliseconds since 1970 at the machine's time 0. */
  readonly bootedAtMs: number
  /** Text of /etc/os-release. */
  readonly osRelease: string
  readonly livepatch: LivepatchFeatures
  /** False: built without CONFIG_LIVEPATCH. */
  readonly livepatchConfigured?: boolean
  /** Left out: nothing waits, and the kernel is built without pressure stall information. */
  readonly load?: MachineLoad
}

/** How much tasks wait, on average. */
export interface MachineLoad {
  /** Per cent of the time; `off`: booted with psi=0; null: the kernel is built without it. */
  readonly pressure: { readonly cpu: number; readonly memory: number; readonly io: number } | 'off' | null
  readonly average: number
  /** Where in its ups and downs the machine boots. */
  readonly phaseSeconds: number
}

/** Where releases differ in what livepatch does or shows: kernel-facts.md, "Version differences"; the histories in model-facts.md, §2. */
export interface LivepatchFeatures {
  /** `P/replace` (6.11) and `P/stack_order` (6.14) are there to read. */
  readonly replaceAttribute: boolean
  readonly stackOrderAttribute: boolean
  /** tracefs has touched_functions, and enabled_functions the flag M. */
  readonly touchedFunctions: boolean
  readonly modversions: boolean
  /** What writing 0 to ftrace_enabled does. */
  readonly ftraceSwitch: 'honoured' | 'retired'
  /** HAVE_RELIABLE_STACKTRACE: without, only the way out of the kernel switches a task. */
  readonly reliableStacks: boolean
  /** A task may switch in cond_resched() (6.4 to 6.15). */
  readonly switchesInCondResched: boolean
  /** Idle CPUs are kicked (5.16). */
  readonly kicksIdle: boolean
}
