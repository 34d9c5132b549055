import type { ModelPatch } from '../models/model.ts'
import type { Body, KernelFunction } from './program.ts'

/** What a `.ko` file holds, as far as a kernel that loads it can tell. */
export interface ModuleImage {
  readonly name: string
  readonly sizeBytes: number
  readonly version: string | null
  readonly srcversion: string | null
  readonly signed: boolean
  /** Built with the kernel: then it does not taint as out of tree. */
  readonly inTree?: boolean
  /** What finit_module refuses the file for, before anything of it runs. */
  readonly defect?: ModuleDefect
  /** What the kernel logs of the defect, if it does. */
  readonly defectText?: string
  /** Of that record: 3, an error, unless said otherwise. */
  readonly defectPriority?: number
  /** Functions of its own that can be patched, in the order of its symbols: of one name, the first has sympos 1. */
  readonly functions: readonly string[]
  /** Parameters and their defaults, as under /sys/module/NAME/parameters. */
  readonly parameters: Readonly<Record<string, string>>
  readonly livepatch?: LivepatchImage
  /** Built for another system: what its init function hands to that system's core. */
  readonly patch?: ModelPatch
  /** Files that it makes, each answered by one of its functions; they go with it. */
  readonly files?: readonly FunctionFile[]
  /** Its init and exit functions. */
  readonly init?: () => void
  readonly exit?: () => void
}

/** A file whose text a kernel function writes, such as /proc/cmdline: through it one sees which version was reached. */
export interface FunctionFile {
  readonly path: string
  readonly function: KernelFunction
  readonly text: string
  /** Functions that it calls after the first; the file's text is all of theirs, one behind another. */
  readonly also?: readonly { readonly function: KernelFunction; readonly text: string }[]
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
  /** Symbol of the new version; `livepatch_NAME` unless said otherwise, as in the kernel's samples. */
  readonly newName?: string
  /** What the new version does; as the original when left out. */
  readonly body?: Body | ((parameters: Readonly<Record<string, string>>) => Body)
  /** What the files that the function answers show instead (`FunctionFile`). */
  readonly text?: string
}

/** What a patch keeps of a change in the system, for those that come after it: Documentation/livepatch/system-state.rst. */
export interface LivepatchState {
  readonly id: number
  readonly version: number
  data: unknown
}

export interface LivepatchStates {
  /** klp_get_state: the patch's own. */
  own(id: number): LivepatchState | undefined
  /** klp_get_prev_state: that of the latest patch before it. */
  previous(id: number): LivepatchState | undefined
}

type Parameters = Readonly<Record<string, string>>

/** Documentation/livepatch/callbacks.rst. `prePatch` returns a negative errno to refuse. */
export interface LivepatchCallbacks {
  readonly prePatch?: (parameters: Parameters, states: LivepatchStates) => number
  readonly postPatch?: (parameters: Parameters, states: LivepatchStates) => void
  readonly preUnpatch?: (parameters: Parameters, states: LivepatchStates) => void
  readonly postUnpatch?: (parameters: Parameters, states: LivepatchStates) => void
}
