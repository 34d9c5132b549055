import type { FleetPatch } from '../fleet/patch-images.ts'
import { functionOf, objectOf } from '../fleet/patch-images.ts'
import { stackText } from '../surface/task-files.ts'
import { dnfDryRun, type Packages, packagesFor } from './package-managers.ts'
import { type Answer, broken, dayFrom, draw, NOT_ANSWERED, patchesIn, type StandIn, type ToolHost } from './stand-in.ts'

/** `kpatch` over livepatch as of 0.9.11, over its own core as of RHEL 7 (dynup/kpatch, kpatch/kpatch). */
export const kpatchTool: StandIn = {
  files: (host) => ({
    '/usr/sbin/kpatch': '',
    '/etc/systemd/system/multi-user.target.wants/kpatch.service': '[Service]\nExecStart=/usr/sbin/kpatch load --all\n',
    ...Object.fromEntries(installedModules(host).map((path) => [path, ''])),
    ...(host.plan.kind === 'kpatch'
      ? { '/usr/bin/dnf': '', '/etc/dnf/plugins/kpatch.conf': '[main]\nautoupdate = False\n' }
      : {}),
    ...(host.plan.kind === 'amazon' ? { '/usr/bin/dnf': '' } : {}),
  }),
  programs: {
    '/usr/sbin/kpatch': (args, host) => broken(host, '/usr/sbin/kpatch') ?? kpatch(args, host),
    '/usr/bin/dnf': (args, host) => dnf(args, host),
  },
}

/** On RHEL 7, where yum is dnf's forerunner. */
export const kpatchCoreTool: StandIn = {
  files: (host) => ({ ...kpatchTool.files(host), '/usr/bin/yum': '' }),
  programs: {
    '/usr/sbin/kpatch': (args, host) => broken(host, '/usr/sbin/kpatch') ?? kpatch(args, host),
    '/usr/bin/yum': (args, host) => dryRun(args, host, true) ?? NOT_ANSWERED,
  },
}

const kpatch = ([verb, module = '']: readonly string[], host: ToolHost): Answer => {
  if (verb === 'version') return { stdout: hasOwnCore(host) ? '0.6.1\n' : '0.9.11\n' }
  if (verb === 'info') return info(module, host)
  return verb === 'list' ? { stdout: listText(host) } : NOT_ANSWERED
}

const hasOwnCore = ({ plan }: ToolHost): boolean => plan.kind === 'kpatch_core'

/** Packages put their modules here, loaded or not. */
const installedModules = (host: ToolHost): string[] =>
  installedPatches(host).map(({ image }) => `/var/lib/kpatch/${host.plan.release}/${image.name}.ko`)

/** A title, then what modinfo(8) prints of the file. */
const info = (module: string, host: ToolHost): Answer => {
  const at = installedModules(host).indexOf(module)
  const name = installedPatches(host)[at]?.image.name
  if (name === undefined) return { stderr: `kpatch: can't find ${module}\n`, exitCode: 1 }
  const own = hasOwnCore(host)
    ? ['depends:        kpatch']
    : ['livepatch:      Y', 'depends:        ', `name:           ${name}`]
  const magic = `vermagic:       ${host.plan.release} SMP ${hasOwnCore(host) ? '' : 'preempt '}mod_unload modversions `
  return {
    stdout: [
      `Patch information for ${module}:`,
      `filename:       ${module}`,
      'license:        GPL',
      ...own,
      magic,
      '',
    ].join('\n'),
  }
}

/**
 * A package takes the place of the one before it on disk, also when its module could not be loaded; on a host with kpatch's
 * own core that is behind, nobody has loaded it yet.
 */
const installedPatches = (host: ToolHost): FleetPatch[] => {
  const { upgrade, failure } = host.tool
  const { kind, condition, patches } = host.plan
  const wanted = upgrade?.[0] ?? failure?.step
  if (wanted === undefined && kind === 'kpatch_core' && condition === 'behind') return patches.slice(-1)
  const patch = wanted === undefined ? patchesIn(host).at(-1) : patches[wanted.patch]
  return patch === undefined ? [] : [patch]
}

const listText = (host: ToolHost): string => {
  const stalled = stalledText(host)
  const functions = functionsText(host)
  const installed = installedPatches(host).map(({ image }) => `${image.name} (${host.plan.release})\n`)
  return [
    `Loaded patch modules:\n${loadedLines(host).join('')}`,
    ...(stalled === '' ? [] : [`Stalled processes:\n${stalled}`]),
    `Installed patch modules:\n${installed.join('')}`,
    ...(functions === '' ? [] : [`Currently livepatched functions:\n${functions}`]),
  ].join('\n')
}

const loadedLines = ({ kernel }: ToolHost): string[] => {
  if (kernel === null) return []
  const { livepatch, system } = kernel.state
  if (system !== null) {
    const enabled = system.applied.at(-1)
    return system.applied.map((patch) => `${patch.name} [${patch === enabled ? 'enabled' : 'disabled'}]\n`)
  }
  return [...livepatch.directories.values()].map((patch) => {
    const changes = livepatch.changing.patch === patch
    const state = patch.enabled ? (changes ? 'enabling...' : 'enabled') : changes ? 'disabling...' : 'disabled'
    return `${patch.name} [${state}]\n`
  })
}

/** Every task whose patch_state differs from `enabled`. */
const stalledText = ({ kernel }: ToolHost): string => {
  if (kernel === null || kernel.state.livepatch.changing.patch === null) return ''
  const { machine, livepatch } = kernel.state
  return [...machine.tasks.values()]
    .filter(({ patchState }) => patchState !== -1 && patchState !== livepatch.changing.target)
    .map((task) => `${task.tid} ${task.comm}\nstack:\n${stackText(kernel.state, task)}\n`)
    .join('')
}

/** Since 0.9.11, on kernels whose sysfs has stack_order. */
const functionsText = (host: ToolHost): string => {
  if (!host.plan.kernel.features.stackOrderAttribute) return ''
  const rows = patchesIn(host).flatMap(({ image, redirects }) =>
    redirects.map((redirect) => `${image.name}  ${objectOf(redirect)}  ${functionOf(redirect)},1\n`),
  )
  return rows.length === 0 ? '' : `Module  Object  Function/Occurrence\n${rows.join('')}`
}

const AGE = 'Last metadata expiration check: 0:31:13 ago on Fri Jan 16 10:12:12 2026.\n'

/** `dnf kpatch status` of kpatch-dnf; on Amazon Linux the plugin kernel-livepatch and updateinfo. Options are passed over. */
const dnf = (args: readonly string[], host: ToolHost): Answer => {
  const words = args.filter((word) => !word.startsWith('-')).join(' ')
  if (host.tool.trouble === 'time_out') return 'time_out'
  const dry = dryRun(args, host, false)
  if (dry !== null) return dry
  if (words === 'kpatch status' && host.plan.kind === 'kpatch') return { stdout: AGE + kpatchStatus(host) }
  if (host.plan.kind === 'amazon') {
    if (words === 'kernel-livepatch support') return support(host)
    if (words === 'updateinfo list cves') return { stdout: AGE + offeredCves(host) }
  }
  return { stderr: `No such command: ${words.split(' ')[0] ?? ''}. Please use /usr/bin/dnf --help\n`, exitCode: 1 }
}

const dryRun = (args: readonly string[], host: ToolHost, isYum: boolean): Answer | null => {
  const [verb = '', name = ''] = args.filter((word) => !word.startsWith('-'))
  if (!args.includes('--assumeno') || (verb !== 'install' && verb !== 'update')) return null
  return dnfDryRun(verb, name, kpatchPackagesFor(host), isYum)
}

export const kpatchPackagesFor = (host: ToolHost): Packages =>
  packagesFor(host, installedPatches(host).at(-1), (patch) => packageOfKpatch(host, patch))

const packageOfKpatch = (host: ToolHost, patch: FleetPatch): string =>
  (host.plan.kind === 'amazon' ? amazonPackage : rhelPackage)(host, patch)

const missing = (host: ToolHost): FleetPatch[] => {
  const last = patchesIn(host).at(-1)
  return host.plan.patches.slice(last === undefined ? 0 : host.plan.patches.indexOf(last) + 1)
}

const kpatchStatus = (host: ToolHost): string => {
  const packages = missing(host).map((patch) => rhelPackage(host, patch))
  const available = packages.length === 0 ? '' : `Available patches: ${packages.join(', ')}\n`
  return `Kpatch update setting: manual-update\nKpatch filter setting: no-filter\n${available}`
}

const support = (host: ToolHost): Answer => {
  const days = host.plan.condition === 'behind' ? -30 - draw(host, 'support', 60) : 30 + draw(host, 'support', 60)
  if (days < 0)
    return {
      stdout: 'The current version of the Linux kernel is no longer being provided with Live Patches.\n',
      exitCode: 1,
    }
  const day = dayFrom(host, days)
  return {
    stdout: `The current version of the Linux kernel you are running will no longer receive live patches after ${day}.\n`,
  }
}

const offeredCves = (host: ToolHost): string =>
  missing(host)
    .flatMap((patch) => patch.cves.map((cve) => `${cve} important/Sec. ${amazonPackage(host, patch)}\n`))
    .join('')

/** kpatch-patch-5_14_0-70_13_1-1-1.el9_0.x86_64 of kpatch_5_14_0_70_13_1_1_1. */
const rhelPackage = ({ plan }: ToolHost, { image }: FleetPatch): string => {
  const [, kernel = '', distribution = ''] = /^(.+)\.(el\d+(?:_\d+)?)$/.exec(plan.kernel.release) ?? []
  const [, version = '1', release = '1'] = /_(\d+)_(\d+)$/.exec(image.name) ?? []
  return `kpatch-patch-${kernel.replaceAll('.', '_')}-${version}-${release}.${distribution}.${plan.architecture}`
}

const amazonPackage = ({ plan }: ToolHost, patch: FleetPatch): string => {
  const number = plan.patches.indexOf(patch)
  const [, kernel = '', distribution = ''] = /^(.+)\.(amzn\d+)$/.exec(plan.kernel.release) ?? []
  return `kernel-livepatch-${kernel}-1.0-${number}.${distribution}.${plan.architecture}`
}

/** Packages that carry livepatches, as `rpm -qa` names them. */
export const kpatchPackages = (host: ToolHost): string[] =>
  installedPatches(host).map((patch) => packageOfKpatch(host, patch))

/** `rpm -q --changelog`: an entry a release of the package, newest first, with CVEs in braces. */
export const kpatchChangelog = (host: ToolHost): string => {
  const upTo = installedPatches(host).at(-1)
  const entries = host.plan.patches.slice(0, upTo === undefined ? 0 : host.plan.patches.indexOf(upTo) + 1)
  return entries
    .map((patch, index) => {
      const earlier = new Set(entries[index - 1]?.cves ?? [])
      const [, version = '1', release = '1'] = /_(\d+)_(\d+)$/.exec(patch.image.name) ?? []
      const [, distribution = ''] = /\.(el\d+(?:_\d+)?)$/.exec(host.plan.kernel.release) ?? []
      const fixed = patch.cves.filter((cve) => !earlier.has(cve)).map((cve) => `- fix of ${cve} {${cve}}\n`)
      return `* ${changelogDay(patch.date)} Simulated Packager <packager@example.com> [${version}-${release}.${distribution}]\n${fixed.join('')}\n`
    })
    .toReversed()
    .join('')
}

/** `Tue Jun 28 2022` */
const changelogDay = (date: string): string =>
  new Date(`${date}T00:00:00Z`).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+).*/, '$1 $3 $2 $4')
