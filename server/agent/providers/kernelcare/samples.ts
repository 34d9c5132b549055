import type { TestHostOptions } from '../test-provider-host.ts'

/** As a key of the vendor's looks (a published registration mail); not a real one. */
export const KEY = 'YE9XX5B627ttcanary00'

/** Output of an agent of 2016 on Debian 8: a published log. */
export const INFO_2016 = `kpatch-state: patch is applied
kpatch-for: Linux version 3.16.0-4-amd64 (debian-kernel@lists.debian.org) (gcc version 4.8.4 (Debian 4.8.4-1) ) #1 SMP Debian 3.16.7-ckt25-2+deb8u3 (2016-07-02)
kpatch-build-time: Fri Oct 21 02:05:59 2016
kpatch-description: 3;3.16.36-1+deb8u2
`

/** Output of agent 2.22 of 2021 on a Raspberry Pi with Ubuntu: a forum's post. */
export const INFO_2021 = `kpatch-state: patch is applied
kpatch-for: Linux version 5.4.0-1028-raspi (buildd@bos02-arm64-034) (gcc version 9.3.0 (Ubuntu 9.3.0-17ubuntu1~20.04)) #31-Ubuntu SMP PREEMPT Wed Jan 20 11:30:45 UTC 2021
kpatch-build-time: Thu Feb 11 23:02:52 2021
kpatch-description: 1-:1615812815;5.4.0-1028.31
`

/** The same form with a kind of set: the documentation's `--set-patch-type extra`, read by Cpanel::KernelCare. */
export const INFO_EXTRA = INFO_2021.replace('1-:1615812815', '11-extra:1625812815')

/** The same forum, before the kernel was supported. */
export const INFO_UNKNOWN_KERNEL = 'Unknown kernel (Ubuntu 5.4.0-1029-raspi), no patches available\n'

/** A line that Cpanel::KernelCare looks for. */
export const INFO_NONE = 'No patches applied\n'

/** What agents with `--json` print: of their keys Cpanel::KernelCare reads this one, and these values. */
export const INFO_JSON = '{"patch-type": "default"}\n'
export const INFO_JSON_EXTRA = '{"patch-type": "extra"}\n'

/** TuxCare's documentation, "Extra patchset", with a block for a CVE in its form. */
export const PATCH_INFO = `OS: centos6
kernel: kernel-2.6.32-696.6.3.el6
time: 2017-07-31 22:46:22
uname: 2.6.32-696.6.3.el6

kpatch-name: 2.6.32/symlink-protection.patch
kpatch-description: symlink protection // If you see this patch, it mean that you can enable symlink protection.
kpatch-kernel: kernel-2.6.32-279.2.1.el6
kpatch-cve: N/A
kpatch-cvss: N/A
kpatch-cve-url: N/A
kpatch-patch-url: https://gerrit.cloudlinux.com/#/c/16508/

kpatch-name: 2.6.32/cve-2017-7895.patch
kpatch-description: nfsd: stricter decoding of write-like NFSv2/v3 ops
kpatch-kernel: kernel-2.6.32-696.6.3.el6
kpatch-cve: CVE-2017-7895
kpatch-cvss: 6.5
kpatch-cve-url: https://access.redhat.com/security/cve/CVE-2017-7895
kpatch-patch-url: N/A

kpatch-name: 2.6.32/cve-2017-7895.kpatch-1.patch
kpatch-description: nfsd: stricter decoding of write-like NFSv2/v3 ops (kpatch adaptation)
kpatch-kernel: kernel-2.6.32-696.6.3.el6
kpatch-cve: CVE-2017-7895
kpatch-cvss: 6.5
kpatch-cve-url: https://access.redhat.com/security/cve/CVE-2017-7895
kpatch-patch-url: N/A
`

/** TuxCare's documentation, "Config options", with what must not leave the host. */
export const CONFIG = `# KernelCare
AUTO_UPDATE=True
PATCH_METHOD=smart
UPDATE_DELAY=24h
STICKY_PATCHSET=K20230908_02
STICKY_PATCH =
PATCH_SERVER=https://user:${KEY}@eportal.example.com/
REGISTRATION_URL=https://eportal.example.com/admin/api/kcare?key=${KEY}
`

const kcarectl = (outputs: NonNullable<TestHostOptions['programs']>): NonNullable<TestHostOptions['programs']> =>
  Object.fromEntries(Object.entries(outputs).map(([option, output]) => [`/usr/bin/kcarectl ${option}`, output]))

/** The files of TuxCare's documentation, "Integration with KernelCare". */
export const WITH_FILES: TestHostOptions = {
  kernel: { release: '5.4.0-1028-raspi', bootId: 'boot-kernelcare' },
  files: {
    '/usr/bin/kcarectl': '',
    '/etc/sysconfig/kcare/kcare.conf': CONFIG,
    '/proc/kcare/effective_version': '5.4.0-1030.33\n',
    '/proc/kcare/cvelist': 'CVE-2021-3348\nCVE-2021-20194\nCVE-2021-3348\n',
    '/var/cache/kcare/libcare_cvelist': 'CVE-2022-4450\n',
  },
  programs: kcarectl({
    '--version': { stdout: '2.22-1\n' },
    '--info': { stdout: INFO_2021 },
    '--info --json': { stdout: INFO_JSON },
    '--status': { exitCode: 0 },
    '--license-info': { stdout: `Key-based valid license found: ${KEY}\n` },
  }),
}

export const BEHIND: TestHostOptions = {
  ...WITH_FILES,
  kernel: { ...WITH_FILES.kernel, bootId: 'boot-behind' },
  programs: {
    ...WITH_FILES.programs,
    ...kcarectl({
      '--info': { stdout: INFO_EXTRA },
      '--info --json': { stdout: INFO_JSON_EXTRA },
      '--status': { exitCode: 2 },
    }),
  },
}

/** An old agent without the files in /proc. */
export const TOOL_ONLY: TestHostOptions = {
  kernel: { release: '2.6.32-279.2.1.el6.x86_64', bootId: 'boot-old' },
  files: { '/usr/bin/kcarectl': '' },
  programs: kcarectl({
    '--version': { stdout: '2.12-5\n' },
    '--info': { stdout: INFO_2016 },
    // As Cpanel::KernelCare says of agents that know no `--json`.
    '--info --json': { stdout: INFO_2016 },
    '--patch-info': { stdout: PATCH_INFO },
    '--uname': { stdout: '2.6.32-696.6.3.el6\n' },
    '--status': { exitCode: 2 },
  }),
}

export const UNSUPPORTED: TestHostOptions = {
  kernel: { release: '5.4.0-1029-raspi', bootId: 'boot-unsupported' },
  files: { '/usr/bin/kcarectl': '', '/etc/sysconfig/kcare/kcare.conf': 'AUTO_UPDATE = False\n' },
  programs: kcarectl({
    '--version': { stdout: '2.22-1\n' },
    '--info': { exitCode: 1, stdout: INFO_UNKNOWN_KERNEL },
    '--info --json': { exitCode: 1, stdout: INFO_UNKNOWN_KERNEL },
    '--uname': { stdout: '5.4.0-1029-raspi\n' },
  }),
}

/** Licensed, with nothing applied yet, and a set that is to be had: the documented exit codes of `--status` and `--check`. */
export const NOTHING_APPLIED: TestHostOptions = {
  ...WITH_FILES,
  kernel: { ...WITH_FILES.kernel, bootId: 'boot-nothing' },
  files: { '/usr/bin/kcarectl': '', '/etc/sysconfig/kcare/kcare.conf': CONFIG },
  programs: {
    ...WITH_FILES.programs,
    ...kcarectl({
      '--info': { stdout: INFO_NONE },
      '--info --json': { stdout: '{"patch-type": "unset"}\n' },
      '--uname': { stdout: '5.4.0-1028-raspi\n' },
      '--status': { exitCode: 1 },
      '--check': { exitCode: 0 },
    }),
  },
}

export const samples: readonly TestHostOptions[] = [WITH_FILES, BEHIND, TOOL_ONLY, UNSUPPORTED, NOTHING_APPLIED]
