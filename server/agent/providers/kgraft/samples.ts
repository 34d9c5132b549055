import type { TestHostOptions } from '../test-provider-host.ts'

/** Uyuni, susemanager-utils/susemanager-sls/src/tests/data/livepatching-2.sample. */
export const TWO_PATCHES = `kgraft_patch_1_2_2
    active: 0

kgraft_patch_2_2_1
    active: 1
    RPM: kgraft-patch-3_12_62-60_64_8-default-2-2.1.x86_64
    CVE: CVE-2016-8666 CVE-2016-6480
    bug fixes and enhancements: (none)

`

/** As `state_show` prints it: SUSE's kernel/kgraft_files.c, `%-20s  %5d  %5d`, in its later and its first order of columns. */
export const STATE_APPLIED = `Function               Weak  State
SyS_rename                0      2
ext4_rename               1      5
`
export const STATE_SLOW_FIRST = `Function              State  Fatal
SyS_rename                2      1
vfs_rename                1      1
`
export const STATE_REVERTED = `Function               Weak  State
SyS_rename                0      4
`

const KERNEL = {
  release: '3.12.62-60.64.8-default',
  version: '#1 SMP Tue Oct 18 12:21:38 UTC 2016 (42e0a66/kGraft-8b8f2e8)',
}
const SLES_12 = { id: 'sles', versionId: '12.1' }

export const SLE_12: TestHostOptions = {
  kernel: KERNEL,
  operatingSystem: SLES_12,
  livepatches: null,
  now: Date.parse('2017-01-01T00:00:00Z'),
  files: {
    '/usr/bin/kgr': '',
    '/sys/kernel/kgraft/in_progress': '0\n',
    '/sys/kernel/kgraft/force_load_module': '0\n',
    '/sys/kernel/kgraft/kgraft_patch_2_2_1/state': STATE_APPLIED,
    '/sys/kernel/kgraft/kgraft_patch_2_2_1/refs': '0\n',
    '/sys/kernel/kgraft/kgraft_patch_2_2_1/replace_all': '1\n',
    '/var/lib/lifecycle/data/sle-live-patching.lifecycle': 'kgraft-patch-3_12_62-60_64_8-default,*,2017-10-25\n',
  },
  programs: { '/usr/bin/kgr status': { stdout: 'ready\n' }, '/usr/bin/kgr -v patches': { stdout: TWO_PATCHES } },
}

/** Without the tool, while a patch goes in: one process of three has not passed its safe point. */
export const SLE_12_IN_TRANSITION: TestHostOptions = {
  kernel: KERNEL,
  operatingSystem: SLES_12,
  livepatches: null,
  files: {
    '/sys/kernel/kgraft/in_progress': '1\n',
    '/sys/kernel/kgraft/kgraft_patch_1_2_2/state': STATE_REVERTED,
    '/sys/kernel/kgraft/kgraft_patch_2_2_1/state': STATE_SLOW_FIRST,
    '/proc/1/kgr_in_progress': '0\n',
    '/proc/17/kgr_in_progress': '1\n',
    '/proc/17/comm': 'hwrng\n',
    '/proc/17/stack': '[<ffffffff8154b6c5>] hwrng_fillfn+0x85/0x140\n',
    '/proc/self/kgr_in_progress': '1\n',
  },
}

/** What kgr prints and kGraft's sysfs shows, as hosts. */
export const samples: readonly TestHostOptions[] = [SLE_12, SLE_12_IN_TRANSITION]
