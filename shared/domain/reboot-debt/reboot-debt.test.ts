// Goal: a host is told to need a boot for what asks for one and for nothing else, and what is covered until then is told apart. Method:
// snapshots through the same account that ingest makes; groups and counts by hand.
import { describe, expect, test } from 'vitest'
import type { RebootDebtCounts } from '../../contract/reboot-debt.ts'
import type { Snapshot } from '../../contract/snapshot.ts'
import { judge, prepareClass } from '../exposure/judge.ts'
import { isFixedByKernelAlone } from '../exposure/kernel-alone.ts'
import { prepareKnowledge } from '../exposure/prepared-knowledge.ts'
import {
  testEffective,
  testFacts,
  testKnowledge,
  testNotice,
  testPairs,
  testVendor,
} from '../exposure/test-exposure.ts'
import { hostAccount } from '../host-account.ts'
import { newMemory } from '../patch-memory-entry.ts'
import { AT, RELEASE, testDistribution, testLivepatch, testPatch, testReport, testSnapshot } from '../test-snapshot.ts'
import { debtSentence } from './debt-sentence.ts'
import { type GroupFacts, groupDebt } from './group-debt.ts'
import { hostDebt, STACK_GROWN_AT } from './host-reasons.ts'
import { planMistake } from './plan-rules.ts'
import { REBOOT_REASONS } from './reboot-debt-words.ts'

const NEWER = '5.14.0-503.1.1.el9_5.x86_64'
const newer = testDistribution({ installedKernels: [RELEASE, NEWER], newestInstalled: NEWER })
const upToDate = testReport('ksplice', { coverage: 'supported', access: 'ok', steps: [], patches: [testPatch('a')] })
const debtOf = (parts: Partial<Snapshot>) => hostDebt(hostAccount(testSnapshot(parts), null))

const stackOf = (count: number, top: { replace?: boolean; transition?: boolean } = {}): Partial<Snapshot> => {
  const names = Array.from({ length: count }, (_, index) => `lp_${index + 1}`)
  return {
    livepatches: names.map((name, index) =>
      testLivepatch(name, { stackOrder: index + 1, ...(index === count - 1 ? top : {}) }),
    ),
    livepatchModules: names.map((name) => ({
      name,
      version: null,
      srcversion: null,
      refcnt: 1,
      taint: null,
      sizeBytes: 1,
    })),
    memory: names.map((name, index) => ({
      ...newMemory(name, index + 1),
      ...{ enabledAt: `2026-01-01T00:0${index}:00.000Z`, completedAt: AT },
    })),
  }
}

describe('what a host tells itself', () => {
  test.each<[string, Partial<Snapshot>, unknown]>([
    ['nothing', {}, []],
    [
      'forced',
      { memory: [{ ...newMemory('a', 1), forcedAt: AT }] },
      [{ reason: 'forced', answer: 'yes', since: AT, why: expect.stringMatching(/^a was forced/) }],
    ],
    [
      'a newer kernel, with nothing that covers it, and none that tells since when',
      { distribution: newer },
      [{ reason: 'newer_kernel', answer: 'yes', since: null }],
    ],
    [
      'a newer kernel, covered',
      { distribution: newer, providers: [upToDate] },
      [{ reason: 'newer_kernel', answer: 'yes_but_covered' }],
    ],
    [
      'coverage that is over, since the day after its last',
      { providers: [{ ...upToDate, coverageUntil: '2025-12-30' }] },
      [{ reason: 'coverage_ended', answer: 'yes', since: '2025-12-31T00:00:00.000Z' }],
    ],
    [
      'what its tool says, and since when it says so',
      { providers: [testReport('canonical', { reboot: 'yes', since: AT })] },
      [{ reason: 'tool_says', answer: 'yes', since: AT }],
    ],
    [
      'what its distribution says, beside a newer kernel',
      { distribution: { ...newer, rebootRequired: true, rebootPackages: ['libc6'] }, providers: [upToDate] },
      [
        { reason: 'newer_kernel', answer: 'yes_but_covered' },
        { reason: 'distribution_asks', answer: 'yes' },
      ],
    ],
    [
      'a module that is pinned',
      {
        livepatchModules: [{ name: 'gone', version: null, srcversion: null, refcnt: 1, taint: null, sizeBytes: 1 }],
        memory: [{ ...newMemory('gone', 1), disabledAt: '2025-12-31T00:00:00.000Z' }],
      },
      [{ reason: 'module_pinned', answer: 'yes_but_covered', since: '2025-12-31T00:00:00.000Z' }],
    ],
    [
      'a stack that has grown, since it has',
      stackOf(STACK_GROWN_AT + 1),
      [{ reason: 'stack_grown', answer: 'yes_but_covered', since: `2026-01-01T00:0${STACK_GROWN_AT - 1}:00.000Z` }],
    ],
    ['a stack that is short of it', stackOf(STACK_GROWN_AT - 1), []],
    [
      'a stack that its last one is about to replace',
      stackOf(STACK_GROWN_AT + 1, { replace: true, transition: true }),
      [],
    ],
  ])('%s', (_name, parts, expected) => {
    const { reasons } = debtOf(parts)
    expect(reasons).toMatchObject(expected as object[])
    expect(reasons).toHaveLength((expected as object[]).length)
  })

  test('the first end of coverage that a tool at work names, and what tools would bring without a boot', () => {
    const steps = [{ action: 'install' as const, id: 'b', name: 'b', cves: ['CVE-2024-2', 'CVE-2024-1'] }]
    const { coverage, offeredCves } = debtOf({
      providers: [
        { ...upToDate, coverageUntil: '2027-03-31', steps },
        testReport('canonical', { coverageUntil: '2026-06-30' }),
        testReport('kpatch', { coverageUntil: '2026-02-01', active: false }),
      ],
    })
    expect(coverage).toEqual({ until: '2026-06-30', provider: 'canonical' })
    expect(offeredCves).toEqual(['CVE-2024-1', 'CVE-2024-2'])
  })
})

describe('a CVE that a kernel alone fixes', () => {
  const CVE = 'CVE-2024-1086'
  const alone = (
    facts: Parameters<typeof testFacts>[0],
    said: ReturnType<typeof testVendor>,
    notices: Parameters<typeof prepareKnowledge>[1] = [],
  ) => {
    const prepared = prepareClass(testFacts(facts), prepareKnowledge([testKnowledge(CVE, said)], notices))
    return isFixedByKernelAlone(prepared, CVE, judge(prepared, CVE))
  }
  const debian = {
    ...{ release: '6.1.0-17-amd64', version: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.69-1 (2023-12-30)' },
    operatingSystem: { id: 'debian', versionId: '12' },
  }
  const suse = { release: '5.14.21-150400.24.100-default', operatingSystem: { id: 'sles', versionId: '15.4' } }
  const fixedBySuse = testVendor('sles:15.4', 'kernel-default', 'fixed', { fixedVersion: '5.14.21-150400.24.111.2' })
  const notice = testNotice('klp', 'SUSE-SU-2024:1', {
    ...{ cves: [CVE], packages: ['kernel-livepatch-5_14_21-150400_24_100-default-9-150400.2.1'] },
  })
  test.each([
    [
      'its vendor fixed it in a newer kernel',
      alone(debian, testVendor('debian:12', 'linux', 'fixed', { fixedVersion: '6.1.76-1' })),
      true,
    ],
    ['its vendor has not fixed it', alone(debian, testVendor('debian:12', 'linux', 'affected')), false],
    ['upstream fixed it', alone({}, testPairs('5.1:6.6.30')), true],
    ['upstream never fixed it', alone({}, testPairs('5.1:0')), false],
    ['the running kernel has the fix', alone({}, testPairs('5.1:6.6.10')), false],
    [
      'an installed kernel has the fix: that is another reason',
      alone({ installedKernels: ['6.6.40'] }, testPairs('5.1:6.6.30')),
      false,
    ],
    [
      'a tool says that a livepatch fixes it',
      alone({ livepatches: [testEffective('a', { cves: [CVE] })] }, testPairs('5.1:6.6.30')),
      false,
    ],
    ['no notice has a livepatch for it', alone(suse, fixedBySuse), true],
    ['a livepatch is published for this very kernel', alone(suse, fixedBySuse, [notice]), false],
  ])('%s', (_name, found, expected) => expect(found).toBe(expected))
})

describe('a group of hosts', () => {
  const facts: GroupFacts = {
    ...{ reboot: 'no', needs: [], canWait: [], coverageOver: false, cvesOnDisk: [], cvesWithoutLivepatch: [] },
  }
  test.each<[Partial<GroupFacts>, string, string[]]>([
    [{}, 'no', []],
    [{ reboot: 'unknown' }, 'unknown', []],
    [{ canWait: ['module_pinned', 'newer_kernel'] }, 'yes_but_covered', ['newer_kernel', 'module_pinned']],
    [{ canWait: ['newer_kernel'], cvesOnDisk: ['CVE-2024-1'] }, 'yes', ['cve_on_disk', 'newer_kernel']],
    [{ reboot: 'unknown', cvesWithoutLivepatch: ['CVE-2024-1'] }, 'yes', ['cve_without_livepatch']],
    [{ canWait: ['tool_says'], coverageOver: true }, 'yes', ['coverage_ended', 'tool_says']],
    [{ needs: ['forced'], canWait: ['stack_grown'] }, 'yes', ['forced', 'stack_grown']],
  ])('%o comes to %s', (some, answer, reasons) => {
    const debt = groupDebt({ ...facts, ...some })
    expect([debt.answer, [...debt.reasons.keys()]]).toEqual([answer, reasons])
  })
})

const counts = (parts: Partial<RebootDebtCounts> = {}): RebootDebtCounts => ({
  ...{ hosts: 60, byAnswer: { no: 60, yes: 0, yes_but_covered: 0, unknown: 0 } },
  byReason: REBOOT_REASONS.map((reason) => ({ reason, hosts: 0, covered: 0 })),
  plans: { planned: 0, overdue: 0, unplanned: 0 },
  ...parts,
})
const having = (some: Partial<Record<(typeof REBOOT_REASONS)[number], [number, number]>>) =>
  counts().byReason.map((one) => {
    const [hosts = 0, covered = 0] = some[one.reason] ?? []
    return { ...one, hosts, covered }
  })

test.each([
  [counts({ hosts: 0 }), 'No host is there to need a boot.'],
  [counts(), 'None of 60 hosts has to be booted.'],
  [
    counts({
      ...{
        byAnswer: { no: 40, yes: 12, yes_but_covered: 6, unknown: 2 },
        byReason: having({ forced: [3, 0], newer_kernel: [14, 6] }),
      },
      plans: { planned: 4, overdue: 1, unplanned: 8 },
    }),
    '12 of 60 hosts need a boot, 8 of them for a newer kernel that is installed; 6 can wait; of 2 it is not known; 1 plan is overdue.',
  ],
  [
    counts({ byAnswer: { no: 59, yes: 1, yes_but_covered: 0, unknown: 0 }, byReason: having({ forced: [1, 0] }) }),
    '1 of 60 hosts needs a boot, since a transition was forced.',
  ],
])('the sentence: %#', (given, text) => expect(debtSentence(given)).toBe(text))

test.each([
  ['2026-11-26', /over/],
  ['2026-11-27', null],
  ['2027-11-27', null],
  ['2027-11-30', /within a year/],
])('a boot planned for %s', (on, mistake) => {
  const found = planMistake(on, '2026-11-27')
  if (mistake === null) expect(found).toBeNull()
  else expect(found).toMatch(mistake)
})
