import * as z from 'zod'
import { ACCESS_STATES, COVERAGES, PROVIDER_PATCH_STATES, REBOOT_ANSWERS } from '../domain/words.ts'
import { LivepatchObject } from './kernel.ts'
import { hostText, Instant, KernelName } from './primitives.ts'

/** As the CVE programme writes it, in upper case: CVE JSON record format 5.1, `cveId`. */
export const CveId = z.string().regex(/^CVE-\d{4}-\d{4,19}$/, 'should be a CVE, as CVE-2024-1086')

/** A calendar day without a zone, as vendors give the end of support: `2027-03-31`. */
const Day = z.iso.date()

/** One patch as the tool names it: a livepatch module, a Ksplice update, a KernelCare patch level. */
export const ProviderPatch = z.strictObject({
  /** The tool's own: a module's name, Ksplice's eight characters, KernelCare's level `11` or `11-extra`. */
  id: hostText(128),
  name: hostText(300),
  version: hostText(64).nullable(),
  /** Patches of running programs and libraries are told apart from those of the kernel. */
  target: z.enum(['kernel', 'user_space']),
  state: z.enum(PROVIDER_PATCH_STATES),
  /** The tool's own word for the state, where it has one. */
  stateText: hostText(64).nullable(),
  /** Fixed by it, as the tool says; empty: none, or the tool names none. */
  cves: z.array(CveId).max(2048),
  /** The livepatch module that carries it, as in /sys/kernel/livepatch; null: this system keeps its code elsewhere. */
  livepatch: KernelName.nullable(),
  /** What it replaces, by object, where its system has a sysfs of its own (kGraft, kpatch's core); left out: not shown. */
  objects: z.array(LivepatchObject).max(64).optional(),
  /** Whether it comes back by itself with the next boot of this kernel; null: the tool does not say. */
  atNextBoot: z.boolean().nullable(),
  /** False for one that is in but fixes nothing: SUSE's initial patch, Ksplice's enablement updates. */
  protects: z.boolean(),
  /** The vendor has taken it back: it is in here, and is to be removed. */
  withdrawn: z.boolean(),
})
export type ProviderPatch = z.infer<typeof ProviderPatch>

/** One step that the tool would take now, in the order in which it would. */
export const ProviderStep = z.strictObject({
  action: z.enum(['install', 'remove']),
  id: hostText(128),
  name: hostText(300),
  cves: z.array(CveId).max(256),
})
export type ProviderStep = z.infer<typeof ProviderStep>

/** A process, or one thread of it, that the tool names as being in its way. */
export const ProviderBlocker = z.strictObject({
  /** null: the tool names a thread alone, and whose it is could not be told. */
  pid: z.int().min(0).nullable(),
  tid: z.int().min(0).nullable(),
  comm: hostText(64).nullable(),
  stack: z.array(hostText(512)).max(64),
})
export type ProviderBlocker = z.infer<typeof ProviderBlocker>

/** What went wrong when a provider was read; `code` is the tool's exit code, null where there was none. */
export const ProviderTrouble = z.strictObject({
  /** The command or file. */
  source: hostText(256),
  code: z.int().nullable(),
  text: hostText(1000),
})
export type ProviderTrouble = z.infer<typeof ProviderTrouble>

/** What one provider (a live patching system that the agent can read) found on this host. */
export const ProviderReport = z.strictObject({
  /** One of PROVIDER_NAMES; an agent newer than this server may know more. */
  name: hostText(32),
  /** Installed, loaded and in effect are separate facts; this says only that the system is there. */
  present: z.boolean(),
  /** One sentence. */
  detail: z.string().max(300),
  /** Of the tool; null: not known. */
  version: hostText(64).nullable().default(null),
  /** False: it is installed and switched off, or another system does the work. */
  active: z.boolean().nullable().default(null),
  /** The release whose fixes this kernel has; null: this system has no such notion, or it could not be read. */
  effectiveKernel: hostText(128).nullable().default(null),
  coverage: z.enum(COVERAGES).default('unknown'),
  /** The last day on which patches for this kernel come. */
  coverageUntil: Day.nullable().default(null),
  access: z.enum(ACCESS_STATES).default('unknown'),
  accessDetail: hostText(300).nullable().default(null),
  /** null: could not be read. Bounded: what is beyond is in `troubles`. */
  patches: z.array(ProviderPatch).max(512).nullable().default(null),
  /** What the vendor offers and the host lacks; null: not known without asking the vendor. */
  steps: z.array(ProviderStep).max(512).nullable().default(null),
  /** A newer patch set exists, where the tool says no more than that; null: it does not say. */
  behind: z.boolean().nullable().default(null),
  /** The tool is changing the kernel, or says that a transition runs. */
  inProgress: z.boolean().nullable().default(null),
  reboot: z.enum(REBOOT_ANSWERS).default('unknown'),
  rebootReason: hostText(300).nullable().default(null),
  blockers: z.array(ProviderBlocker).max(64).default([]),
  /** Since when it has said the same, by the host's clock, as far as this run of the agent knows; null: not kept. */
  since: Instant.nullable().default(null),
  /** When the tool last heard from its vendor. */
  checkedAt: Instant.nullable().default(null),
  /** Settings that decide what it does: automatic updates, sticky or delayed patch sets. Nothing secret. */
  settings: z
    .array(z.strictObject({ name: hostText(64), value: hostText(200) }))
    .max(32)
    .default([]),
  troubles: z.array(ProviderTrouble).max(16).default([]),
})
export type ProviderReport = z.infer<typeof ProviderReport>

/** The distribution's side: which kernels are installed, and which live patching it offers for this one. */
export const DistributionFacts = z.strictObject({
  /** Releases with modules on disk (/lib/modules), as `uname -r` names them, oldest first; null: could not be listed. */
  installedKernels: z.array(hostText(128)).max(64).nullable(),
  /** The newest of those of the running kernel's kind; null: not known. */
  newestInstalled: hostText(128).nullable(),
  /** The newest that the distribution's stored package lists offer; null: none stored, or not read. */
  newestKnown: hostText(128).nullable(),
  /** By a file of the distribution's own; null: it keeps none. */
  rebootRequired: z.boolean().nullable(),
  /** Packages that the distribution names as the reason. */
  rebootPackages: z.array(hostText(128)).max(64),
  /** Installed packages that carry livepatches, as NAME-VERSION; null: could not be read. */
  livepatchPackages: z.array(hostText(200)).max(128).nullable(),
  /** One sentence: what live patching this distribution has for such a kernel. */
  offer: hostText(300).nullable(),
})
export type DistributionFacts = z.infer<typeof DistributionFacts>
