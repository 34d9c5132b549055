import type { FleetPatch } from '../fleet/patch-images.ts'
import {
  type Answer,
  broken,
  type HostFiles,
  NOT_ANSWERED,
  patchesIn,
  type StandIn,
  type ToolHost,
} from './stand-in.ts'

/** KernelCare's `kcarectl`, and what it keeps in /proc: the vendor's manual, published logs, cPanel's parser. */
export const kcarectl: StandIn = {
  files: (host) => ({
    '/usr/bin/kcarectl': '',
    '/etc/sysconfig/kcare/kcare.conf':
      'AUTO_UPDATE = True\nPATCH_METHOD = smart\nUPDATE_DELAY = \nSTICKY_PATCH = \nPATCH_SERVER = https://patches.kernelcare.com\n',
    ...procFiles(host),
  }),
  programs: {
    '/usr/bin/kcarectl': (args, host) => broken(host, 'kcarectl') ?? answer(args, host),
    '/usr/bin/kcare-uname': (_args, host) => broken(host, 'kcare-uname') ?? { stdout: `${effective(host)}\n` },
  },
}

/** There while its module is in. */
const procFiles = (host: ToolHost): HostFiles => ({
  '/proc/kcare/effective_version': () => `${effective(host)}\n`,
  '/proc/kcare/cvelist': () => (inEffect(host)?.cves ?? []).map((cve) => `${cve}\n`).join(''),
})

/** The set whose functions are in: one that is still coming does not count. */
const inEffect = (host: ToolHost): FleetPatch | undefined => {
  const applied = new Set(host.kernel?.state.system?.applied.map(({ name }) => name))
  return patchesIn(host).findLast(({ image }) => applied.has(image.name))
}

const effective = (host: ToolHost): string => {
  const release = inEffect(host)?.effective
  return release == null ? host.plan.release : `${release}.${host.plan.architecture}`
}

const levelOf = ({ plan }: ToolHost, patch: FleetPatch): number => plan.patches.indexOf(patch) + 1

const answer = (args: readonly string[], host: ToolHost): Answer => {
  switch (args[0]) {
    case '--version':
      return { stdout: '2.90-1\n' }
    case '--uname':
      return { stdout: `${effective(host)}\n` }
    case '-i':
    case '--info':
      return { stdout: args[1] === '--json' ? infoJson(host) : infoText(host) }
    case '--patch-info':
      return { stdout: patchInfoText(host) }
    case '--license-info':
      return licence(host)
    case '--status':
    case '--check':
      return check(args[0], host)
    default:
      return NOT_ANSWERED
  }
}

/** Of its keys only this one is published. */
const infoJson = (host: ToolHost): string =>
  `${JSON.stringify({ 'patch-type': inEffect(host) === undefined ? 'unset' : 'default' })}\n`

const infoText = (host: ToolHost): string => {
  const patch = inEffect(host)
  if (patch === undefined) return "No patches applied, but some are available, please run 'kcarectl --update'.\n"
  const seconds = Date.parse(`${patch.date}T06:00:00Z`) / 1_000
  return [
    'kpatch-state: patch is applied',
    `kpatch-for: Linux version ${host.plan.release} ${host.plan.kernel.version ?? ''}`.trim(),
    `kpatch-build-time: ${buildTime(patch.date)}`,
    `kpatch-description: ${levelOf(host, patch)}-:${seconds};${patch.effective ?? ''}`,
    '',
  ].join('\n')
}

/** `Thu Feb 11 23:02:52 2021` */
const buildTime = (date: string): string =>
  new Date(`${date}T06:00:00Z`).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 $4')

/** A header, then a block for each fix. */
const patchInfoText = (host: ToolHost): string => {
  const patch = inEffect(host)
  if (patch === undefined) return 'No patches applied\n'
  const fixes = host.plan.patches
    .slice(0, levelOf(host, patch))
    .flatMap(({ cves, date, effective: from }, index, all) => {
      const before = new Set(all[index - 1]?.cves)
      return cves.filter((cve) => !before.has(cve)).map((cve) => ({ cve, date, from }))
    })
  const header = `OS: centos7\nkernel: kernel-${host.plan.kernel.release}\ntime: ${patch.date} 06:00:00\nuname: ${patch.effective ?? ''}\n`
  const blocks = fixes.map(
    ({ cve, from }) =>
      `kpatch-name: 3.10.0/${cve}.patch\nkpatch-description: fix of ${cve}\nkpatch-kernel: kernel-${from ?? ''}\nkpatch-cve: ${cve}\nkpatch-cvss: N/A\nkpatch-cve-url: https://access.redhat.com/security/cve/${cve}\nkpatch-patch-url: N/A\n`,
  )
  return [header, ...blocks].join('\n')
}

const licence = ({ tool }: ToolHost): Answer =>
  tool.trouble === 'not_registered'
    ? { stdout: 'No valid license found.\n', exitCode: 1 }
    : { stdout: 'Key-based valid license found\n' }

/** Both ask the vendor; `--check` answers 0 when there is something newer, `--status` when there is not. */
const check = (verb: '--status' | '--check', host: ToolHost): Answer => {
  if (host.tool.trouble === 'unreachable')
    return { stdout: 'Failed to connect to https://patches.kernelcare.com\n', exitCode: verb === '--status' ? 4 : 2 }
  if (host.tool.trouble === 'not_registered') return { stdout: 'Unauthorized\n', exitCode: verb === '--status' ? 5 : 3 }
  const patch = inEffect(host)
  const isNewest = patch !== undefined && levelOf(host, patch) === host.plan.patches.length
  if (verb === '--check') return { exitCode: isNewest ? 1 : 0 }
  return { exitCode: patch === undefined ? 1 : isNewest ? 0 : 2 }
}
