import type { Livepatch } from '@rebootless/shared/contract/kernel.ts'
import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { PROVIDER_DECLARATIONS } from '@rebootless/shared/domain/provider-declarations.ts'
import type { ProviderFindings } from '@rebootless/shared/domain/provider-report.ts'
import type { ProviderPatchState } from '@rebootless/shared/domain/words.ts'
import type { Provider, ProviderHost } from '../provider.ts'
import { boundPatches, firstProgram, runTrouble, trouble } from '../tool-text.ts'
import { INSTALL_DIRECTORY, readInstalledModules, readLoadedAtBoot } from './installed-modules.ts'
import { cvesOfModule, moduleVersion } from './kernel-names.ts'
import { type ChangelogEntry, fixedUpTo } from './kpatch-changelog.ts'
import { type CorePatch, readKpatchCore } from './kpatch-core.ts'
import { type KpatchList, parseKpatchList } from './kpatch-list.ts'
import { readPackageFixes } from './package-fixes.ts'
import { readPackageOffers } from './package-offers.ts'

type Trouble = ProviderReport['troubles'][number]

const TOOLS = ['/usr/sbin/kpatch', '/usr/bin/kpatch', '/usr/local/sbin/kpatch'] as const
const CORE = '/sys/kernel/kpatch'
const TROUBLES_MAX = 16
const SETTINGS_MAX = 32

/**
 * kpatch: Red Hat's, Amazon's and hand-built livepatch modules, loaded and unloaded by one script (dynup/kpatch). On kernels
 * before livepatch it brings a core of its own.
 */
export const kpatchProvider: Provider = {
  name: 'kpatch',
  declaration: PROVIDER_DECLARATIONS.kpatch,
  detect: async (host) =>
    (await firstProgram(host, TOOLS)) !== null || (await host.exists(INSTALL_DIRECTORY)) || (await host.exists(CORE)),
  watches: (host) => [
    INSTALL_DIRECTORY,
    `${INSTALL_DIRECTORY}/${host.kernel.release}`,
    '/etc/systemd/system/multi-user.target.wants',
    CORE,
    `${CORE}/patches`,
  ],
  read: async (host) => {
    const troubles: Trouble[] = []
    const tool = await firstProgram(host, TOOLS)
    const list = tool === null ? null : await readList(host, tool, troubles)
    const core = await readKpatchCore(host)
    const installed = await readInstalledModules(host)
    if (installed.here === null)
      troubles.push(
        trouble(
          INSTALL_DIRECTORY,
          null,
          'It could not be listed: which modules are installed is told by the tool alone.',
        ),
      )
    const installedHere =
      installed.here ??
      list?.list?.installed.filter(({ release }) => release === host.kernel.release).map(({ name }) => name) ??
      []
    const atBoot = await readLoadedAtBoot(host)
    const fixes = await readPackageFixes(host, troubles)
    const loaded = loadedModules(host, core, list?.list ?? null, new Set(installedHere))
    const isWhole = loaded !== null && (list?.list === undefined || list.list === null || list.whole)
    const isLoaded = new Set(loaded?.map(({ name }) => name))
    const isInstalled = new Set(installedHere)
    const others = [...isInstalled].filter((name) => !isLoaded.has(name))
    const modules = [
      ...(loaded ?? []),
      ...others.map((name): LoadedModule => ({ name, state: isWhole ? 'not_loaded' : 'unknown', stateText: null })),
    ]
    const comesBack = (name: string) => (isInstalled.has(name) ? atBoot : installed.here === null ? null : false)
    const patches = boundPatches(tool ?? INSTALL_DIRECTORY, modules, troubles).map((module) =>
      toPatch(host, module, core, fixes, comesBack(module.name)),
    )
    const { settings = [], ...offers } = await readPackageOffers(host, troubles)
    const findings: ProviderFindings = {
      ...offers,
      version: tool === null ? null : await readVersion(host, tool, troubles),
      detail: sentence(patches, installedHere.length, loaded !== null, core),
      active: loaded === null ? null : loaded.some(({ state }) => state !== 'disabled') || atBoot,
      patches: loaded === null && modules.length === 0 ? null : patches,
      inProgress: inProgress(loaded),
      blockers: [...(list?.list?.blockers ?? [])],
      settings: [
        {
          name: 'kpatch.service',
          value: atBoot === null ? 'unknown' : atBoot ? 'loads at boot' : 'does not load at boot',
        },
        ...settings,
        ...installed.elsewhere.map(({ release, names }) => ({
          name: `for ${release}`.slice(0, 64),
          value: names.join(' ').slice(0, 200),
        })),
      ].slice(0, SETTINGS_MAX),
      troubles: troubles.slice(0, TROUBLES_MAX),
    }
    return findings
  },
}

interface LoadedModule {
  readonly name: string
  readonly state: ProviderPatchState
  readonly stateText: string | null
}

const readList = async (host: ProviderHost, tool: string, troubles: Trouble[]) => {
  const result = await host.run(tool, ['list'])
  const wrong = runTrouble(`${tool} list`, result)
  if (wrong !== null) troubles.push(wrong)
  // `kpatch list` ends with 0 whatever it finds, so after another code what it printed is no list; cut off, its last line is none.
  if (!result.ok || (result.exitCode !== 0 && !result.truncated)) return { list: null, whole: false }
  const list = parseKpatchList(
    result.truncated ? result.stdout.slice(0, result.stdout.lastIndexOf('\n') + 1) : result.stdout,
  )
  if (list === null) troubles.push(trouble(`${tool} list`, result.exitCode, 'What it printed is not understood.'))
  else if (list.notUnderstood > 0)
    troubles.push(
      trouble(`${tool} list`, result.exitCode, `${list.notUnderstood} of its lines are not understood and left out.`),
    )
  return { list, whole: !result.truncated }
}

/** By the tool, else by sysfs; null: neither could be read. */
const loadedModules = (
  host: ProviderHost,
  core: readonly CorePatch[] | null,
  list: KpatchList | null,
  installed: ReadonlySet<string>,
): LoadedModule[] | null => {
  if (list !== null)
    return list.loaded.map(({ name, state, stateText }) => ({
      ...{ name, stateText },
      state: state ?? sysfsState(host, core, name),
    }))
  if (host.livepatches === null && core === null) return null
  // Without the tool's word, kpatch's own are those that it installed or that bear its prefix.
  const own = (host.livepatches ?? []).filter(({ name }) => installed.has(name) || name.startsWith('kpatch_'))
  return [...(core ?? []), ...own].map(({ name }) => ({ name, state: sysfsState(host, core, name), stateText: null }))
}

const sysfsState = (host: ProviderHost, core: readonly CorePatch[] | null, name: string): ProviderPatchState => {
  const enabled = core?.find((patch) => patch.name === name)?.enabled
  if (enabled !== undefined) return enabled === null ? 'unknown' : enabled ? 'applied' : 'disabled'
  return livepatchState(host.livepatches?.find((patch) => patch.name === name))
}

/** `enabled` and `transition` together: Documentation/livepatch/livepatch.rst, §3. */
const livepatchState = (patch: Livepatch | undefined): ProviderPatchState => {
  if (patch === undefined || patch.enabled === null || patch.transition === null) return 'unknown'
  if (patch.transition) return patch.enabled ? 'patching' : 'unpatching'
  return patch.enabled ? 'applied' : 'disabled'
}

const toPatch = (
  host: ProviderHost,
  { name, state, stateText }: LoadedModule,
  core: readonly CorePatch[] | null,
  fixes: readonly ChangelogEntry[],
  atNextBoot: boolean | null,
): ProviderPatch => {
  const version = moduleVersion(name, host.kernel.release)
  const own = core?.find((patch) => patch.name === name)
  return {
    ...{ id: name, name, version, target: 'kernel', state, stateText, atNextBoot },
    cves: [...new Set([...(version === null ? [] : fixedUpTo(version, fixes)), ...cvesOfModule(name)])],
    livepatch: own === undefined ? name : null,
    ...(own === undefined ? {} : { objects: [...own.objects] }),
    ...{ protects: true, withdrawn: false },
  }
}

/** Tools that print no state leave it to sysfs; where that is not known either, so is this. */
const inProgress = (loaded: readonly LoadedModule[] | null): boolean | null => {
  if (loaded === null) return null
  if (loaded.some(({ state }) => state === 'patching' || state === 'unpatching')) return true
  return loaded.some(({ state }) => state === 'unknown') ? null : false
}

/** Versions before 0.4 have no such command, and say how they are used. */
const readVersion = async (host: ProviderHost, tool: string, troubles: Trouble[]): Promise<string | null> => {
  const result = await host.run(tool, ['version'])
  if (!result.ok) troubles.push(trouble(`${tool} version`, null, result.detail))
  return result.ok && result.exitCode === 0 ? (/^v?(\d[\w.~+-]{0,62})\s*$/.exec(result.stdout)?.[1] ?? null) : null
}

const sentence = (
  patches: readonly ProviderPatch[],
  installed: number,
  known: boolean,
  core: readonly CorePatch[] | null,
): string => {
  const loaded = patches.filter(({ state }) => state !== 'not_loaded').length
  const first = known ? `${count(loaded, 'patch module')} loaded` : 'Which patch modules are loaded is not known'
  const functions = (core ?? []).flatMap(({ objects }) => objects.flatMap((object) => object.functions)).length
  const of = core === null ? '' : `; its own core replaces ${functions} function${functions === 1 ? '' : 's'}`
  return `${first}, ${installed} installed for this kernel${of}.`
}

const count = (number: number, noun: string): string =>
  `${number === 0 ? 'No' : number} ${noun}${number === 1 ? '' : 's'}`
