// Goal: each rule of exposure decides what is its own, and in its turn. Method: a host and a CVE for which a rule and the one after it
// would say different things; what the first says must come out, and once its ground is taken away, the second's.
import { describe, expect, test } from 'vitest'
import { ExposureFacts, Verdict } from '../../contract/exposure.ts'
import type { CveStatement, KnownNotice } from '../../contract/vulnerabilities.ts'
import { EXPOSURE_RULES } from './exposure-words.ts'
import { judge, judgeAll, prepareClass } from './judge.ts'
import { prepareKnowledge } from './prepared-knowledge.ts'
import {
  testEffective,
  testFacts,
  testKnowledge,
  testNotice,
  testPairs,
  testRecord,
  testVendor,
} from './test-exposure.ts'

const CVE = 'CVE-2026-1'.padEnd(13, '0')
const seen = new Set<string>()

const verdict = (facts: ExposureFacts, statements: readonly CveStatement[], notices: readonly KnownNotice[] = []) => {
  ExposureFacts.parse(facts)
  const found = Verdict.parse(
    judge(prepareClass(facts, prepareKnowledge([testKnowledge(CVE, ...statements)], notices)), CVE),
  )
  seen.add(found.rule)
  return found
}

const RELEASE = '5.14.0-284.30.1.el9_2.x86_64'
const rhel = (parts: Partial<ExposureFacts> = {}) =>
  testFacts({ release: RELEASE, operatingSystem: { id: 'rhel', versionId: '9.2' }, ...parts })
const fixedIn = (fixedVersion: string, product = 'rhel:9', availableOn: string | null = null) =>
  testVendor(product, 'kernel', 'fixed', { fixedVersion, availableOn })
const ABOVE = fixedIn('0:5.14.0-284.40.1.el9_2', 'rhel:9', '2026-02-01')
const BELOW = fixedIn('0:5.14.0-284.20.1.el9_2')
const byTool = testEffective('kpatch_a', { provider: 'kpatch', cves: [CVE] })
const byCatalogue = testEffective('hand_made', { catalogueCves: [CVE] })
const noticed = testEffective('kpatch_5_14_0_284_30_1_1_2', { provider: 'kpatch' })
const notice = (update: number, publishedOn = '2026-01-10') =>
  testNotice('kpatch', 'RHSA-2026:1', {
    ...{ publishedOn, cves: [CVE], kernels: ['5.14.0-284.30.1'] },
    packages: [`kpatch-patch-5_14_0-284_30_1-1-${update}.el9_2`],
  })
const ARM_ONLY = testRecord({ files: ['arch/arm64/kvm/arm.c'] })

describe('in their order', () => {
  test('withdrawn goes before a livepatch that fixes it', () => {
    const host = rhel({ livepatches: [byTool] })
    expect(verdict(host, [testRecord({ rejected: true })])).toMatchObject({ status: 'not_affected', rule: 'rejected' })
    expect(verdict(host, [testRecord()])).toMatchObject({ status: 'fixed_by_livepatch', rule: 'livepatch_tool' })
  })

  test('the tool’s word goes before the catalogue’s, this before a notice', () => {
    const all = [byTool, byCatalogue, noticed]
    const judged = (livepatches: typeof all) => verdict(rhel({ livepatches }), [ABOVE], [notice(2)])
    expect(judged(all)).toMatchObject({ rule: 'livepatch_tool', by: 'kpatch_a', feed: null })
    expect(judged([byCatalogue, noticed])).toMatchObject({ rule: 'livepatch_catalogue', by: 'hand_made' })
    expect(judged([noticed])).toMatchObject({
      rule: 'livepatch_notice',
      by: noticed.name,
      fixAvailableOn: '2026-01-10',
    })
    expect(judged([])).toMatchObject({ status: 'exposed', rule: 'vendor_fixed_version' })
  })

  test('a livepatch goes before the kernel, which may have the fix as well', () => {
    expect(verdict(rhel({ livepatches: [byTool] }), [BELOW])).toMatchObject({ status: 'fixed_by_livepatch' })
    expect(verdict(rhel(), [BELOW])).toMatchObject({ status: 'fixed_by_kernel', by: '0:5.14.0-284.20.1.el9_2' })
  })

  test('another architecture goes before the vendor’s version', () => {
    expect(verdict(rhel(), [ABOVE, ARM_ONLY])).toMatchObject({ status: 'not_affected', rule: 'architecture' })
    expect(verdict(rhel({ architecture: 'aarch64' }), [ABOVE, ARM_ONLY])).toMatchObject({ status: 'exposed' })
  })

  test('files that are built everywhere leave the architecture out of it', () => {
    const mixed = testRecord({ files: ['arch/arm64/kvm/arm.c', 'virt/kvm/kvm_main.c'] })
    expect(verdict(rhel(), [ABOVE, mixed]).status).toBe('exposed')
    expect(verdict(rhel({ architecture: 'mips64' }), [ABOVE, ARM_ONLY]).status).toBe('exposed')
  })

  test('a livepatch goes before the architecture', () => {
    expect(verdict(rhel({ livepatches: [byTool] }), [ARM_ONLY])).toMatchObject({ rule: 'livepatch_tool' })
  })

  test('the kernel goes before the effective one, this before its exposure', () => {
    const effectiveKernel = { provider: 'kernelcare', release: '5.14.0-284.50.1.el9_2' }
    expect(verdict(rhel({ effectiveKernel }), [BELOW])).toMatchObject({ status: 'fixed_by_kernel' })
    expect(verdict(rhel({ effectiveKernel }), [ABOVE])).toMatchObject({
      ...{ status: 'fixed_by_livepatch', rule: 'effective_kernel', by: effectiveKernel.release },
    })
  })

  test('the effective kernel goes before one on disk', () => {
    const installedKernels = ['5.14.0-284.45.1.el9_2.x86_64']
    const effectiveKernel = { provider: 'kernelcare', release: '5.14.0-284.50.1.el9_2' }
    expect(verdict(rhel({ installedKernels, effectiveKernel }), [ABOVE]).status).toBe('fixed_by_livepatch')
    expect(verdict(rhel({ installedKernels }), [ABOVE])).toMatchObject({
      ...{ status: 'fixed_on_disk', by: installedKernels[0], fixAvailableOn: '2026-02-01' },
    })
  })

  test('a vendor’s word goes before upstream’s, which is but a hint', () => {
    const upstream = testPairs('5.10:5.14.9', '5.10:5.15')
    expect(verdict(rhel(), [ABOVE, upstream])).toMatchObject({ status: 'exposed', rule: 'vendor_fixed_version' })
    expect(verdict(rhel(), [upstream])).toMatchObject({ status: 'unknown', rule: 'upstream_hint' })
  })
})

describe('vendors', () => {
  test('what is only installed protects nobody', () => {
    const host = rhel({ installedKernels: [RELEASE, '5.14.0-284.45.1.el9_2.x86_64', '6.6.20'] })
    expect(verdict(host, [ABOVE]).status).toBe('fixed_on_disk')
    expect(verdict(rhel({ installedKernels: [RELEASE, '6.6.20'] }), [ABOVE]).status).toBe('exposed')
  })

  test('a kernel of another flavour on disk is not what the next boot brings', () => {
    const ubuntu = (installed: string) =>
      testFacts({
        ...{ release: '5.15.0-90-generic', version: '#100-Ubuntu SMP', installedKernels: [installed] },
        operatingSystem: { id: 'ubuntu', versionId: '22.04' },
      })
    const statement = testVendor('ubuntu:22.04', 'linux', 'fixed', { fixedVersion: '5.15.0-91.101' })
    expect(verdict(ubuntu('5.15.0-91-generic'), [statement]).status).toBe('fixed_on_disk')
    expect(verdict(ubuntu('5.15.0-1091-aws'), [statement]).status).toBe('exposed')
  })

  test('affected, with the vendor’s reason', () => {
    const said = testVendor('rhel:9', 'kernel', 'affected', { reason: 'Out of support scope' })
    expect(verdict(rhel(), [said])).toMatchObject({
      ...{ status: 'exposed', rule: 'vendor_affected', by: null },
      why: 'Red Hat says that kernel of rhel:9 is affected: “Out of support scope”.',
    })
  })

  test('a reason that is the configuration’s is told as such', () => {
    const said = (reason: string) => testVendor('rhel:9', 'kernel', 'not_affected', { reason })
    expect(verdict(rhel(), [said('CONFIG_NET_SCH_TEQL is not set')]).rule).toBe('configuration')
    expect(verdict(rhel(), [said('Introduced later')])).toMatchObject({ rule: 'vendor_not_affected' })
  })

  test('undecided is unknown, and a fix without a version too', () => {
    for (const status of ['under_investigation', 'fixed'] as const) {
      const found = verdict(rhel(), [testVendor('rhel:9', 'kernel', status)])
      expect(found).toMatchObject({ status: 'unknown', rule: 'vendor_undecided' })
    }
  })

  test('of another package, or another major release, nothing is taken', () => {
    const others = [
      testVendor('rhel:9', 'kernel-rt', 'not_affected'),
      testVendor('rhel:8', 'kernel', 'not_affected'),
      testVendor('rhel:9.4-eus', 'kernel', 'not_affected'),
    ]
    expect(verdict(rhel(), others)).toMatchObject({ status: 'unknown', rule: 'vendor_silent' })
  })

  test.each([
    [['not_affected', 'affected'], 'exposed'],
    [['affected', 'not_affected'], 'exposed'],
    [['not_affected', 'under_investigation'], 'unknown'],
  ] as const)('of two words on one product the worse stands: %j', (statuses, status) => {
    const found = verdict(
      rhel(),
      statuses.map((word) => testVendor('rhel:9', 'kernel', word)),
    )
    expect(found.status).toBe(status)
    expect(found.why).toContain('the worse of the two stands')
  })

  test('support that ended does not speak against the extension’s fix, which is of the same line', () => {
    const host = (upload: number) =>
      testFacts({
        ...{ release: `4.15.0-${upload}-generic`, version: `#${upload}-Ubuntu SMP` },
        operatingSystem: { id: 'ubuntu', versionId: '18.04' },
      })
    const words = [
      testVendor('ubuntu:18.04', 'linux', 'affected', { reason: 'ignored (end of standard support)' }),
      testVendor('ubuntu-pro:18.04', 'linux', 'fixed', { fixedVersion: '4.15.0-220.220' }),
    ]
    expect(verdict(host(220), words).status).toBe('fixed_by_kernel')
    expect(verdict(host(219), words).status).toBe('exposed')
  })

  test('Debian’s newer kernel for an older release is a package of its own, and a backport is none', () => {
    const host = (upload: string) =>
      testFacts({
        ...{ release: '6.1.0-0.deb11.25-amd64', version: `#1 SMP PREEMPT_DYNAMIC Debian ${upload}` },
        operatingSystem: { id: 'debian', versionId: '11' },
      })
    const words = [
      testVendor('debian:11', 'linux', 'fixed', { fixedVersion: '5.10.200-1' }),
      testVendor('debian:11', 'linux-6.1', 'fixed', { fixedVersion: '6.1.106-3~deb11u1' }),
    ]
    expect(verdict(host('6.1.106-3~deb11u1'), words).status).toBe('fixed_by_kernel')
    expect(verdict(host('6.1.106-1~deb11u1'), words).status).toBe('exposed')
    expect(verdict(host('6.1.140-1~bpo11+1'), words).status).toBe('unknown')
  })

  test('of Amazon’s series only the running one counts', () => {
    const host = testFacts({
      release: '5.10.200-190.747.amzn2.x86_64',
      operatingSystem: { id: 'amzn', versionId: '2' },
    })
    const old = testVendor('amzn:2', 'kernel', 'fixed', { fixedVersion: '4.14.330-250.540.amzn2' })
    expect(verdict(host, [old]).rule).toBe('vendor_silent')
  })
})

describe('livepatches', () => {
  test('the earlier of the two fixes dates it, and the livepatch that would do is named', () => {
    expect(verdict(rhel(), [ABOVE], [notice(2)])).toMatchObject({
      ...{ status: 'exposed', by: 'kpatch-patch-5_14_0-284_30_1-1-2.el9_2', fixAvailableOn: '2026-01-10' },
    })
    expect(verdict(rhel(), [ABOVE], [notice(2, '2026-03-01')]).fixAvailableOn).toBe('2026-02-01')
  })

  test('a lower version than the notice’s fixes nothing', () => {
    expect(verdict(rhel({ livepatches: [noticed] }), [ABOVE], [notice(3)]).status).toBe('exposed')
  })

  test('a notice without versions proves nothing of what is in effect', () => {
    const vague = testNotice('kpatch', 'RHSA-2026:2', { kernels: ['5.14.0-284.30.1'], cves: [CVE] })
    expect(verdict(rhel({ livepatches: [noticed] }), [], [vague])).toMatchObject({ status: 'unknown' })
    expect(verdict(rhel(), [], [vague])).toMatchObject({ status: 'exposed', rule: 'livepatch_notice' })
  })

  test('SUSE’s version 1 fixes nothing, even where a notice names it', () => {
    const host = (number: number) =>
      testFacts({
        ...{ release: '6.4.0-150600.21-default', operatingSystem: { id: 'sles', versionId: '15.6' } },
        livepatches: [testEffective(`livepatch_${number}_150600_1_2_3`, { provider: 'klp', version: `${number}` })],
      })
    const packages = ['kernel-livepatch-6_4_0-150600_21-default-1-150600.1.2.3']
    const first = testNotice('klp', 'SUSE-SU-2026:1-1', { kernels: [host(1).release], packages, cves: [CVE] })
    expect(verdict(host(1), [], [first]).status).toBe('exposed')
    expect(verdict(host(2), [], [first]).status).toBe('fixed_by_livepatch')
  })

  test('sources of a branch that name several kernels tell the version of modules of that branch alone', () => {
    const source = (...kernels: string[]) =>
      testNotice('klp', 'SLE15-SP6_Update_0 version 16', { kernels, cves: [CVE] })
    const host = (name: string) =>
      testFacts({
        ...{ release: '6.4.0-150600.21-default', operatingSystem: { id: 'sles', versionId: '15.6' } },
        livepatches: [testEffective(name, { provider: 'klp', version: '16' })],
      })
    const [ofBranch, other] = [host('livepatch_SLE15_SP6_Update_0_16'), host('livepatch_16_150600_13_6_1')]
    const [one, several] = [source(other.release), source(other.release, '4.12.14-122.234-default')]
    expect(verdict(ofBranch, [], [several]).status).toBe('fixed_by_livepatch')
    expect(verdict(other, [], [several]).status).toBe('unknown')
    expect(verdict(other, [], [one]).status).toBe('fixed_by_livepatch')
  })
})

describe('upstream', () => {
  test('a fault that no release ever had', () => {
    expect(verdict(testFacts(), [testPairs('6.5:6.5')])).toMatchObject({
      status: 'not_affected',
      rule: 'never_affected',
    })
  })

  test('a newer release on disk waits for a reboot', () => {
    const host = (installed: string) => testFacts({ release: '6.6.10', installedKernels: ['6.6.10', installed] })
    expect(verdict(host('6.6.20'), [testPairs('6.5:6.6.17')])).toMatchObject({ status: 'fixed_on_disk', by: '6.6.20' })
    expect(verdict(host('6.6.16'), [testPairs('6.5:6.6.17')])).toMatchObject({ status: 'exposed', by: '6.6.17' })
  })

  const record = {
    ...{ kind: 'upstream_record', affectedByDefault: true, mainlineFix: '6.8', notAffectedBefore: '6.5' },
    branchFixes: [{ branch: '6.6', fixed: '6.6.17' }],
    affected: [{ from: '6.4.8', before: '6.5' }],
  } as const satisfies CveStatement

  test.each([
    ['6.6.17', 'fixed_by_kernel'],
    ['6.6.16', 'exposed'],
    ['6.8.1', 'fixed_by_kernel'],
    ['6.7.9', 'exposed'],
    ['6.4.8', 'exposed'],
    ['6.4.7', 'not_affected'],
    ['6.1.90', 'not_affected'],
  ])('by a record in CVE JSON, %s is %s', (release, status) => {
    expect(
      verdict(testFacts({ release }), [
        { ...record, branchFixes: [...record.branchFixes], affected: [...record.affected] },
      ]).status,
    ).toBe(status)
  })

  test('pairs go before records', () => {
    const found = verdict(testFacts({ release: '6.7.9' }), [
      { ...record, branchFixes: [], affected: [] },
      testPairs('6.5:6.7.5'),
    ])
    expect(found.status).toBe('fixed_by_kernel')
  })

  test.each(['6.8.0-rc4', '6.8.12-1-pve', '6.6.20-1-lts', '6.9.7-200.fc40.x86_64', '6.8.0-31-generic'])(
    '%s is not taken for upstream’s',
    (release) => {
      expect(verdict(testFacts({ release }), [testPairs('6.5:6.5.1')]).status).toBe('unknown')
    },
  )

  test.each(['6.6.20', '6.6.20-mine', '6.6.20+'])('%s is', (release) => {
    expect(verdict(testFacts({ release }), [testPairs('6.5:6.6.17')]).status).toBe('fixed_by_kernel')
  })
})

describe('what is not known', () => {
  test('nothing is safe of which no feed speaks', () => {
    expect(verdict(testFacts(), [])).toMatchObject({ status: 'unknown', rule: 'nothing_known', by: null })
    const prepared = prepareClass(testFacts(), prepareKnowledge([], []))
    expect(judge(prepared, CVE)).toMatchObject({ status: 'unknown', rule: 'nothing_known' })
  })

  test('a livepatch’s tool is believed even so', () => {
    const prepared = prepareClass(testFacts({ livepatches: [byTool] }), prepareKnowledge([], []))
    expect(judge(prepared, CVE)).toMatchObject({ status: 'fixed_by_livepatch', rule: 'livepatch_tool' })
  })

  test('long words of hosts and feeds are cut to the contract', () => {
    const long = testVendor('rhel:9', 'kernel', 'affected', { reason: 'x'.repeat(500) })
    const found = verdict(rhel(), [long, testVendor('rhel:9', 'kernel', 'not_affected', { reason: 'y'.repeat(500) })])
    expect(found.why.length).toBeLessThanOrEqual(600)
  })

  test('all are judged at once as they are one by one', () => {
    const knowledge = prepareKnowledge([testKnowledge(CVE, ABOVE), testKnowledge('CVE-2026-20000', BELOW)], [])
    const prepared = prepareClass(rhel(), knowledge)
    expect([...judgeAll(prepared)]).toEqual([CVE, 'CVE-2026-20000'].map((id) => [id, judge(prepared, id)]))
  })
})

test('every rule was reached by a case above', () => {
  expect([...seen].sort()).toEqual([...EXPOSURE_RULES].sort())
})
