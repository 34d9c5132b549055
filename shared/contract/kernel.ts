import * as z from 'zod'
import { ErrnoName, hostText, Instant, KernelName } from './primitives.ts'

/** `null` everywhere in this file means "could not be read", which is never the same as "no". */
const unknownable = <T extends z.ZodType>(schema: T) => schema.nullable()

/** One letter of /proc/sys/kernel/tainted: Documentation/admin-guide/tainted-kernels.rst. */
export const Taint = z.strictObject({
  bit: z.int().min(0).max(63),
  letter: z.string().length(1),
  meaning: z.string().max(200),
})
export type Taint = z.infer<typeof Taint>

export const KernelFacts = z.strictObject({
  release: hostText(128), // uname -r
  version: hostText(256).nullable(), // uname -v
  architecture: hostText(32), // uname -m
  /** The GNU build id in /sys/kernel/notes. Since protocol 2; absent: the agent is older, or what was recorded is. */
  buildId: unknownable(z.string().regex(/^[0-9a-f]{2,128}$/)).optional(),
  bootId: hostText(64).nullable(), // /proc/sys/kernel/random/boot_id
  bootedAt: unknownable(Instant),
  /** CONFIG_LIVEPATCH, from the kernel's config or from the presence of /sys/kernel/livepatch. */
  livepatchConfigured: unknownable(z.boolean()),
  /** CONFIG_HAVE_RELIABLE_STACKTRACE; without it only kernel exit and signals move a task. */
  reliableStackTraces: unknownable(z.boolean()),
  /** /sys/kernel/security/lockdown: `none`, `integrity`, `confidentiality`. */
  lockdown: unknownable(hostText(32)),
  /** /sys/module/module/parameters/sig_enforce. */
  moduleSignatureEnforced: unknownable(z.boolean()),
  /** /proc/sys/kernel/modules_disabled. */
  modulesDisabled: unknownable(z.boolean()),
  /** /proc/sys/kernel/ftrace_enabled; livepatch needs it where it can still be switched off. */
  ftraceEnabled: unknownable(z.boolean()),
  taints: unknownable(z.array(Taint).max(64)),
})
export type KernelFacts = z.infer<typeof KernelFacts>

export const OperatingSystem = z.strictObject({
  id: hostText(64).nullable(), // os-release(5) ID
  name: hostText(128).nullable(), // PRETTY_NAME
  versionId: hostText(64).nullable(),
})
export type OperatingSystem = z.infer<typeof OperatingSystem>

export const LivepatchFunction = z.strictObject({
  name: hostText(512),
  /** Position among symbols of that name in the object, from 1: livepatch.rst; the kernel shows 1 where a patch said 0. */
  sympos: z.int().min(0),
})
export type LivepatchFunction = z.infer<typeof LivepatchFunction>

export const LivepatchObject = z.strictObject({
  name: KernelName, // `vmlinux` or a module
  /** 0 while the module is not loaded; unknown on kernels before the attribute came (6.1). */
  patched: unknownable(z.boolean()),
  functions: z.array(LivepatchFunction).max(4096),
})
export type LivepatchObject = z.infer<typeof LivepatchObject>

/** One directory of /sys/kernel/livepatch: Documentation/ABI/testing/sysfs-kernel-livepatch. */
export const Livepatch = z.strictObject({
  name: KernelName,
  enabled: unknownable(z.boolean()),
  transition: unknownable(z.boolean()),
  /** Kernels before 6.12 have no such attribute: unknown, not false. */
  replace: unknownable(z.boolean()),
  /** Position from 1, oldest first; 7.x only. */
  stackOrder: unknownable(z.int().min(0)),
  objects: z.array(LivepatchObject).max(1024),
  /** Attributes that this agent does not know, by name; the ABI grows (`replace_set` is coming). */
  unknownAttributes: z.array(hostText(64)).max(32),
})
export type Livepatch = z.infer<typeof Livepatch>

/** A module that carries the livepatch taint (`K`), whether or not a directory in /sys/kernel/livepatch goes with it. */
export const LivepatchModule = z.strictObject({
  name: KernelName,
  version: unknownable(hostText(128)),
  srcversion: unknownable(hostText(64)),
  /** 1 while enabled, in transition, or pinned by a forced removal. */
  refcnt: unknownable(z.int()),
  taint: unknownable(hostText(32)),
  sizeBytes: unknownable(z.int().min(0)),
})
export type LivepatchModule = z.infer<typeof LivepatchModule>

/** A line of tracefs' enabled_functions, as far as every architecture prints it. */
export const EnabledFunction = z.strictObject({
  name: hostText(512),
  module: KernelName.nullable(),
  /** How many ftrace users hang on it; two livepatches of one function still count once. */
  count: z.int().min(0),
  /** Flag `I`: one user may change where the call goes, which livepatch needs. */
  ipModify: z.boolean(),
  line: hostText(512),
})
export type EnabledFunction = z.infer<typeof EnabledFunction>

/** What could not be read, and what is therefore not known. */
export const Unreadable = z.strictObject({
  path: hostText(256),
  errno: ErrnoName,
  consequence: z.string().max(300),
})
export type Unreadable = z.infer<typeof Unreadable>

/** A file, or what a tool printed, as it was read, for the Raw page. */
export const RawFile = z.strictObject({
  path: hostText(256),
  content: hostText(16_384).nullable(),
  errno: ErrnoName.nullable(),
  truncated: z.boolean(),
  /** Whose account it belongs to; left out: the kernel's own. */
  provider: hostText(32).optional(),
  /** `path` is a command line then: what it exited with; null: it was ended, or did not start. */
  exitCode: z.int().nullable().optional(),
})
export type RawFile = z.infer<typeof RawFile>
