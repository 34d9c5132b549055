import type { TestHostOptions } from '../test-provider-host.ts'

/** A list of two modules, of versions to 0.9.10: RedHatInsights/insights-core, tests/parsers/test_kpatch_list.py. */
export const LIST_0_9_10 = `Loaded patch modules:
kpatch_3_10_0_1062_1_1_1_4 [enabled]
kpatch_3_10_0_1062_1_1_1_5 [enabled]

Installed patch modules:
kpatch_3_10_0_1062_1_1_1_4 (3.10.0-1062.1.1.el7.x86_64)
kpatch_3_10_0_1062_1_1_1_5 (3.10.0-1062.1.2.el7.x86_64)
`

/** Before states were printed: sosreport/sos, issue 411, and the script of 2014 (dynup/kpatch), which lists files. */
export const LIST_WITHOUT_STATES = `Loaded patch modules:
kpatch_meminfo_string

Installed patch modules:
kpatch-meminfo-string.ko (3.10.0-1062.1.1.el7.x86_64)
`

/** Version 0.9.11 on a kernel with stack_order, in a transition: the script (dynup/kpatch v0.9.11) on a made-up sysfs. */
export const LIST_0_9_11 = `Loaded patch modules:
kpatch_5_14_0_427_13_1_1_1 [enabled]
livepatch_a [disabled]
livepatch_hotfix [enabling...]

Stalled processes:
4242 kworker/3:1
stack:
[<0>] worker_thread+0x5f/0x3b0
[<0>] kthread+0xe2/0x110

Installed patch modules:
kpatch_5_14_0_427_13_1_1_1 (5.14.0-427.13.1.el9_4.x86_64)

Currently livepatched functions:
Module                      Object   Function/Occurrence  
livepatch_hotfix            vmlinux  meminfo_proc_show,1  (transition)
kpatch_5_14_0_427_13_1_1_1  tls      tls_sk_query,1       
`

/**
 * Recorded: Debian's kpatch 0.9.10 on its kernel 6.12.117, in a transition that one thread holds back, one patch installed
 * and loaded before (e2e/kernel/kpatch.test.ts). 272 is the thread; its process is 271, db-writer.
 */
export const LIST_RECORDED = `Loaded patch modules:
lp_killable [enabling...]
lp_simple [enabled]

Stalled processes:
272 worker-3
stack:
[<0>] lpt_wait_killable+0x8a/0xd0 [lptarget]
[<0>] wait_killable_show+0x12/0x30 [lptarget]
[<0>] seq_read_iter+0x120/0x470
[<0>] proc_reg_read_iter+0x4e/0x90
[<0>] vfs_read+0x242/0x370
[<0>] ksys_read+0x6f/0xf0
[<0>] do_syscall_64+0x87/0x180
[<0>] entry_SYSCALL_64_after_hwframe+0x76/0x7e

Installed patch modules:
lp_simple (6.12.117+deb12-cloud-amd64)
`

const INFO_FILE = '/var/lib/kpatch/6.12.117+deb12-cloud-amd64/lp_simple.ko'

/** Recorded with it: the same tool and kmod 30's modinfo on that module, its folder apart. */
export const INFO_RECORDED = `Patch information for ${INFO_FILE}:
filename:       ${INFO_FILE}
livepatch:      Y
license:        GPL
depends:        
name:           lp_simple
retpoline:      Y
vermagic:       6.12.117+deb12-cloud-amd64 SMP preempt mod_unload modversions 
`

/** Recorded: modinfo on a file that is no module. */
export const INFO_FAILED = {
  exitCode: 1,
  stdout: `Patch information for ${INFO_FILE}:\nfilename:       ${INFO_FILE}\n`,
  stderr: `modinfo: ERROR: could not get modinfo from 'lp_simple': Invalid argument\nkpatch: failed to get info for module ${INFO_FILE}\n`,
}

/** The same form for other modules: lines as MODULE_INFO and MODULE_VERSION make them (include/linux/module.h). */
const moduleInfo = (file: string, ...lines: string[]) => ({
  [`/usr/sbin/kpatch info ${file}`]: {
    stdout: [`Patch information for ${file}:`, `filename:       ${file}`, ...lines, ''].join('\n'),
  },
})

/** Amazon Linux 2's manual, "Kernel Live Patching": the line between the sections holds a tab. */
export const LIST_AMAZON_2 = `Loaded patch modules:
livepatch_cifs_lease_buffer_len [enabled]
livepatch_CVE_2019_20096 [enabled]
livepatch_CVE_2020_8648 [enabled]
\t\t
Installed patch modules:
livepatch_cifs_lease_buffer_len (5.10.102-99.473.amzn2.x86_64)
livepatch_CVE_2019_20096 (5.10.102-99.473.amzn2.x86_64)
livepatch_CVE_2020_8648 (5.10.102-99.473.amzn2.x86_64)
`

export const LIST_EMPTY = `Loaded patch modules:

Installed patch modules:
`

/** Red Hat's course on kpatch, "Identifying CVEs within kpatches". */
export const CHANGELOG = `* Tue Dec 03 2019 Joe Lawrence <joe.lawrence@redhat.com> [1-4.el8]
- hw: [incomplete fix] Machine Check Error on Page Size Change (IFU) [1779250] {CVE-2018-12207}

* Mon Nov 18 2019 Josh Poimboeuf <jpoimboe@redhat.com> [1-3.el8]
- Fix sysfs reporting for MDS-affected systems [1766986] {CVE-2019-11135}
`

/** cockpit-project/cockpit, issue 22770. */
export const DNF_KPATCH_STATUS = `Last metadata expiration check: 0:31:13 ago on Fri Jan 16 10:12:12 2026.
Kpatch update setting: auto-update
Kpatch filter setting: no-filter
Available patches: kpatch-patch-5_14_0-658-0-0.x86_64
`

/** "Kernel Live Patching on AL2023", Amazon's manual. */
export const AMAZON_SUPPORT =
  'The current version of the Linux kernel you are running will no longer receive live patches after 2025-07-22.\n'
export const AMAZON_UPDATE_INFO = `Last metadata expiration check: 1:07:26 ago on Mon 13 Feb 2023 09:28:19 PM UTC.
CVE-2022-0123    important/Sec. kernel-livepatch-6.1.12-17.42-1.0-4.amzn2023.x86_64
CVE-2022-3210    important/Sec. kernel-livepatch-6.1.12-17.42-1.0-3.amzn2023.x86_64
`

const UNIT = '/etc/systemd/system/multi-user.target.wants/kpatch.service'
const [RPM, DNF] = ['/usr/bin/rpm', '/usr/bin/dnf -C --assumeno']

/** RHEL 8 with a package that fixes two CVEs: its names by dynup/kpatch-dnf, its change log from Red Hat's course. */
export const RHEL_8: TestHostOptions = {
  kernel: { release: '4.18.0-147.el8.x86_64' },
  operatingSystem: { id: 'rhel', versionId: '8.1' },
  livepatches: [
    {
      ...{ name: 'kpatch_4_18_0_147_1_4', enabled: true, transition: false, replace: null, stackOrder: null },
      ...{ objects: [], unknownAttributes: [] },
    },
  ],
  files: {
    '/usr/sbin/kpatch': '',
    '/usr/bin/rpm': '',
    '/var/lib/kpatch/4.18.0-147.el8.x86_64/kpatch-4_18_0-147-1-4.ko': '',
    '/var/lib/kpatch/4.18.0-193.el8.x86_64/kpatch-4_18_0-193-1-1.ko': '',
    [UNIT]: '',
    '/proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro',
  },
  programs: {
    '/usr/sbin/kpatch list': {
      stdout: `Loaded patch modules:
kpatch_4_18_0_147_1_4 [enabled]

Installed patch modules:
kpatch_4_18_0_147_1_4 (4.18.0-147.el8.x86_64)
kpatch_4_18_0_193_1_1 (4.18.0-193.el8.x86_64)
`,
    },
    '/usr/sbin/kpatch version': { stdout: '0.9.2\n' },
    ...moduleInfo(
      '/var/lib/kpatch/4.18.0-147.el8.x86_64/kpatch-4_18_0-147-1-4.ko',
      ...['license:        GPL', 'livepatch:      Y', 'rhelversion:    8.1', 'depends:        '],
      'vermagic:       4.18.0-147.el8.x86_64 SMP mod_unload modversions ',
    ),
    [`${RPM} -qa kpatch-patch*`]: {
      stdout: 'kpatch-patch-4_18_0-147-1-4.el8.x86_64\nkpatch-patch-4_18_0-193-1-1.el8.x86_64\n',
    },
    [`${RPM} -q --changelog kpatch-patch-4_18_0-147-1-4.el8.x86_64`]: { stdout: CHANGELOG },
  },
}

export const RHEL_9_IN_TRANSITION: TestHostOptions = {
  kernel: { release: '5.14.0-427.13.1.el9_4.x86_64' },
  operatingSystem: { id: 'rhel', versionId: '9.4' },
  files: {
    '/usr/sbin/kpatch': '',
    '/var/lib/kpatch/5.14.0-427.13.1.el9_4.x86_64/kpatch-5_14_0-427_13_1-1-1.ko': '',
    '/etc/systemd/system/default.target': '',
    '/proc/4242/status': 'Name:\tkworker/3:1\nState:\tI (idle)\nTgid:\t4242\nNgid:\t0\nPid:\t4242\nPPid:\t2\n',
  },
  programs: {
    '/usr/sbin/kpatch list': { stdout: LIST_0_9_11 },
    ...moduleInfo(
      '/var/lib/kpatch/5.14.0-427.13.1.el9_4.x86_64/kpatch-5_14_0-427_13_1-1-1.ko',
      ...['license:        GPL', 'livepatch:      Y', 'depends:        ', 'name:           kpatch_5_14_0_427_13_1_1_1'],
      'vermagic:       5.14.0-427.13.1.el9_4.x86_64 SMP preempt mod_unload modversions ',
    ),
    '/usr/sbin/kpatch version': { stdout: '0.9.11\n' },
  },
}

export const RHEL_9_OFFERED: TestHostOptions = {
  kernel: { release: '5.14.0-658.el9.x86_64' },
  operatingSystem: { id: 'rhel', versionId: '9.8' },
  now: Date.parse('2026-01-16T10:43:25.500Z'),
  files: { '/usr/sbin/kpatch': '', '/usr/bin/dnf': '', '/etc/dnf/plugins/kpatch.conf': '[main]\nautoupdate = True\n' },
  programs: {
    '/usr/sbin/kpatch list': { stdout: LIST_EMPTY },
    '/usr/sbin/kpatch version': { stdout: '0.9.11\n' },
    [`${DNF} kpatch status`]: { stdout: DNF_KPATCH_STATUS },
  },
}

/** AL2023: the kernel of the manual's list of updates, with a module of the manual's list of patches. */
export const AMAZON_2023: TestHostOptions = {
  kernel: { release: '6.1.12-17.42.amzn2023.x86_64' },
  operatingSystem: { id: 'amzn', versionId: '2023' },
  now: Date.parse('2025-05-01T00:00:00Z'),
  files: { '/usr/sbin/kpatch': '', '/usr/bin/dnf': '', [UNIT]: '' },
  programs: {
    '/usr/sbin/kpatch list': {
      stdout: `Loaded patch modules:
livepatch_CVE_2022_36946 [enabled]

Installed patch modules:
livepatch_CVE_2022_36946 (6.1.12-17.42.amzn2023.x86_64)
`,
    },
    '/usr/sbin/kpatch version': { stdout: '0.9.7\n' },
    [`${DNF} kernel-livepatch support`]: { stdout: AMAZON_SUPPORT },
    [`${DNF} updateinfo list cves`]: { stdout: AMAZON_UPDATE_INFO },
  },
}

/** CentOS 7 with the core from before livepatch: sysfs as kmod/patch/kpatch-patch-hook.c makes it, once in each layout. */
export const OLD_CORE: TestHostOptions = {
  kernel: { release: '3.10.0-1062.1.1.el7.x86_64' },
  operatingSystem: { id: 'centos', versionId: '7' },
  files: {
    '/usr/sbin/kpatch': '',
    '/var/lib/kpatch/3.10.0-1062.1.1.el7.x86_64/kpatch-meminfo-string.ko': '',
    '/sys/kernel/kpatch/patches/kpatch_meminfo_string/enabled': '1\n',
    '/sys/kernel/kpatch/patches/kpatch_meminfo_string/checksum': '0123456789abcdef\n',
    '/sys/kernel/kpatch/patches/kpatch_meminfo_string/functions/meminfo_proc_show/old_addr': '0xffffffff8126a000\n',
    '/sys/kernel/kpatch/patches/kpatch_meminfo_string/functions/show_stat/old_addr': '0xffffffff8126b000\n',
  },
  programs: {
    '/usr/sbin/kpatch list': { stdout: LIST_WITHOUT_STATES },
    // Of the core before livepatch, whose symbols it takes.
    ...moduleInfo(
      '/var/lib/kpatch/3.10.0-1062.1.1.el7.x86_64/kpatch-meminfo-string.ko',
      ...['version:        3', 'license:        GPL', 'depends:        kpatch'],
      'vermagic:       3.10.0-1062.1.1.el7.x86_64 SMP mod_unload modversions ',
    ),
    '/usr/sbin/kpatch version': { exitCode: 1, stdout: 'subcommand version not recognized\n' },
  },
}

export const LATER_CORE: TestHostOptions = {
  kernel: { release: '3.10.0-1160.el7.x86_64' },
  files: {
    '/sys/kernel/kpatch/kpatch_a/enabled': '0\n',
    '/sys/kernel/kpatch/kpatch_a/vmlinux/meminfo_proc_show,1/old_addr': '0xffffffff8126a000\n',
    '/sys/kernel/kpatch/kpatch_a/ext4/ext4_sync_file,2/old_addr': '0xffffffffc026a000\n',
  },
}

export const AMAZON_2: TestHostOptions = {
  kernel: { release: '5.10.102-99.473.amzn2.x86_64' },
  operatingSystem: { id: 'amzn', versionId: '2' },
  files: { '/usr/sbin/kpatch': '', '/usr/bin/yum': '' },
  programs: {
    '/usr/sbin/kpatch list': { stdout: LIST_AMAZON_2 },
    '/usr/sbin/kpatch version': { stdout: '0.9.4\n' },
    '/usr/bin/yum -C --assumeno kernel-livepatch supported': {
      exitCode: 1,
      stdout: 'Loaded plugins: kernel-livepatch\n',
      stderr:
        'The current version of the Linux kernel is no longer being provided with Live Patches. Reboot into the latest kernel version to get a continued stream of live patches.\n',
    },
    '/usr/bin/yum -C --assumeno updateinfo list cves': {
      stdout: 'Loaded plugins: kernel-livepatch\nupdateinfo list done\n',
    },
  },
}

export const DEBIAN_IN_TRANSITION: TestHostOptions = {
  kernel: { release: '6.12.117+deb12-cloud-amd64' },
  operatingSystem: { id: 'debian', versionId: '12' },
  files: {
    ...{ '/usr/sbin/kpatch': '', '/var/lib/kpatch/6.12.117+deb12-cloud-amd64/lp_simple.ko': '', [UNIT]: '' },
    '/proc/272/status': 'Name:\tworker-3\nState:\tD (disk sleep)\nTgid:\t271\nNgid:\t0\nPid:\t272\nPPid:\t1\n',
  },
  programs: {
    '/usr/sbin/kpatch list': { stdout: LIST_RECORDED },
    '/usr/sbin/kpatch version': { stdout: '0.9.10\n' },
    [`/usr/sbin/kpatch info ${INFO_FILE}`]: { stdout: INFO_RECORDED },
  },
}

/** What kpatch and the package managers print, as hosts; each text with its source above. */
export const samples: readonly TestHostOptions[] = [
  ...[DEBIAN_IN_TRANSITION, RHEL_8, RHEL_9_IN_TRANSITION, RHEL_9_OFFERED, AMAZON_2023, AMAZON_2, OLD_CORE, LATER_CORE],
]
