import * as z from 'zod'
import { hostText, KernelName } from './primitives.ts'

/** A list's most, so that a module that was made to be large cannot fill the database: far more than any known patch has. */
const OBJECTS_MAX = 500
const FUNCTIONS_MAX = 5000

/**
 * What an uploaded livepatch module says of itself, as far as its file shows it. Null: the file does not show it, which is
 * not "no". Sources: include/linux/livepatch.h, Documentation/livepatch/module-elf-format.rst, scripts/livepatch and
 * kpatch's kpatch-patch.h.
 */
export const PatchedFunction = z.strictObject({
  /** As the kernel knows it: `old_name`. */
  name: hostText(512),
  /** Which of the functions of that name, from 1 (`old_sympos`); 0: there is only one. */
  sympos: z.int().min(0),
  /** The symbol of its replacement; null: not shown. The kernel refuses a function without one (klp_init_func). */
  replacement: hostText(512).nullable(),
})

export const CALLBACK_KINDS = ['pre_patch', 'post_patch', 'pre_unpatch', 'post_unpatch'] as const

export const PatchedObject = z.strictObject({
  /** A module's name; null: the kernel itself. */
  name: KernelName.nullable(),
  functions: z.array(PatchedFunction).max(FUNCTIONS_MAX),
  callbacks: z.array(z.enum(CALLBACK_KINDS)).max(4),
})
export type PatchedObject = z.infer<typeof PatchedObject>

/** By which its tables were made. `kpatch`: kpatch-build; `klp-build`: the kernel's own; `source`: written by hand. */
export const MODULE_MAKERS = ['kpatch', 'klp-build', 'source', 'unknown'] as const

export const ModuleSignature = z.strictObject({
  /** Name of the signer's certificate, or its key's id where only that is given; null: not shown. */
  signer: hostText(256).nullable(),
  keyId: hostText(128).nullable(),
  /** As `sha256` and `rsa`. */
  hash: hostText(32).nullable(),
  algorithm: hostText(32).nullable(),
})

export const ModuleFacts = z.strictObject({
  name: KernelName,
  version: hostText(128).nullable(),
  srcversion: hostText(64).nullable(),
  vermagic: hostText(256),
  /** The first word of vermagic, as `uname -r` prints it. */
  release: hostText(128),
  /** As `uname -m` prints it. */
  architecture: z.enum(['x86_64', 'aarch64', 'ppc64le', 's390x']),
  /** Of the module's own file, by its linker; a kernel has another. */
  buildId: hostText(128).nullable(),
  description: hostText(1000).nullable(),
  licence: hostText(128).nullable(),
  author: hostText(256).nullable(),
  depends: z.array(KernelName),
  maker: z.enum(MODULE_MAKERS),
  /** Null: the tables that name them could not be read, and `unread` says why. */
  objects: z.array(PatchedObject).max(OBJECTS_MAX).nullable(),
  unread: hostText(300).nullable(),
  /** Cumulative: it takes the place of all patches before it. */
  replace: z.boolean().nullable(),
  /** Names of the functions of the shadow variables' API that it calls. */
  shadowVariables: z.array(hostText(64)).max(20),
  /** `klp_state`: what it changes beyond code, and in which version. */
  states: z
    .array(z.strictObject({ id: z.string().max(20), version: z.int() }))
    .max(200)
    .nullable(),
  /** Built against symbol versions (`__versions`): the kernel compares them at load. */
  modversions: z.boolean(),
  signature: ModuleSignature.nullable(),
  /** As its metadata names them: CVE-YYYY-N. */
  cves: z.array(z.string().regex(/^CVE-\d{4}-\d{4,19}$/)).max(1000),
})
export type ModuleFacts = z.infer<typeof ModuleFacts>
