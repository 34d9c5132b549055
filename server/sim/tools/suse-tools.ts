import type { FleetPatch } from '../fleet/patch-images.ts'
import { stackText } from '../surface/task-files.ts'
import { type Packages, packagesFor, zypperDryRun, zypperSearch } from './package-managers.ts'
import {
  type Answer,
  broken,
  dayFrom,
  draw,
  isChanging,
  NOT_ANSWERED,
  patchesIn,
  type StandIn,
  type ToolHost,
} from './stand-in.ts'

/** `klp` of SLE 15 (klp.man) and `kgr` of SLE 12 (kgr.man), which print the same. */
export const suseTool = (name: 'klp' | 'kgr'): StandIn => ({
  files: (host) => ({
    [`/usr/bin/${name}`]: '',
    ...lifecycleFiles(host, name),
    ...(name === 'klp' ? { '/usr/bin/zypper': '' } : {}),
  }),
  programs: {
    [`/usr/bin/${name}`]: (args, host) => broken(host, name) ?? answer(args, host),
    ...(name === 'klp' ? { '/usr/bin/zypper': zypper } : {}),
  },
})

/** Of zypper's verbs those that the agent runs, by zypper(8); the installation itself is in acting-tools.ts. */
function zypper(args: readonly string[], host: ToolHost): Answer {
  const asked = args.at(-1) ?? ''
  const packages = susePackages(host)
  if (args.includes('search')) return zypperSearch(asked, packages)
  return args.includes('install') && args.includes('--dry-run') ? zypperDryRun(asked, packages) : NOT_ANSWERED
}

/** A package's scriptlet loads its module, so that the newest one in the kernel is the one that is installed. */
export const susePackages = (host: ToolHost): Packages =>
  packagesFor(host, patchesIn(host).at(-1), (patch) => `${packageOf(host, patch)}.${host.plan.architecture}`)

const answer = (args: readonly string[], host: ToolHost): Answer => {
  const verbose = args.filter((one) => one === '-v').length
  switch (args.filter((one) => !one.startsWith('-'))[0]) {
    case 'status':
      return { stdout: isChanging(host) ? 'in_progress\n' : 'ready\n' }
    case 'check':
      return { exitCode: isChanging(host) ? 1 : 0 }
    case 'patches':
      return { stdout: patchesText(host, verbose > 0) }
    case 'blocking':
      return { stdout: blockingText(host, verbose) }
    default:
      return NOT_ANSWERED
  }
}

/** Fields and their order as SUSE's own tests and Uyuni's samples of `klp -v patches` have them. */
const patchesText = (host: ToolHost, verbose: boolean): string => {
  const names = namesIn(host)
  return names
    .map((name) => {
      if (!verbose) return `${name}\n`
      const patch = host.plan.patches.find(({ image }) => image.name === name)
      const active = name === names.at(-1)
      const rows = active ? ['active: 1', ...(patch === undefined ? [] : packageRows(host, patch))] : ['active: 0']
      return `${name}\n${rows.map((row) => `    ${row}\n`).join('')}\n`
    })
    .join('')
}

const packageRows = (host: ToolHost, patch: FleetPatch): readonly string[] => [
  `RPM: ${packageOf(host, patch)}.${host.plan.architecture}`,
  `CVE: ${patch.cves.join(' ')}`,
  'bug fixes and enhancements: (none)',
]

/** The last is the one that counts; a module that a local administrator loaded is listed like any. */
const namesIn = (host: ToolHost): string[] => {
  if (host.kernel?.state.system) return patchesIn(host).map(({ image }) => image.name)
  return [...(host.kernel?.state.livepatch.directories.keys() ?? [])]
}

/** `livepatch_2_150600_4_4_1` is of package version 2, release 150600.4.4.1. */
export const packageOf = ({ plan, kernel }: ToolHost, { image }: FleetPatch): string => {
  const prefix = kernel?.state.system?.system === 'kgraft' ? 'kgraft-patch' : 'kernel-livepatch'
  const [, version = '', release = '1.1'] =
    /^(?:livepatch|kgraft_patch)_(\d+)_(\d+(?:_\d+)*)$/.exec(image.name) ??
    // A branch of SUSE's sources, not a package: livepatch_SLE15_SP6_Update_0_16.
    /^livepatch_SLE\w+_(\d+)$/.exec(image.name) ??
    []
  return `${prefix}-${plan.release.replaceAll('.', '_')}-${version}-${release.replaceAll('_', '.')}`
}

const blockingText = ({ kernel }: ToolHost, verbose: number): string => {
  if (kernel === null) return ''
  const { machine, livepatch, system } = kernel.state
  const { patch, target } = livepatch.changing
  const isBlocking = (state: -1 | 0 | 1) => patch !== null && state !== -1 && state !== target
  return [...machine.tasks.values()]
    .filter((task) => (system === null ? isBlocking(task.patchState) : task.patchPending))
    .map((task) => {
      const stack = verbose > 1 ? stackText(kernel.state, task) : ''
      return `${task.pid}${verbose > 0 ? ` ${task.comm}` : ''}\n${stack}`
    })
    .join('')
}

/** Not every host has the package with the dates; they lie about the fleet's start, since a kernel gets patches for a year. */
const lifecycleFiles = (host: ToolHost, tool: 'klp' | 'kgr'): Record<string, string> => {
  const { condition, release } = host.plan
  const isThere = (tool === 'kgr' && condition === 'behind') || draw(host, 'lifecycle', 3) === 0
  if (!isThere) return {}
  const days = condition === 'behind' ? -20 - draw(host, 'end', 60) : 40 + draw(host, 'end', 160)
  const [kind, file] =
    tool === 'klp'
      ? ['kernel-livepatch', 'sle-module-live-patching.lifecycle']
      : ['kgraft-patch', 'sle-live-patching.lifecycle']
  return {
    [`/var/lib/lifecycle/data/${file}`]: `${kind}-${release.replaceAll('.', '_')},*,${dayFrom(host, days)}\n`,
  }
}
