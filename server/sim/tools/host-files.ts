import { kpatchChangelog, kpatchPackages } from './kpatch-tool.ts'
import { packageName } from './package-managers.ts'
import { type Answer, type HostFiles, NOT_ANSWERED, patchesIn, type StandIn, type ToolHost } from './stand-in.ts'
import { packageOf } from './suse-tools.ts'

/** What any host of that distribution has: kernels on its disk, packages, and whether it asks for a reboot. */
export const distributionOf = (host: ToolHost): StandIn =>
  host.plan.kind === 'canonical' || host.plan.kind === 'none' ? DEBIAN_LIKE : RPM_BASED

const kernels = ({ plan }: ToolHost): HostFiles =>
  Object.fromEntries(plan.installedKernels.map((release) => [`/lib/modules/${release}/modules.dep`, '']))

const isRebootPending = ({ plan }: ToolHost): boolean => plan.installedKernels.at(-1) !== plan.release

const DEBIAN_LIKE: StandIn = {
  files: (host) => ({
    ...kernels(host),
    '/usr/bin/apt-cache': '',
    '/var/lib/dpkg/info/base-files.list': '',
    '/var/lib/dpkg/status': 'Package: base-files\nStatus: install ok installed\nVersion: 1\n\n',
    '/usr/share/update-notifier/notify-reboot-required': '',
    ...(isRebootPending(host) && {
      '/run/reboot-required': '*** System restart required ***\n',
      '/run/reboot-required.pkgs': `linux-image-${host.plan.installedKernels.at(-1)}\nlinux-base\n`,
    }),
  }),
  programs: {
    '/usr/bin/apt-cache': (args, { plan }) => {
      const names = args.filter((arg) => arg.startsWith('linux-image-'))
      const [name] = names
      return name === undefined
        ? NOT_ANSWERED
        : { stdout: `Package: ${name}\nDepends: linux-image-${plan.installedKernels.at(-1)}\n\n` }
    },
  },
}

const RPM_BASED: StandIn = {
  files: (host) => ({
    ...kernels(host),
    '/usr/bin/rpm': '',
    ...(isRebootPending(host) && host.plan.kernel.osRelease.includes('"sles"') && { '/run/reboot-needed': '' }),
  }),
  programs: {
    '/usr/bin/rpm': rpm,
  },
}

/** `-qa GLOB…`, `-q --changelog NAME`, `-q NAME`: rpm(8). */
function rpm(args: readonly string[], host: ToolHost): Answer {
  const words = args.filter((arg) => !arg.startsWith('-'))
  const packages = packagesOf(host)
  if (args.includes('-qa')) {
    const wanted = words.map((word) => word.replace(/\*$/, ''))
    return {
      stdout: packages
        .filter((name) => wanted.some((start) => name.startsWith(start)))
        .map(line)
        .join(''),
    }
  }
  const [name = ''] = words
  const installed = packages.find((whole) => whole === name || packageName(whole) === name)
  if (installed === undefined) return { stdout: `package ${name} is not installed\n`, exitCode: 1 }
  return { stdout: args.includes('--changelog') ? kpatchChangelog(host) : line(installed) }
}

const line = (text: string): string => `${text}\n`

const packagesOf = (host: ToolHost): readonly string[] => {
  const { kind, architecture } = host.plan
  if (kind === 'kpatch' || kind === 'amazon' || kind === 'kpatch_core') return kpatchPackages(host)
  if (kind !== 'klp' && kind !== 'livepatch' && kind !== 'kgraft') return []
  const last = patchesIn(host).at(-1)
  return last === undefined ? [] : [`${packageOf(host, last)}.${architecture}`]
}
