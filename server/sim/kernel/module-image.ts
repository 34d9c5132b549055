import type { Body } from './program.ts'

/** What a `.ko` file holds, as far as a kernel that loads it can tell. */
export interface ModuleImage {
  readonly name: string
  readonly sizeBytes: number
  readonly version: string | null
  readonly srcversion: string | null
  readonly signed: boolean
  /** What finit_module refuses the file for, before anything of it runs. */
  readonly defect?: ModuleDefect
  /** Functions of its own that can be patched, in the order of its symbols: of one name, the first has sympos 1. */
  readonly functions: readonly string[]
  /** Parameters and their defaults, as under /sys/module/NAME/parameters. */
  readonly parameters: Readonly<Record<string, string>>
  readonly livepatch?: LivepatchImage
}

export type ModuleDefect = 'not_elf' | 'truncated' | 'vermagic' | 'foreign' | 'undefined_symbol'

/** struct klp_patch (include/linux/livepatch.h). */
export interface LivepatchImage {
  /** False: the module lacks the `livepatch` mark of its modinfo, and is refused. */
  readonly marked: boolean
  readonly replace: boolean
  readonly objects: readonly LivepatchObject[]
  /** klp_state: what it changes in the system, and by which version of that change. */
  readonly states: readonly { readonly id: number; readonly version: number }[]
}

export interface LivepatchObject {
  /** `vmlinux`, or a module's name. */
  readonly name: string
  readonly functions: readonly LivepatchFunction[]
  readonly callbacks?: LivepatchCallbacks
}

export interface LivepatchFunction {
  readonly name: string
  /** 0: the only one of that name. */
  readonly sympos: number
  /** What the new version does; as the original when left out. */
  readonly body?: Body | ((parameters: Readonly<Record<string, string>>) => Body)
}

/** Documentation/livepatch/callbacks.rst. `prePatch` returns a negative errno to refuse. */
export interface LivepatchCallbacks {
  readonly prePatch?: (parameters: Readonly<Record<string, string>>) => number
  readonly postPatch?: () => void
  readonly preUnpatch?: () => void
  readonly postUnpatch?: () => void
}
