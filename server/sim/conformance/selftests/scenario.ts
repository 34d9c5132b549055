/** A kernel may lack what a scenario looks at: kernel/livepatch and ftrace grew over the releases. */
export type Needs = 'replaceAttribute' | 'stackOrderAttribute' | 'ftraceSwitch' | 'ftraceSwitchRetired'

/** What the logs of the scenarios are written for: all of livepatch's debugging but that of each task. */
export const DYNAMIC_DEBUG = 'file kernel/livepatch/* +p\nfunc klp_try_switch_task -p\n'

/** One act, and what the kernel must say of it in its log: all lines of livepatch's and of the lab's modules, in order. */
export type SelftestStep =
  | {
      readonly do: 'load'
      readonly module: string
      readonly parameters?: Readonly<Record<string, string>>
      readonly log: Log
    }
  /** Waits for the end of the transition. */
  | {
      readonly do: 'load_livepatch'
      readonly module: string
      readonly parameters?: Readonly<Record<string, string>>
      readonly log: Log
    }
  | {
      readonly do: 'load_fails'
      readonly module: string
      readonly parameters?: Readonly<Record<string, string>>
      readonly errno: string
      readonly log: Log
    }
  /** Waits until nothing holds it. */
  | { readonly do: 'unload'; readonly module: string; readonly log?: Log }
  /** Waits until the patch's directory has gone. */
  | { readonly do: 'disable'; readonly patch: string; readonly log: Log }
  | { readonly do: 'write'; readonly path: string; readonly text: string; readonly errno?: string }
  | { readonly do: 'read'; readonly path: string; readonly content: string }
  /** Which patch's text a file shows; null: the kernel's own. */
  | { readonly do: 'shows'; readonly path: string; readonly patch: string | null }
  | { readonly do: 'mode'; readonly path: string; readonly mode: string }
  | { readonly do: 'wait'; readonly seconds: number; readonly log?: Log }
  /** A function is traced while /proc/cmdline is read; the trace must name it. */
  | { readonly do: 'trace'; readonly function: string }
  | { readonly do: 'traced'; readonly function: string }
  /** As many processes as there are CPUs call umask(2) all the time; until each was seen in that patch's version. */
  | { readonly do: 'hammer' }
  | { readonly do: 'hammers_reach'; readonly patch: string }

export type Log = readonly string[]

export interface Scenario {
  /** The kernel's selftest that it says anew (tools/testing/selftests/livepatch). */
  readonly name: string
  readonly needs?: Needs
  readonly steps: readonly SelftestStep[]
}

/** Lines of callbacks, by what they are called for. */
export interface Around {
  readonly pre?: Log
  readonly post?: Log
}

const livepatch = (patch: string, text: string): string => `livepatch: '${patch}': ${text}`

/** What a kernel with dynamic debug for kernel/livepatch logs of a patch that goes in. */
export const patching = (patch: string, { pre = [], post = [] }: Around = {}): Log => [
  ...startsPatching(patch, pre),
  livepatch(patch, 'completing patching transition'),
  ...post,
  livepatch(patch, 'patching complete'),
]

export const startsPatching = (patch: string, pre: Log = []): Log => [
  `livepatch: enabling patch '${patch}'`,
  livepatch(patch, 'initializing patching transition'),
  ...pre,
  livepatch(patch, 'starting patching transition'),
]

export const unpatching = (patch: string, { pre = [], post = [] }: Around = {}): Log => [
  livepatch(patch, 'initializing unpatching transition'),
  ...pre,
  ...endsUnpatching(patch, post),
]

const endsUnpatching = (patch: string, post: Log): Log => [
  livepatch(patch, 'starting unpatching transition'),
  livepatch(patch, 'completing unpatching transition'),
  ...post,
  livepatch(patch, 'unpatching complete'),
]

export const reversing = (patch: string, post: Log = []): Log => [
  livepatch(patch, 'reversing transition from patching to unpatching'),
  ...endsUnpatching(patch, post),
]

/** A patch that is refused after it had begun. */
export const canceled = (patch: string, why: Log): Log => [
  `livepatch: enabling patch '${patch}'`,
  livepatch(patch, 'initializing patching transition'),
  ...why,
  `livepatch: failed to enable patch '${patch}'`,
  livepatch(patch, 'canceling patching transition, going to unpatch'),
  livepatch(patch, 'completing unpatching transition'),
  livepatch(patch, 'unpatching complete'),
]

export const FTRACE_REFUSES: Log = [
  "livepatch: failed to register ftrace handler for function 'cmdline_proc_show' (-16)",
  "livepatch: failed to patch object 'vmlinux'",
]

export const attribute = (patch: string, name: string): string => `/sys/kernel/livepatch/${patch}/${name}`

export const takeOut = (patch: string, around: Around = {}): readonly SelftestStep[] => [
  { do: 'disable', patch, log: unpatching(patch, around) },
  { do: 'unload', module: patch },
]
