// Goal: real CVEs on real kernels come out as they were. Method: cases worked by hand from what the feeds say; each names its source.
import { expect, test } from 'vitest'
import type { ExposureFacts } from '../../contract/exposure.ts'
import type { CveKnowledge, KnownNotice } from '../../contract/vulnerabilities.ts'
import type { VerdictStatus } from './exposure-words.ts'
import { judge, prepareClass } from './judge.ts'
import { prepareKnowledge } from './prepared-knowledge.ts'
import {
  testEffective,
  testFacts,
  testKnowledge,
  testNotice,
  testPairs,
  testRecord,
  testSource,
  testVendor,
} from './test-exposure.ts'

const verdictOf = (facts: ExposureFacts, cve: CveKnowledge, notices: readonly KnownNotice[] = []) =>
  judge(prepareClass(facts, prepareKnowledge([cve], notices)), cve.id)

const debian = (versionId: string, version: string, release = '6.1.0-18-amd64') =>
  testFacts({
    release,
    version: `#1 SMP PREEMPT_DYNAMIC Debian ${version}`,
    operatingSystem: { id: 'debian', versionId },
  })
const ubuntu = (versionId: string, release: string, version: string | null, parts: Partial<ExposureFacts> = {}) =>
  testFacts({ release, version, operatingSystem: { id: 'ubuntu', versionId }, ...parts })
const redHat = (id: string, versionId: string, release: string, parts: Partial<ExposureFacts> = {}) =>
  testFacts({ release: `${release}.x86_64`, operatingSystem: { id, versionId }, ...parts })
const sles = (versionId: string, release: string, parts: Partial<ExposureFacts> = {}) =>
  testFacts({ release, operatingSystem: { id: 'sles', versionId }, ...parts })
const upstream = (release: string, parts: Partial<ExposureFacts> = {}) => testFacts({ release, ...parts })
const fixed = (product: string, name: string, fixedVersion: string, availableOn: string | null = null) =>
  testVendor(product, name, 'fixed', { fixedVersion, availableOn })

/** Debian security tracker; upstream: linux_kernel_cves. */
const DIRTY_PIPE = testKnowledge(
  'CVE-2022-0847',
  fixed('debian:11', 'linux', '5.10.92-2'),
  testVendor('rhel:7', 'kernel', 'not_affected'),
  testPairs('5.8:5.10.102', '5.8:5.15.25', '5.8:5.16.11', '5.8:5.17'),
)
/** Kernel CNA, CVE-2024-26581.dyad; Red Hat Security Data API RHSA-2024:4823, RHSA-2024:5928; Ubuntu CVE tracker. */
const RBTREE = testKnowledge(
  'CVE-2024-26581',
  testPairs(
    ...['4.19.316:4.19.316', '5.4.262:5.4.269', '5.10.190:5.10.210', '5.15.124:5.15.149', '6.1.43:6.1.78'],
    ...['6.5:6.6.17', '6.5:6.7.5', '6.5:6.8', '6.4.8:0'],
  ),
  fixed('rhel:9', 'kernel', '0:5.14.0-427.33.1.el9_4', '2024-08-28'),
  fixed('rhel:9.2-eus', 'kernel', '0:5.14.0-284.75.1.el9_2', '2024-07-24'),
  fixed('ubuntu:20.04', 'linux', '5.4.0-177.197'),
  fixed('ubuntu:20.04', 'linux-aws', '5.4.0-1123.133'),
  fixed('ubuntu:20.04', 'linux-hwe-5.15', '5.15.0-105.115~20.04.1'),
)
/** Red Hat Security Data API: RHSA-2024:1249, RHSA-2024:2394, RHSA-2024:3421. */
const NFT_VERDICT = testKnowledge(
  'CVE-2024-1086',
  fixed('rhel:7', 'kernel', '0:3.10.0-1160.114.2.el7', '2024-03-12'),
  fixed('rhel:9', 'kernel', '0:5.14.0-427.13.1.el9_4', '2024-04-30'),
  fixed('rhel:9.0-eus', 'kernel', '0:5.14.0-70.101.1.el9_0', '2024-05-28'),
  fixed('ubuntu:20.04', 'linux', '5.4.0-172.190'),
)
/** Kernel CNA, CVE-2025-40237.dyad: fixed, reverted and fixed again in 6.6.y. */
const REVERTED = testKnowledge(
  'CVE-2025-40237',
  testPairs('6.6.72:6.6.73', '6.6.74:6.6.115', '6.12.10:6.12.56', '6.13:6.17.6', '6.13:6.18'),
)
/** Kernel CNA, CVE-2026-64212.dyad: since when is not known. */
const SINCE_EVER = testKnowledge('CVE-2026-64212', testPairs('0:6.18.34', '0:7.0.11', '0:7.1'))
/** Kernel CNA, CVE-2026-72203.dyad: two faults under one id. */
const TWO_LINEAGES = testKnowledge('CVE-2026-72203', testPairs('2.6.12:6.9', '7.1:7.1.5', '7.1:7.2'))
/** Kernel CNA, CVE-2023-54223.dyad: in mainline it came and went within 6.5. */
const WITHIN_ONE = testKnowledge('CVE-2023-54223', testPairs('6.4.5:6.4.10', '6.5:6.5'))
/** SUSE CSAF: SUSE-SU-2023:4072-1 and, again, SUSE-SU-2024:0515-1. */
const QFQ = testKnowledge(
  'CVE-2023-4921',
  fixed('sles:15.4', 'kernel-default', '5.14.21-150400.24.92.1', '2023-10-13'),
  fixed('sles:15.4-ltss', 'kernel-default', '5.14.21-150400.24.108.1', '2024-02-15'),
)
/** Red Hat VEX, the legacy file and the feed of 2026. */
const NVME = testKnowledge(
  'CVE-2023-6238',
  [testVendor('rhel:9', 'kernel', 'not_affected'), testSource('Red Hat VEX', 'cve-2023-6238.json')],
  [
    testVendor('rhel:9.4', 'kernel', 'affected', { reason: 'Will not fix' }),
    testSource('Red Hat VEX feed', 'CVE-2023-6238.json'),
  ],
)
/** SUSE CSAF: SUSE-SU-2024:3387-1, livepatch 2 for 15 SP6 update 3. */
const BPF_LINK = testKnowledge('CVE-2024-40909', testRecord())
const SP6_UPDATE_3 = '6.4.0-150600.23.17-default'
const LIVEPATCH_2 = testNotice('klp', 'SUSE-SU-2024:3387-1', {
  ...{ publishedOn: '2024-09-23', kernels: [SP6_UPDATE_3], cves: ['CVE-2024-40909'] },
  packages: ['kernel-livepatch-6_4_0-150600_23_17-default-2-150600.13.6.3'],
})
/** Canonical, LSN-0102-1. */
const LSN_102 = testNotice('canonical', 'LSN-0102-1', {
  ...{ publishedOn: '2024-04-03', moduleVersion: '102', cves: ['CVE-2024-1086'] },
  oldestKernels: [{ release: 'focal', flavour: 'generic-5.4', version: '5.4.0-26' }],
})
/** Amazon, ALAS2023LIVEPATCH-2023-001. */
const TC_INDEX = testKnowledge('CVE-2023-26545', testRecord())
const ALAS = testNotice('amazon', 'ALAS2023LIVEPATCH-2023-001', {
  ...{ publishedOn: '2023-04-13', kernels: ['6.1.12-19.43'], cves: ['CVE-2023-26545'] },
  packages: ['kernel-livepatch-6.1.12-19.43-1.0-1.amzn2023'],
})
const amazon = (parts: Partial<ExposureFacts> = {}) =>
  testFacts({
    ...{ release: '6.1.12-19.43.amzn2023.x86_64', operatingSystem: { id: 'amzn', versionId: '2023' } },
    ...parts,
  })
const lkp = (number: number) =>
  testEffective(`lkp_Ubuntu_5_4_0_150_167_generic_${number}`, { provider: 'canonical', version: `${number}.1` })
const klp = (number: number) =>
  testEffective(`livepatch_${number}_150600_13_6_3`, { provider: 'klp', version: `${number}` })
const kernelCare = (effective: string) =>
  redHat('centos', '7', '3.10.0-1160.el7', { effectiveKernel: { provider: 'kernelcare', release: effective } })

type Case = [string, ExposureFacts, CveKnowledge, VerdictStatus, string, RegExp, KnownNotice[]?]
const CASES: Case[] = [
  [
    'Dirty Pipe: bullseye had it fixed below upstream’s number',
    debian('11', '5.10.92-2', '5.10.0-11-amd64'),
    DIRTY_PIPE,
    'fixed_by_kernel',
    'vendor_fixed_version',
    /5\.10\.92-2/,
  ],
  [
    'Dirty Pipe: one upload before',
    debian('11', '5.10.92-1', '5.10.0-11-amd64'),
    DIRTY_PIPE,
    'exposed',
    'vendor_fixed_version',
    /Debian fixed it in 5\.10\.92-2/,
  ],
  [
    'Dirty Pipe: a backport on bullseye is of no release of Debian’s',
    debian('11', '5.14.9-2~bpo11+1', '5.14.0-0.bpo.2-amd64'),
    DIRTY_PIPE,
    'unknown',
    'upstream_hint',
    /has the fault/,
  ],
  [
    'Dirty Pipe: Red Hat’s 3.10 never had it',
    redHat('rhel', '7.9', '3.10.0-1160.el7'),
    DIRTY_PIPE,
    'not_affected',
    'vendor_not_affected',
    /not affected/,
  ],
  [
    '[6.5, 6.7.5) does not swallow a fixed 6.6.20',
    upstream('6.6.20'),
    RBTREE,
    'fixed_by_kernel',
    'upstream_range',
    /6\.6\.17/,
  ],
  ['a stable branch that ended without the fix', upstream('6.4.9'), RBTREE, 'exposed', 'upstream_range', /no fix/],
  [
    'the same branch before the fault came to it as a backport',
    upstream('6.4.7'),
    RBTREE,
    'not_affected',
    'upstream_range',
    /later/,
  ],
  [
    'a release that took fault and fix together',
    upstream('4.19.316'),
    RBTREE,
    'fixed_by_kernel',
    'upstream_range',
    /4\.19\.316/,
  ],
  [
    'an EUS stream by its own fix, though 9.4’s is far above',
    redHat('rhel', '9.2', '5.14.0-284.75.1.el9_2'),
    RBTREE,
    'fixed_by_kernel',
    'vendor_fixed_version',
    /284\.75\.1/,
  ],
  [
    'one update of the EUS stream before',
    redHat('rhel', '9.2', '5.14.0-284.73.1.el9_2'),
    RBTREE,
    'exposed',
    'vendor_fixed_version',
    /rhel:9\.2-eus/,
  ],
  [
    '9.2’s fix says nothing of 9.0, where Red Hat names 9.4’s alone',
    redHat('rhel', '9.0', '5.14.0-70.101.1.el9_0'),
    RBTREE,
    'exposed',
    'vendor_fixed_version',
    /427\.33\.1/,
  ],
  [
    'Ubuntu’s newer kernel for an older release is a package of its own',
    ubuntu('20.04', '5.15.0-105-generic', '#115~20.04.1-Ubuntu SMP'),
    RBTREE,
    'fixed_by_kernel',
    'vendor_fixed_version',
    /linux-hwe-5\.15/,
  ],
  [
    'a cloud’s flavour is not judged by the generic one',
    ubuntu('20.04', '5.4.0-1122-aws', '#132-Ubuntu SMP'),
    RBTREE,
    'exposed',
    'vendor_fixed_version',
    /5\.4\.0-1123\.133/,
  ],
  [
    'which upload of the fixed ABI runs is not told',
    ubuntu('20.04', '5.4.0-177-generic', null),
    RBTREE,
    'unknown',
    'vendor_undecided',
    /does not tell/,
  ],
  ['reverted: 6.6.72 has the fault', upstream('6.6.72'), REVERTED, 'exposed', 'upstream_range', /6\.6\.73/],
  ['reverted: 6.6.73 is fixed', upstream('6.6.73'), REVERTED, 'fixed_by_kernel', 'upstream_range', /6\.6\.73/],
  ['reverted: 6.6.74 has it again', upstream('6.6.74'), REVERTED, 'exposed', 'upstream_range', /6\.6\.115/],
  [
    'reverted: 6.6.115 is fixed for good',
    upstream('6.6.115'),
    REVERTED,
    'fixed_by_kernel',
    'upstream_range',
    /6\.6\.115/,
  ],
  [
    'no known start: every branch without a fix has the fault',
    upstream('6.12.40'),
    SINCE_EVER,
    'exposed',
    'upstream_range',
    /no fix/,
  ],
  [
    'no known start: fixed in its branch',
    upstream('6.18.34'),
    SINCE_EVER,
    'fixed_by_kernel',
    'upstream_range',
    /6\.18\.34/,
  ],
  [
    'two lineages: the second is newer than the first one’s fix',
    upstream('7.1.2'),
    TWO_LINEAGES,
    'exposed',
    'upstream_range',
    /7\.1\.5/,
  ],
  ['two lineages: between them', upstream('7.0.3'), TWO_LINEAGES, 'fixed_by_kernel', 'upstream_range', /6\.9/],
  ['two lineages: before the first fix', upstream('6.8.12'), TWO_LINEAGES, 'exposed', 'upstream_range', /no fix/],
  ['equal numbers: mainline never had it', upstream('6.5.1'), WITHIN_ONE, 'fixed_by_kernel', 'upstream_range', /6\.5/],
  [
    'equal numbers: the stable branch that took the fault',
    upstream('6.4.7'),
    WITHIN_ONE,
    'exposed',
    'upstream_range',
    /6\.4\.10/,
  ],
  [
    'uname -r lacks SUSE’s number of the rebuild',
    sles('15.4', '5.14.21-150400.24.108-default'),
    QFQ,
    'fixed_by_kernel',
    'vendor_fixed_version',
    /24\.108\.1/,
  ],
  [
    'SUSE fixed it twice: the later counts',
    sles('15.4', '5.14.21-150400.24.100-default'),
    QFQ,
    'exposed',
    'vendor_fixed_version',
    /24\.108\.1.*24\.92\.1/,
  ],
  [
    'two files of Red Hat’s: the worse stands, both are named',
    redHat('rhel', '9.4', '5.14.0-427.13.1.el9_4'),
    NVME,
    'exposed',
    'vendor_affected',
    /Will not fix.*cve-2023-6238\.json/,
  ],
  [
    'withdrawn after vendors had shipped fixes',
    debian('12', '6.1.140-1'),
    testKnowledge('CVE-2025-39751', testRecord({ rejected: true }), testVendor('debian:12', 'linux', 'affected')),
    'not_affected',
    'rejected',
    /withdrawn/,
  ],
  [
    'SUSE’s livepatch 1 is empty',
    sles('15.6', SP6_UPDATE_3, { livepatches: [klp(1)] }),
    BPF_LINK,
    'exposed',
    'livepatch_notice',
    /none of that version/,
    [LIVEPATCH_2],
  ],
  [
    'SUSE’s livepatch 2 has it',
    sles('15.6', SP6_UPDATE_3, { livepatches: [klp(2)] }),
    BPF_LINK,
    'fixed_by_livepatch',
    'livepatch_notice',
    /SUSE-SU-2024:3387-1/,
    [LIVEPATCH_2],
  ],
  [
    'later ones have it too',
    sles('15.6', SP6_UPDATE_3, { livepatches: [klp(7)] }),
    BPF_LINK,
    'fixed_by_livepatch',
    'livepatch_notice',
    /livepatch_7/,
    [LIVEPATCH_2],
  ],
  [
    'taken out again: it is open again',
    sles('15.6', SP6_UPDATE_3),
    BPF_LINK,
    'exposed',
    'livepatch_notice',
    /SUSE-SU-2024:3387-1/,
    [LIVEPATCH_2],
  ],
  [
    'the same version for another kernel says nothing',
    sles('15.6', '6.4.0-150600.23.22-default', { livepatches: [klp(2)] }),
    BPF_LINK,
    'unknown',
    'vendor_silent',
    /says nothing/,
    [LIVEPATCH_2],
  ],
  [
    'Canonical’s notice covers the kernel, its list all of them',
    ubuntu('20.04', '5.4.0-150-generic', '#167-Ubuntu SMP', { livepatches: [lkp(102)] }),
    NFT_VERDICT,
    'fixed_by_livepatch',
    'livepatch_notice',
    /whole notice/,
    [LSN_102],
  ],
  [
    'an older one of Canonical’s',
    ubuntu('20.04', '5.4.0-150-generic', '#167-Ubuntu SMP', { livepatches: [lkp(100)] }),
    NFT_VERDICT,
    'exposed',
    'vendor_fixed_version',
    /5\.4\.0-172\.190.*LSN-0102-1/,
    [LSN_102],
  ],
  [
    'Canonical’s notice is not asked where the kernel has the fix',
    ubuntu('20.04', '5.4.0-172-generic', '#190-Ubuntu SMP', { livepatches: [lkp(102)] }),
    NFT_VERDICT,
    'fixed_by_kernel',
    'vendor_fixed_version',
    /172\.190/,
    [LSN_102],
  ],
  [
    'KernelCare: the kernel has the fixes of 1160.114.2',
    kernelCare('3.10.0-1160.114.2.el7'),
    NFT_VERDICT,
    'fixed_by_livepatch',
    'effective_kernel',
    /KernelCare.*CentOS/,
  ],
  [
    'KernelCare: a level too low',
    kernelCare('3.10.0-1160.71.1.el7'),
    NFT_VERDICT,
    'exposed',
    'vendor_fixed_version',
    /1160\.114\.2/,
  ],
  [
    'CentOS 7: the newer kernel waits for a reboot',
    redHat('centos', '7', '3.10.0-1160.el7', {
      installedKernels: ['3.10.0-1160.119.1.el7.x86_64', '3.10.0-1160.el7.x86_64'],
    }),
    NFT_VERDICT,
    'fixed_on_disk',
    'vendor_fixed_version',
    /119\.1.*reboot/,
  ],
  [
    'CentOS Stream’s numbers run ahead of the minor releases',
    redHat('centos', '9', '5.14.0-430.el9'),
    NFT_VERDICT,
    'unknown',
    'vendor_silent',
    /CentOS Stream/,
  ],
  [
    'Amazon: one module a CVE',
    amazon({ livepatches: [testEffective('livepatch_CVE_2023_26545', { provider: 'kpatch' })] }),
    TC_INDEX,
    'fixed_by_livepatch',
    'livepatch_notice',
    /ALAS2023/,
    [ALAS],
  ],
  [
    'Amazon: a module of another CVE',
    amazon({ livepatches: [testEffective('livepatch_CVE_2023_2654', { provider: 'kpatch' })] }),
    TC_INDEX,
    'unknown',
    'vendor_silent',
    /Amazon says nothing/,
    [ALAS],
  ],
  [
    'files of x86 alone, on arm64',
    testFacts({ architecture: 'aarch64' }),
    testKnowledge(
      'CVE-2021-47110',
      testRecord({
        files: ['arch/x86/include/asm/kvm_para.h', 'arch/x86/kernel/kvm.c', 'arch/x86/kernel/kvmclock.c'],
      }),
      testPairs('0:5.13'),
    ),
    'not_affected',
    'architecture',
    /arch\/x86.*aarch64/,
  ],
]

test.each(CASES)('%s', (_name, facts, cve, status, rule, why, notices) => {
  const verdict = verdictOf(facts, cve, notices)
  expect(verdict).toMatchObject({ status, rule })
  expect(verdict.why).toMatch(why)
  expect(verdict.why).toMatch(/^[A-Z0-9a-z].*\.$/)
})
