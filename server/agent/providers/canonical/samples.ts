import type { Livepatch } from '@rebootless/shared/contract/kernel.ts'
import type { TestHostOptions } from '../test-provider-host.ts'

export const MACHINE_ID = '5a8061f3c51942ab906085377bb91634'

/** Client 10.8.3, from Landscape's documents (REST API, livepatch), with the two keys that Landscape leaves out. */
export const STATUS_10 = {
  Architecture: 'amd64',
  'Boot-Time': '2024-08-19T02:14:28Z',
  'CPU-Model': 'Intel(R) Core(TM) i7-10750H CPU @ 2.60GHz',
  'Client-Version': '10.8.3',
  'Cloud-Enabled': { az: '', cloud: 'lxd', 'cloud-enabled': true, region: '' },
  'Last-Check': '2024-08-20T05:14:28Z',
  'Machine-Id': MACHINE_ID,
  Status: [
    {
      Kernel: '5.15.0-100.110-generic',
      Livepatch: {
        CheckState: 'checked',
        Fixes: [
          { Bug: '', Description: '', Name: 'cve-2023-6270', Patched: true },
          { Bug: '', Description: '', Name: 'cve-2024-1086', Patched: true },
          { Bug: '', Description: '', Name: 'cve-2024-26581', Patched: false },
        ],
        State: 'applied',
        Version: '104.1',
      },
      Running: true,
      Supported: 'supported',
      UpgradeRequiredDate: '2025-03-07',
    },
  ],
  Uptime: '97200',
  tier: 'updates',
}

/** A client of 2022: ubuntu-pro-client, tests of uaclient/livepatch.py. */
export const STATUS_2022 = {
  'Client-Version': 'version',
  'Machine-Id': 'machine-id',
  Architecture: 'x86_64',
  'Last-Check': '2022-07-05T18:29:00Z',
  Uptime: '203',
  Status: [
    {
      Kernel: '4.15.0-187.198-generic',
      Running: true,
      Livepatch: { CheckState: 'checked', State: 'nothing-to-apply', Version: '' },
    },
  ],
  tier: 'stable',
}

/** Client 11.0.2 with two kernels: mondoo's tests of its reader (kernel_livepatch_test.go). */
export const STATUS_11 = {
  'Client-Version': 'v11.0.2',
  Status: [
    {
      ...{ Kernel: '6.8.0-1060.63-aws', Running: false },
      Livepatch: { State: 'applied', Version: '9.9', Fixes: [{ Name: 'cve-2000-0001', Patched: true }] },
    },
    {
      ...{ Kernel: '6.8.0-1047.50-aws', Running: true, Supported: 'supported', UpgradeRequiredDate: '2027-10-05' },
      Livepatch: {
        ...{ CheckState: 'checked', State: 'applied', Version: '121.4' },
        Fixes: [
          { Name: 'cve-2026-31431', Patched: true },
          { Name: 'cve-2026-99999', Patched: false },
        ],
      },
    },
  ],
}

/** ubuntu-pro-client, features/livepatch.feature. */
export const NOT_ENABLED =
  "Machine is not enabled. Please run 'sudo canonical-livepatch enable' with the token obtained from https://ubuntu.com/livepatch.\n"

/** What clients before 10 said on a kernel without patches: a report to Canonical. */
export const NOT_ELIGIBLE =
  'cannot use livepatch: your kernel "4.15.0-1010-kvm" is not eligible for livepatch updates\n'

/** A report to Canonical. */
export const NO_DAEMON =
  'Connection to the daemon failed: Get http://127.0.0.1/status?verbosity=0: dial unix /var/snap/canonical-livepatch/74/livepatchd.sock: connect: no such file or directory\n'

/** ubuntu-pro-client, features/livepatch.feature, for each of its answers. */
export const proReboot = (answer: string, kernelPackages: readonly string[] | null = null, others: unknown = null) =>
  JSON.stringify({
    _schema_version: 'v1',
    data: {
      attributes: {
        ...{ livepatch_enabled: true, livepatch_enabled_and_kernel_patched: true, livepatch_state: 'applied' },
        ...{ livepatch_support: 'supported', reboot_required: answer },
        reboot_required_packages: { kernel_packages: kernelPackages, standard_packages: others },
      },
      meta: { environment_vars: [] },
      type: 'RebootRequired',
    },
    ...{ errors: [], result: 'success', version: '34', warnings: [] },
  })

export const loaded = (...names: readonly string[]): Livepatch[] =>
  names.map((name) => ({
    ...{ name, enabled: true, transition: false, replace: null, stackOrder: null, objects: [], unknownAttributes: [] },
  }))

export const STATUS_LINE = '/snap/bin/canonical-livepatch status --format json'
export const PRO_LINE = '/usr/bin/pro api u.pro.security.status.reboot_required.v1'

export const APPLIED: TestHostOptions = {
  kernel: { release: '5.15.0-100-generic' },
  livepatches: loaded('lkp_Ubuntu_5_15_0_100_110_generic_104'),
  files: { '/snap/bin/canonical-livepatch': '', '/usr/bin/pro': '' },
  programs: {
    [STATUS_LINE]: { stdout: JSON.stringify(STATUS_10) },
    [PRO_LINE]: { stdout: proReboot('yes-kernel-livepatches-applied', ['linux-image-5.15.0-101-generic']) },
  },
}

export const withStatus = (status: unknown, options: TestHostOptions = APPLIED): TestHostOptions => ({
  ...options,
  programs: { ...options.programs, [STATUS_LINE]: { stdout: JSON.stringify(status) } },
})

export const SEVERAL_KERNELS: TestHostOptions = withStatus(STATUS_11, {
  livepatches: loaded('lkp_Ubuntu_6_8_0_1047_50_aws_121', 'livepatch_sample'),
  files: { '/snap/bin/canonical-livepatch': '' },
})

export const NOT_ENABLED_HOST: TestHostOptions = {
  files: { '/snap/bin/canonical-livepatch': '' },
  programs: { [STATUS_LINE]: { exitCode: 1, stderr: NOT_ENABLED } },
}

export const samples: readonly TestHostOptions[] = [
  ...[APPLIED, SEVERAL_KERNELS, withStatus(STATUS_2022), NOT_ENABLED_HOST],
]
