import type { TestHostOptions } from '../test-provider-host.ts'

/** One initial patch on SLE 15 SP2: a published transcript of `klp -v patches`. */
export const INITIAL = `livepatch_1_5_3_2
    active: 1
    RPM: kernel-livepatch-5_3_18-24_34-default-1-5.3.2.x86_64
    CVE: (none - this is an initial kernel live patch)
    bug fixes and enhancements: (none)
`

/** The next patch of that kernel: layout of Uyuni's livepatching-2.sample, names after INITIAL. */
export const CUMULATIVE = `livepatch_1_5_3_2
    active: 0

livepatch_2_2_1
    active: 1
    RPM: kernel-livepatch-5_3_18-24_34-default-2-2.1.x86_64
    CVE: CVE-2021-26930 CVE-2021-26931 CVE-2021-26932
    bug fixes and enhancements: bsc#1182294
`

/** `zypper --xmlout search --details` of zypper 1.14, over a repository that has a package of that name in two versions. */
export const ZYPPER_SEARCH = `<?xml version='1.0'?>
<stream>
<message type="info">Loading repository data...</message>
<message type="info">Reading installed packages...</message>

<search-result version="0.0">
<solvable-list>
<solvable status="other-version" name="kernel-livepatch-5_3_18-24_34-default" kind="package" edition="3-2.1" arch="x86_64" repository="r"/>
<solvable status="installed" name="kernel-livepatch-5_3_18-24_34-default" kind="package" edition="1-5.3.2" arch="x86_64" repository="r"/>
</solvable-list>
</search-result>
</stream>
`

/**
 * The plain file of lifecycle-data-sle-module-live-patching: format from SUSE/zypper-lifecycle, test-data/SLES.lifecycle; a kernel a line with
 * `*` for its version, as read by a published converter of these files.
 */
export const LIFECYCLE = `# format: name,version,date,successor
kernel-livepatch-5_3_18-24_29-default, *, 2021-11-03
kernel-livepatch-5_3_18-24_34-default, *, 2021-12-02
/^kernel-livepatch-.*$/, *, 2030-01-01
`

const RELEASE = '5.3.18-24.34-default'
const VERSION = '#1 SMP Thu Nov 19 12:00:00 UTC 2020 (b2a976e/lp-cd28ef5)'

const sysfs = (name: string, transition: boolean) => ({
  ...{ name, enabled: true, transition, replace: null, stackOrder: null, objects: [], unknownAttributes: [] },
})

export const SLE_15_INITIAL: TestHostOptions = {
  kernel: { release: RELEASE, version: VERSION },
  operatingSystem: { id: 'sles', versionId: '15.2' },
  now: Date.parse('2021-03-01T00:00:00Z'),
  livepatches: [sysfs('livepatch_1_5_3_2', false)],
  files: { '/usr/bin/klp': '', '/usr/share/lifecycle/data/sle-module-live-patching.lifecycle': LIFECYCLE },
  programs: { '/usr/bin/klp status': { stdout: 'ready\n' }, '/usr/bin/klp -v patches': { stdout: INITIAL } },
}

export const SLE_15_IN_TRANSITION: TestHostOptions = {
  ...SLE_15_INITIAL,
  livepatches: [sysfs('livepatch_2_2_1', true), sysfs('livepatch_1_5_3_2', false)],
  files: {
    ...SLE_15_INITIAL.files,
    '/proc/4242/comm': 'kworker/3:1\n',
    '/proc/4242/stack': '[<0>] worker_thread+0x5f/0x3b0\n[<0>] kthread+0xe2/0x110\n',
  },
  programs: {
    '/usr/bin/klp status': { stdout: 'in_progress\n' },
    '/usr/bin/klp -v patches': { stdout: CUMULATIVE },
    '/usr/bin/klp blocking': { stdout: '4242\n4343\n' },
  },
}

/** What klp prints, as hosts. */
export const samples: readonly TestHostOptions[] = [SLE_15_INITIAL, SLE_15_IN_TRANSITION]
