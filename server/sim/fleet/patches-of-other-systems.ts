import type { OtherSystem } from '../kernel/patch-system.ts'
import type { PublishedPatch } from './published-patches.ts'

/** Patches for one kernel release by a system that is not livepatch, oldest first. */
export interface PatchSeries {
  readonly system: OtherSystem
  /** Each holds all of those before it; otherwise it comes on top of them. */
  readonly cumulative: boolean
  readonly patches: readonly (PublishedPatch & {
    /** As the tool calls it, where that is not its name. */
    readonly title?: string
    /** The release whose fixes a kernel with it and those before it has. */
    readonly effective?: string
  })[]
}

/**
 * What the upstream fix changes, as FIXED_FUNCTIONS: CVE-2019-14835 060423bfdee3, CVE-2021-3609 d5f9023fa61e, CVE-2021-4083
 * 054aa8d439b9, CVE-2021-22555 b29c457a6511, CVE-2021-29154 e4d4d456436b, CVE-2021-32399 e2cb6b891ad2, CVE-2021-33909
 * 8cae8cd89f05.
 */
export const OTHER_FIXED_FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  'CVE-2019-14835': ['vhost:get_indirect', 'vhost:vhost_get_vq_desc'],
  'CVE-2021-3609': ['can_bcm:bcm_release'],
  'CVE-2021-4083': ['vmlinux:__fget'],
  'CVE-2021-22555': ['x_tables:xt_compat_match_from_user', 'x_tables:xt_compat_target_from_user'],
  'CVE-2021-29154': ['vmlinux:do_jit'],
  'CVE-2021-32399': ['bluetooth:hci_req_sync'],
  'CVE-2021-33909': ['vmlinux:seq_buf_alloc'],
}

const SIMULATED = 'simulated: the vendor publishes no such list'

/** Eight letters and digits, as Ksplice names its updates; made of the title, by FNV-1a. */
const updateId = (title: string): string => {
  let bits = 0x81_1c_9d_c5
  let text = ''
  for (let round = 0; text.length < 8; round += 1) {
    for (const character of `${round}${title}`) bits = Math.imul(bits ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93)
    text += (bits >>> 0).toString(36)
  }
  return text.slice(0, 8)
}

const update = (date: string, effective: string, cve: string | null, what: string) => {
  const title = cve === null ? what : `${cve}: ${what}`
  const name = `ksplice_${updateId(title)}`
  return { name, title, effective, date, notice: SIMULATED, adds: cve === null ? [] : [cve] }
}

const kgraft = (version: number, notice: string, date: string, ...adds: string[]) => ({
  ...{ name: `kgraft_patch_${version}_2_2`, notice, date, adds },
})

const level = (effective: string, notice: string, date: string, ...adds: string[]) => ({
  ...{ name: `kcare_${effective.replaceAll(/[.-]/g, '_')}`, effective, notice, date, adds },
})

/**
 * kGraft: SUSE's CSAF advisories (CC-BY-4.0); of their CVEs, those whose functions are known. kpatch: Red Hat's Security
 * Data API (CC-BY-4.0), then one that is simulated. KernelCare: its vendor publishes no sets by release; each level has
 * the fixes of one of Red Hat's kernels (Security Data API), as an effective version promises. Ksplice: Oracle publishes
 * no list of updates; CVEs of that time, in the form of its titles, identifiers and effective versions made up.
 */
export const SERIES_OF_OTHERS: Readonly<Record<string, PatchSeries>> = {
  '4.4.180-94.138-default': {
    ...{ system: 'kgraft', cumulative: true },
    patches: [
      kgraft(5, 'SUSE-SU-2021:1870-1', '2021-06-04', 'CVE-2021-29154'),
      kgraft(6, 'SUSE-SU-2021:2042-1', '2021-06-18', 'CVE-2021-32399'),
      kgraft(8, 'SUSE-SU-2021:2538-1', '2021-07-27', 'CVE-2021-22555', 'CVE-2021-33909'),
      kgraft(9, 'SUSE-SU-2021:2842-1', '2021-08-25', 'CVE-2021-3609'),
      kgraft(15, 'SUSE-SU-2022:0552-1', '2022-02-22', 'CVE-2021-4083'),
    ],
  },
  '3.10.0-1062.1.1.el7': {
    ...{ system: 'kpatch', cumulative: true },
    patches: [
      { name: 'kpatch_3_10_0_1062_1_1_1_1', notice: 'RHSA-2019:2854', date: '2019-09-21', adds: ['CVE-2019-14835'] },
      {
        ...{ name: 'kpatch_3_10_0_1062_1_1_1_2', notice: 'simulated', date: '2021-07-21' },
        adds: ['CVE-2021-33909', 'CVE-2022-0492'],
      },
    ],
  },
  '3.10.0-1160.el7': {
    ...{ system: 'kernelcare', cumulative: true },
    patches: [
      level('3.10.0-1160.36.2.el7', 'RHSA-2021:2725', '2021-07-21', 'CVE-2021-33909'),
      level('3.10.0-1160.41.1.el7', 'RHSA-2021:3327', '2021-08-31', 'CVE-2021-22555'),
      level('3.10.0-1160.66.1.el7', 'RHSA-2022:4642', '2022-05-18', 'CVE-2022-0492'),
      level('3.10.0-1160.71.1.el7', 'RHSA-2022:5232', '2022-06-28', 'CVE-2022-32250'),
      level('3.10.0-1160.114.2.el7', 'RHSA-2024:1249', '2024-03-12', 'CVE-2024-1086'),
    ],
  },
  '5.15.0-100.96.32.el9uek': {
    ...{ system: 'ksplice', cumulative: false },
    patches: [
      update('2023-04-01', '5.15.0-100.96.32.el9uek', null, 'Enablement update for live patching.'),
      update('2024-05-30', '5.15.0-206.153.7.el9uek', 'CVE-2023-52772', 'Out-of-bounds read in Unix domain sockets.'),
      update('2024-05-30', '5.15.0-206.153.7.el9uek', 'CVE-2024-1086', 'Privilege escalation in Netfilter.'),
      update('2024-07-10', '5.15.0-207.156.6.el9uek', 'CVE-2024-26923', 'Use-after-free in Unix domain sockets.'),
      update('2024-08-14', '5.15.0-208.159.3.el9uek', 'CVE-2024-27398', 'Use-after-free in Bluetooth SCO.'),
      update('2024-10-09', '5.15.0-300.163.18.el9uek', 'CVE-2024-40954', 'Use-after-free when a socket is created.'),
      update('2024-12-11', '5.15.0-303.171.5.el9uek', 'CVE-2024-43882', 'Privilege escalation when a program starts.'),
      update('2025-02-12', '5.15.0-304.171.4.el9uek', 'CVE-2024-56600', 'Use-after-free in IPv6 sockets.'),
      update('2025-02-12', '5.15.0-305.176.4.el9uek', 'CVE-2024-53237', 'Use-after-free in Bluetooth.'),
    ],
  },
}

/** null: what was published for it are livepatches, or nothing. */
export const seriesOf = (release: string): PatchSeries | null =>
  Object.hasOwn(SERIES_OF_OTHERS, release) ? (SERIES_OF_OTHERS[release] ?? null) : null
