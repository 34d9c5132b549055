import type { FleetPatch } from '../fleet/patch-images.ts'
import {
  type Answer,
  dayFrom,
  draw,
  hexadecimal,
  NOT_ANSWERED,
  patchesIn,
  type StandIn,
  type ToolHost,
} from './stand-in.ts'

/** `canonical-livepatch` 10.8 and the Pro client: Canonical's documents and the sources of ubuntu-pro-client. */
export const canonicalTool: StandIn = {
  files: (host) => ({
    '/snap/bin/canonical-livepatch': '',
    '/usr/bin/pro': '',
    ...(host.tool.trouble !== 'not_registered' && {
      '/var/snap/canonical-livepatch/common/machine-token': () => hexadecimal(host, 'token', 40),
    }),
    ...(host.tool.trouble !== 'daemon_down' && { '/var/snap/canonical-livepatch/current/livepatchd.sock': '' }),
  }),
  programs: {
    '/snap/bin/canonical-livepatch': (args, host) => livepatch(args, host),
    '/usr/bin/pro': (args, host) => pro(args, host),
  },
}

const NOT_ENABLED =
  "Machine is not enabled. Please run 'sudo canonical-livepatch enable' with the token obtained from https://ubuntu.com/livepatch.\n"
const NO_DAEMON =
  'Connection to the daemon failed: Get "http://127.0.0.1/status?verbosity=3&format=json": dial unix /var/snap/canonical-livepatch/current/livepatchd.sock: connect: no such file or directory\n'

const livepatch = (args: readonly string[], host: ToolHost): Answer => {
  if (host.tool.trouble === 'time_out') return 'time_out'
  if (args[0] === '--version' || args[0] === 'version') return { stdout: '10.8.3\n' }
  if (args[0] !== 'status') return NOT_ANSWERED
  if (host.tool.trouble === 'daemon_down') return { stderr: NO_DAEMON, exitCode: 1 }
  if (host.tool.trouble === 'not_registered') return { stderr: NOT_ENABLED, exitCode: 1 }
  return args.includes('json') ? { stdout: `${JSON.stringify(status(host))}\n` } : NOT_ANSWERED
}

/** The patch that the daemon takes to be in; it is not told when somebody unloads it. */
const known = (host: ToolHost): FleetPatch | undefined =>
  host.tool.believed === null ? patchesIn(host).at(-1) : host.plan.patches[host.tool.believed]

const stateOf = (host: ToolHost): string => {
  const changing = host.kernel?.state.livepatch.changing.patch
  const patch = known(host)
  if (patch === undefined) return host.plan.patches.length === 0 ? 'nothing-to-apply' : 'unapplied'
  return changing?.name === patch.image.name ? 'applying' : 'applied'
}

/** `LSN-0108-1` is version 108.1. */
const versionOf = ({ notice }: FleetPatch): string => notice.replace(/^LSN-0*(\d+)-(\d+)$/, '$1.$2')

const status = (host: ToolHost) => {
  const state = stateOf(host)
  // What was fetched and is not in is named as well.
  const patch = known(host) ?? host.plan.patches.at(-1)
  const end = dayFrom(host, 20 + draw(host, 'upgrade', 120))
  return {
    Architecture: 'amd64',
    'Boot-Time': new Date(host.nowMs - host.monotonicUs / 1_000).toISOString().replace(/\.\d+Z$/, 'Z'),
    'Client-Version': '10.8.3',
    'Last-Check': new Date(host.nowMs - (host.nowMs % CHECK_MS)).toISOString(),
    'Machine-Id': hexadecimal(host, 'machine', 32),
    Status: [
      {
        Kernel: kernelVersion(host),
        Livepatch: {
          CheckState: 'checked',
          ...(patch !== undefined && {
            Fixes: patch.cves.map((cve) => ({
              Bug: '',
              Description: '',
              Name: cve.toLowerCase(),
              Patched: state === 'applied',
            })),
            Version: versionOf(patch),
          }),
          State: state,
        },
        Running: true,
        Supported: 'supported',
        UpgradeRequiredDate: end,
      },
    ],
    tier: 'updates',
  }
}

/** The daemon asks every hour. */
const CHECK_MS = 3_600_000

/** With the upload, which the module's name has: 5.4.0-150.167-generic of lkp_Ubuntu_5_4_0_150_167_generic_102. */
const kernelVersion = ({ plan }: ToolHost): string => {
  const [, upload] = /_(\d+)_generic_\d+$/.exec(plan.patches[0]?.image.name ?? '') ?? []
  return upload === undefined ? plan.release : plan.release.replace(/-generic$/, `.${upload}-generic`)
}

/** u.pro.security.status.reboot_required.v1: yes but covered only while the patch is in and the kernel alone waits. */
const pro = (args: readonly string[], host: ToolHost): Answer => {
  if (host.tool.trouble === 'time_out') return 'time_out'
  if (args[0] === '--version' || args[0] === 'version') return { stdout: '35.1ubuntu0~20.04\n' }
  if (args[0] !== 'api' || args[1] !== 'u.pro.security.status.reboot_required.v1') return NOT_ANSWERED
  const waits = host.plan.installedKernels.at(-1) !== host.plan.release
  const isCovered = host.tool.trouble === null && stateOf(host) === 'applied'
  const attributes = {
    reboot_required: waits ? (isCovered ? 'yes-kernel-livepatches-applied' : 'yes') : 'no',
    reboot_required_packages: {
      standard_packages: null,
      kernel_packages: waits ? [`linux-image-${host.plan.installedKernels.at(-1)}`] : null,
    },
    livepatch_enabled: host.tool.trouble !== 'not_registered',
    livepatch_enabled_and_kernel_patched: isCovered,
    livepatch_state: host.tool.trouble === null ? stateOf(host) : null,
    livepatch_support: 'supported',
  }
  const data = { type: 'RebootRequired', attributes, meta: { environment_vars: [] } }
  return {
    stdout: `${JSON.stringify({ _schema_version: 'v1', data, errors: [], result: 'success', version: '35.1', warnings: [] })}\n`,
  }
}
