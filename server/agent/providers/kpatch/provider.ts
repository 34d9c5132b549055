import type { ProviderPatch, ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { PROVIDER_TITLES } from '@rebootless/shared/domain/provider-titles.ts'
import type { Provider, ProviderHost } from '../provider.ts'
import { boundPatches, firstProgram, runTrouble, trouble } from '../tool-text.ts'
import {
  INSTALL_DIRECTORY,
  type InstalledModules,
  readInstalledModules,
  readLoadedAtBoot,
} from './installed-modules.ts'
import { cvesOfModule, moduleVersion } from './kernel-names.ts'
import { type ChangelogEntry, fixedUpTo } from './kpatch-changelog.ts'
import { type CorePatch, coreSwitches, readKpatchCore } from './kpatch-core.ts'
import { type KpatchList, parseKpatchList } from './kpatch-list.ts'
import { inProgress, type LoadedModule, loadedModules } from './loaded-modules.ts'
import { MODULES_ASKED_MAX, type ModuleInfo, readModuleInfos, unfitness } from './module-info.ts'
import { readPackageFixes } from './package-fixes.ts'
import { readPackageOffers } from './package-offers.ts'
import { withProcesses } from './stalled-threads.ts'

type Trouble = ProviderReport['troubles'][number]

const TOOLS = ['/usr/sbin/kpatch', '/usr/bin/kpatch', '/usr/local/sbin/kpatch'] as const
const CORE = '/sys/kernel/kpatch'
const TROUBLES_MAX = 16
const SETTINGS_MAX = 32
/** While a transition runs, the tool starts up to four processes for each thread of the host (show_stalled_processes). */
const LIST_MS_MAX = 30_000
const NOT_LISTED = 'It could not be listed: which modules are installed is told by the tool alone.'
const BOOT_WORDS = { true: 'loads at boot', false: 'does not load at boot', null: 'unknown' } as const

/**
 * kpatch: Red Hat's, Amazon's and hand-built livepatch modules, loaded and unloaded by one script (dynup/kpatch). On kernels
 * before livepatch it brings a core of its own.
 */
export const kpatchProvider: Provider = {
  name: 'kpatch',
  title: PROVIDER_TITLES.kpatch,
  detect: async (host) =>
    (await firstProgram(host, TOOLS)) !== null || (await host.exists(INSTALL_DIRECTORY)) || (await host.exists(CORE)),
  watches: (host) => [
    INSTALL_DIRECTORY,
    `${INSTALL_DIRECTORY}/${host.kernel.release}`,
    '/etc/systemd/system/multi-user.target.wants',
    CORE,
    `${CORE}/patches`,
    ...(host.livepatches === null ? coreSwitches(host) : []),
  ],
  read: async (host) => {
    const troubles: Trouble[] = []
    const tool = await firstProgram(host, TOOLS)
    const asked = tool === null ? null : await readList(host, tool, troubles)
    const list = asked?.list ?? null
    const core = await readKpatchCore(host)
    const installed = await readInstalledModules(host)
    if (installed.here === null) troubles.push(trouble(INSTALL_DIRECTORY, null, NOT_LISTED))
    const installedHere = new Set(installed.here ?? listedFor(host.kernel.release, list))
    const infos =
      tool === null || list === null
        ? new Map<string, ModuleInfo>()
        : await readModuleInfos(host, tool, installed.files, troubles)
    const atBoot = await readLoadedAtBoot(host)
    const loaded = loadedModules(host, core, list, installedHere)
    const isLoaded = new Set(loaded?.map(({ name }) => name))
    // Of a list that was cut off it is not known what the rest would have named.
    const otherwise = loaded === null || (list !== null && asked?.whole === false) ? 'unknown' : 'not_loaded'
    const others = [...installedHere].filter((name) => !isLoaded.has(name))
    const modules = [
      ...(loaded ?? []),
      ...others.map((name): LoadedModule => ({ name, state: otherwise, stateText: null })),
    ]
    const comesBack = (name: string) => {
      if (!installedHere.has(name)) return installed.here === null ? null : false
      const info = infos.get(name)
      return atBoot && info !== undefined && unfitness(host, info) !== null ? null : atBoot
    }
    const fixes = await readPackageFixes(host, troubles)
    const patches = boundPatches(tool ?? INSTALL_DIRECTORY, modules, troubles).map((module) =>
      toPatch(host, module, core, fixes, infos.get(module.name), comesBack(module.name)),
    )
    const { settings = [], ...offers } = await readPackageOffers(host, troubles)
    return {
      ...offers,
      version: tool === null || asked?.timedOut ? null : await readVersion(host, tool, troubles),
      detail: sentence(patches, installedHere.size, loaded !== null, core),
      active: loaded === null ? null : loaded.some(({ state }) => state !== 'disabled') || atBoot,
      patches: loaded === null && modules.length === 0 ? null : patches,
      inProgress: inProgress(loaded),
      blockers: await withProcesses(host, list?.stalled ?? []),
      settings: [
        { name: 'kpatch.service', value: BOOT_WORDS[`${atBoot}`] },
        ...settings,
        ...notAsked(installed),
        ...unfitModules(host, infos),
        ...kernelsBeside(installed),
      ].slice(0, SETTINGS_MAX),
      troubles: troubles.slice(0, TROUBLES_MAX),
    }
  },
}

const listedFor = (release: string, list: KpatchList | null): string[] =>
  list?.installed.filter((module) => module.release === release).map(({ name }) => name) ?? []

/** Modules for other kernels do nothing now, and much once one of those is booted. */
const kernelsBeside = ({ elsewhere }: InstalledModules) =>
  elsewhere.map(({ release, names }) => ({ name: `for ${release}`.slice(0, 64), value: names.join(' ').slice(0, 200) }))

/** The tool lists such a module like any other, so it is said beside the list. */
const unfitModules = (host: ProviderHost, infos: ReadonlyMap<string, ModuleInfo>) =>
  [...infos].flatMap(([name, info]) => {
    const why = unfitness(host, info)
    return why === null ? [] : [{ name: name.slice(0, 64), value: why.slice(0, 200) }]
  })

const notAsked = ({ files }: InstalledModules) =>
  files.length <= MODULES_ASKED_MAX
    ? []
    : [{ name: 'kpatch info', value: `asked of ${MODULES_ASKED_MAX} of ${files.length} modules` }]

const readList = async (host: ProviderHost, tool: string, troubles: Trouble[]) => {
  const result = await host.run(tool, ['list'], { timeMs: LIST_MS_MAX })
  const wrong = runTrouble(`${tool} list`, result)
  if (wrong !== null) troubles.push(wrong)
  // `kpatch list` ends with 0 whatever it finds, so after another code what it printed is no list; cut off, its last line is none.
  if (!result.ok || (result.exitCode !== 0 && !result.truncated))
    return { list: null, whole: false, timedOut: !result.ok && result.errno === 'ETIMEDOUT' }
  const list = parseKpatchList(
    result.truncated ? result.stdout.slice(0, result.stdout.lastIndexOf('\n') + 1) : result.stdout,
  )
  if (list === null) troubles.push(trouble(`${tool} list`, result.exitCode, 'What it printed is not understood.'))
  else if (list.notUnderstood > 0)
    troubles.push(
      trouble(`${tool} list`, result.exitCode, `${list.notUnderstood} of its lines are not understood and left out.`),
    )
  return { list, whole: !result.truncated, timedOut: false }
}

const toPatch = (
  host: ProviderHost,
  { name, state, stateText }: LoadedModule,
  core: readonly CorePatch[] | null,
  fixes: readonly ChangelogEntry[],
  info: ModuleInfo | undefined,
  atNextBoot: boolean | null,
): ProviderPatch => {
  const release = moduleVersion(name, host.kernel.release)
  const own = core?.find((patch) => patch.name === name)
  return {
    ...{ id: name, name, version: release ?? info?.version ?? null, target: 'kernel', state, stateText, atNextBoot },
    cves: [...new Set([...(release === null ? [] : fixedUpTo(release, fixes)), ...cvesOfModule(name)])],
    livepatch: own === undefined ? name : null,
    ...(own === undefined ? {} : { objects: [...own.objects] }),
    ...{ protects: true, withdrawn: false },
  }
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
