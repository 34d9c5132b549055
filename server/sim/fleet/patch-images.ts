import type { KernelFacts } from '../kernel/kernel-facts.ts'
import type { LivepatchObject, ModuleImage } from '../kernel/module-image.ts'
import type { ModelPatch } from '../models/model.ts'
import { OTHER_FIXED_FUNCTIONS, type PatchSeries, seriesOf } from './patches-of-other-systems.ts'
import { FIXED_FUNCTIONS, PUBLISHED_PATCHES } from './published-patches.ts'

/** A published patch as the module that a host of this release and architecture loads. */
export interface FleetPatch {
  readonly image: ModuleImage
  readonly notice: string
  readonly date: string
  /** As its tool calls it. */
  readonly title: string
  /** What its system makes of the kernel with it, where it has such a notion. */
  readonly effective: string | null
  /** All that it fixes. */
  readonly cves: readonly string[]
  /** Of vmlinux. */
  readonly functions: readonly string[]
  /** `OBJECT:FUNCTION`, of modules too. */
  readonly redirects: readonly string[]
}

/** Drivers that are built for x86 alone. */
const X86_ONLY = new Set(['amdgpu', 'idxd', 'iwlmvm', 'kvm_amd'])

const made = new Map<string, readonly FleetPatch[]>()

/** Patches for a release, oldest first; all are cumulative but Ksplice's updates. Empty when none was published. Hosts of one kind share them. */
export const patchesFor = (release: string, architecture: KernelFacts['architecture']): readonly FleetPatch[] => {
  const key = `${release} ${architecture}`
  const patches = made.get(key) ?? makePatches(release, architecture)
  made.set(key, patches)
  return patches
}

const makePatches = (release: string, architecture: KernelFacts['architecture']): FleetPatch[] => {
  const series = seriesOf(release)
  const published: PatchSeries['patches'] = series?.patches ?? (isPatched(release) ? PUBLISHED_PATCHES[release] : [])
  return published.map((patch, index) => {
    const from = series?.cumulative === false ? index : 0
    const cves = published.slice(from, index + 1).flatMap(({ adds }) => adds)
    const redirects = [...new Set(cves.flatMap(functionsFixedBy))]
      .filter((redirect) => architecture === 'x86_64' || !X86_ONLY.has(objectOf(redirect)))
      .sort()
    return {
      image:
        series === null
          ? livepatchModule(patch.name, objectsOf(redirects, newNameIn(patch.name)), { replace: true, signed: true })
          : otherModule(patch.name, redirects),
      ...{ notice: patch.notice, date: patch.date, title: patch.title ?? patch.name },
      effective: patch.effective ?? null,
      cves: [...new Set(cves)].sort(),
      functions: redirects.filter((redirect) => objectOf(redirect) === 'vmlinux').map(functionOf),
      redirects,
    }
  })
}

export const functionsFixedBy = (cve: string): readonly string[] =>
  FIXED_FUNCTIONS[cve] ?? OTHER_FIXED_FUNCTIONS[cve] ?? []

/** A module with a patch for a system other than livepatch. */
const otherModule = (name: string, redirects: readonly string[]): ModuleImage => ({
  ...{ name, sizeBytes: PAGE_BYTES * (3 + redirects.length), version: null, srcversion: sourceVersion(name) },
  ...{ signed: true, functions: [], parameters: {} },
  patch: { name, functions: redirects.map(functionIn) } satisfies ModelPatch,
})

const functionIn = (redirect: string): ModelPatch['functions'][number] => ({
  function: { object: objectOf(redirect), name: functionOf(redirect), sympos: 1 },
})

/** SUSE gives the new version a name of its own; kpatch-build, which the others use, keeps the old one. */
const newNameIn = (patch: string) => (name: string) =>
  patch.startsWith('livepatch_') && !patch.startsWith('livepatch_CVE') ? `klpp_${name}` : name

const isPatched = (release: string): release is keyof typeof PUBLISHED_PATCHES =>
  Object.hasOwn(PUBLISHED_PATCHES, release)

export const objectOf = (redirect: string): string => redirect.slice(0, redirect.indexOf(':'))
export const functionOf = (redirect: string): string => redirect.slice(redirect.indexOf(':') + 1)

const objectsOf = (redirects: readonly string[], newName: (name: string) => string): LivepatchObject[] =>
  [...new Set(redirects.map(objectOf))].map((name) => ({
    name,
    functions: redirects
      .filter((redirect) => objectOf(redirect) === name)
      .map((redirect) => ({ name: functionOf(redirect), sympos: 0, newName: newName(functionOf(redirect)) })),
  }))

/** 24 hexadecimal digits, as modpost makes them of the sources; here of the name, by FNV-1a. */
const sourceVersion = (name: string): string => {
  let text = ''
  for (let part = 0; part < 3; part += 1) {
    let hash = 0x81_1c_9d_c5 ^ part
    for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93)
    text += (hash >>> 0).toString(16).toUpperCase().padStart(8, '0')
  }
  return text
}

const PAGE_BYTES = 4_096

export const livepatchModule = (
  name: string,
  objects: readonly LivepatchObject[],
  { replace, signed }: { replace: boolean; signed: boolean },
): ModuleImage => ({
  name,
  sizeBytes: PAGE_BYTES * (3 + objects.flatMap(({ functions }) => functions).length),
  version: null,
  srcversion: sourceVersion(name),
  signed,
  functions: [],
  parameters: {},
  livepatch: { marked: true, replace, objects, states: [] },
})

/** A function that somebody on the host itself patched, by a patch that nobody published. */
export const LOCAL_PATCH_FUNCTION = 'meminfo_proc_show'
export const LOCAL_PATCH: ModuleImage = livepatchModule(
  'hotfix_local',
  [{ name: 'vmlinux', functions: [{ name: LOCAL_PATCH_FUNCTION, sympos: 0 }] }],
  { replace: false, signed: false },
)

/** A module that a host has loaded, so that its functions can be patched. */
export const targetModule = (name: string, functions: readonly string[]): ModuleImage => ({
  ...{ name, sizeBytes: PAGE_BYTES * (8 + functions.length), version: null, srcversion: sourceVersion(name) },
  ...{ signed: true, inTree: true, functions, parameters: {} },
})
