import { PROVIDER_TITLES } from './provider-titles.ts'
import type { ProviderName } from './words.ts'

/** How a provider comes to know something: `files` the system publishes, its `tool`, `sysfs` by what is joined with it. */
export type Reveals =
  | { readonly by: 'files' | 'tool' | 'sysfs' | 'package'; readonly note?: string }
  | { readonly by: 'nothing'; readonly note: string }

/** What one live patching system lets be known of a host. `note` says what holds only at times, or why nothing is told. */
export interface ProviderDeclaration {
  /** As its maker writes it: `Ksplice (Uptrack)`. */
  readonly title: string
  readonly maker: string
  /** Which of the five systems does the work beneath. */
  readonly system: 'ksplice' | 'kernelcare' | 'kpatch' | 'kgraft' | 'livepatch'
  readonly patches: Reveals
  readonly functions: Reveals
  readonly tasks: Reveals
  readonly cves: Reveals
  readonly effectiveKernel: Reveals
  readonly offered: Reveals
  readonly coverage: Reveals
  readonly reboot: Reveals
  /** What its readings were held against: recordings of real hosts, the tool itself on real kernels, or the vendor's documents. */
  readonly heldAgainst: 'recordings' | 'real tool' | 'documents'
}

/** The columns of the table of capabilities, in its order. */
export const CAPABILITIES = {
  patches: 'Patches in the kernel',
  functions: 'Functions replaced',
  tasks: 'Tasks in the way',
  cves: 'CVEs fixed',
  effectiveKernel: 'Effective kernel',
  offered: 'What is offered',
  coverage: 'End of support',
  reboot: 'Reboot needed',
} as const satisfies Partial<Record<keyof ProviderDeclaration, string>>

export type Capability = keyof typeof CAPABILITIES

const SYSFS = { by: 'sysfs' } as const
const nothing = (note: string) => ({ by: 'nothing', note }) as const

export const PROVIDER_DECLARATIONS: Readonly<Record<ProviderName, ProviderDeclaration>> = {
  livepatch: {
    ...{ title: PROVIDER_TITLES.livepatch, maker: 'the kernel itself', system: 'livepatch', heldAgainst: 'recordings' },
    ...{ patches: SYSFS, functions: SYSFS, tasks: SYSFS },
    cves: nothing('A module does not say what it fixes.'),
    effectiveKernel: nothing('The kernel knows no such notion.'),
    offered: nothing('The kernel knows no vendor.'),
    coverage: nothing('The kernel knows no vendor.'),
    reboot: { by: 'sysfs', note: 'After a forced transition.' },
  },
  kpatch: {
    ...{ title: PROVIDER_TITLES.kpatch, maker: 'Red Hat; Amazon Linux', system: 'kpatch', heldAgainst: 'real tool' },
    patches: { by: 'tool' },
    functions: {
      by: 'sysfs',
      note: "By livepatch's sysfs; kpatch's own core, from before livepatch, has one of its own.",
    },
    tasks: { by: 'sysfs', note: "By livepatch's sysfs; kpatch's own core, from before livepatch, names none." },
    cves: { by: 'package', note: "From the package's change log; on Amazon Linux from the module's name." },
    effectiveKernel: nothing('kpatch has no such notion.'),
    offered: { by: 'tool', note: 'Amazon Linux and kpatch-dnf, from stored package lists.' },
    coverage: { by: 'tool', note: 'On Amazon Linux; Red Hat does not say.' },
    reboot: { by: 'files', note: 'By installed kernels.' },
  },
  klp: {
    ...{ title: PROVIDER_TITLES.klp, maker: 'SUSE', system: 'livepatch', heldAgainst: 'documents' },
    patches: { by: 'tool' },
    functions: SYSFS,
    tasks: SYSFS,
    cves: { by: 'tool' },
    effectiveKernel: nothing('klp has no such notion.'),
    offered: { by: 'tool', note: 'By zypper, from stored package lists; not which CVEs it fixes.' },
    coverage: { by: 'files', note: "Where the lifecycle data's package is installed." },
    reboot: { by: 'files', note: 'By installed kernels.' },
  },
  kgraft: {
    ...{ title: PROVIDER_TITLES.kgraft, maker: 'SUSE', system: 'kgraft', heldAgainst: 'documents' },
    patches: { by: 'tool' },
    functions: { by: 'files', note: "By kGraft's own sysfs." },
    tasks: { by: 'files', note: 'By /proc/PID/kgr_in_progress.' },
    cves: { by: 'tool' },
    effectiveKernel: nothing('kgr has no such notion.'),
    offered: nothing('Only zypper knows, after it has asked the network.'),
    coverage: { by: 'files', note: "Where the lifecycle data's package is installed." },
    reboot: { by: 'files', note: 'By installed kernels.' },
  },
  ksplice: {
    ...{ title: PROVIDER_TITLES.ksplice, maker: 'Oracle', system: 'ksplice', heldAgainst: 'documents' },
    patches: { by: 'files' },
    functions: nothing('Ksplice does not say which functions an update replaces.'),
    tasks: { by: 'files', note: 'After an update has failed.' },
    cves: { by: 'files', note: 'In the titles of updates.' },
    effectiveKernel: { by: 'files' },
    offered: { by: 'files', note: 'As of the last check of the client.' },
    coverage: { by: 'files', note: 'Whether there is any, as of the last check of the client; not until when.' },
    reboot: { by: 'files', note: 'By the updates offered and the installed kernels.' },
  },
  kernelcare: {
    ...{ title: PROVIDER_TITLES.kernelcare, maker: 'TuxCare', system: 'kernelcare', heldAgainst: 'documents' },
    patches: { by: 'tool' },
    functions: nothing('KernelCare does not say which functions a patch set replaces.'),
    tasks: nothing('KernelCare names none, nor does it tell that it is at work.'),
    cves: { by: 'files' },
    effectiveKernel: { by: 'files' },
    offered: {
      by: 'tool',
      note: 'Only that there is something newer; its tool asks the vendor, so every four hours at most.',
    },
    coverage: { by: 'tool', note: 'Whether there is any; not until when.' },
    reboot: { by: 'files', note: 'By installed kernels.' },
  },
  canonical: {
    ...{ title: PROVIDER_TITLES.canonical, maker: 'Canonical', system: 'livepatch', heldAgainst: 'documents' },
    patches: { by: 'tool' },
    functions: SYSFS,
    tasks: SYSFS,
    cves: { by: 'tool' },
    effectiveKernel: nothing('Its notices name a version of the patch, not of the kernel.'),
    offered: { by: 'tool' },
    coverage: { by: 'tool' },
    reboot: { by: 'tool', note: 'By the pro client, where it is installed.' },
  },
}
