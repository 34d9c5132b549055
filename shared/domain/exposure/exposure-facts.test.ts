// Goal: hosts that are alike are of one class, and what decides makes another. Method: accounts of hand-made snapshots, in the
// contract's form; each part is changed alone.
import { expect, test } from 'vitest'
import { ExposureFacts } from '../../contract/exposure.ts'
import type { Snapshot } from '../../contract/snapshot.ts'
import { hostAccount } from '../host-account.ts'
import { newMemory } from '../patch-memory-entry.ts'
import {
  AT,
  livepatchOf,
  testDistribution,
  testLivepatch,
  testPatch,
  testReport,
  testSnapshot,
  withoutLivepatch,
} from '../test-snapshot.ts'
import { type CatalogueCves, exposureClassKey, exposureFactsOf, withoutBuildTime } from './exposure-facts.ts'

const factsOf = (snapshot: Snapshot, catalogue?: CatalogueCves) =>
  ExposureFacts.parse(exposureFactsOf(snapshot, hostAccount(snapshot, null), catalogue))

const inEffect = (name: string): Partial<Snapshot> => ({
  livepatches: [testLivepatch(name)],
  livepatchModules: [{ name, version: '7', srcversion: 'ABC', refcnt: 1, taint: 'OEK', sizeBytes: 1 }],
  memory: [{ ...newMemory(name, 0), completedAt: AT }],
})
const named = (name: string, parts = {}) => testReport('klp', { patches: [livepatchOf(name, parts)] })

test.each([
  ['#101-Ubuntu SMP Tue Nov 14 13:30:08 UTC 2023', '#101-Ubuntu SMP'],
  ['#1 SMP PREEMPT_DYNAMIC Tue Mar 21 19:50:01 PDT 2023', '#1 SMP PREEMPT_DYNAMIC'],
  ['#1 SMP Mon Jan  5 12:00:00 UTC 2021 (8b8f2e8/kGraft-8b8f2e8)', '#1 SMP (8b8f2e8/kGraft-8b8f2e8)'],
  ['#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)', '#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)'],
  ['#1 SMP', '#1 SMP'],
])('uname -v without the time of the build: %s', (version, kept) => expect(withoutBuildTime(version)).toBe(kept))

test('a livepatch in effect, with what its tool and the catalogue say of it', () => {
  const snapshot = testSnapshot({
    ...inEffect('livepatch_5_1_2_3'),
    providers: [named('livepatch_5_1_2_3', { version: '5', cves: ['CVE-2024-2222', 'CVE-2024-1111'] })],
  })
  expect(factsOf(snapshot, new Map([['ABC', ['CVE-2024-3333']]])).livepatches).toEqual([
    {
      ...{ name: 'livepatch_5_1_2_3', provider: 'klp', version: '5' },
      ...{ cves: ['CVE-2024-1111', 'CVE-2024-2222'], catalogueCves: ['CVE-2024-3333'] },
    },
  ])
})

test('without a tool its module tells the version', () => {
  expect(factsOf(testSnapshot(inEffect('a'))).livepatches).toMatchObject([{ name: 'a', version: '7', cves: [] }])
})

test.each<[string, Partial<Snapshot>]>([
  ['in transition', { ...inEffect('a'), livepatches: [testLivepatch('a', { transition: true })] }],
  ['disabled', { ...inEffect('a'), livepatches: [testLivepatch('a', { enabled: false })] }],
  ['unread', { ...inEffect('a'), livepatches: [testLivepatch('a', { enabled: null })] }],
  ['only installed', { providers: [testReport('klp', { patches: [livepatchOf('a', { cves: ['CVE-2024-1111'] })] })] }],
  ['in but fixing nothing', { ...inEffect('a'), providers: [named('a', { protects: false })] }],
])('one that is %s protects nobody', (_what, parts) => {
  expect(factsOf(testSnapshot(parts)).livepatches).toEqual([])
})

test('a tool’s word stands alone where it keeps its code elsewhere', () => {
  const patches = [testPatch('abcd1234', { name: 'CVE-2024-1111: x', cves: ['CVE-2024-1111'] })]
  const snapshot = withoutLivepatch({ providers: [testReport('ksplice', { patches })] })
  expect(factsOf(snapshot).livepatches).toMatchObject([{ provider: 'ksplice', cves: ['CVE-2024-1111'] }])
})

test('an effective kernel of another series is no fact', () => {
  const { kernel } = testSnapshot()
  const facts = (effectiveKernel: string) =>
    factsOf(
      withoutLivepatch({
        kernel: { ...kernel, release: '3.10.0-1160.el7.x86_64' },
        providers: [testReport('kernelcare', { effectiveKernel, patches: [testPatch('11')] })],
      }),
    ).effectiveKernel
  expect(facts('3.10.0-1160.71.1.el7')).toEqual({ provider: 'kernelcare', release: '3.10.0-1160.71.1.el7' })
  expect(facts('4.18.0-80.el8')).toBeNull()
})

test('time alone, order and boots change no class', () => {
  const reading = (takenAt: string, bootId: string, installedKernels: string[]) => {
    const snapshot = testSnapshot({ takenAt, distribution: testDistribution({ installedKernels }) })
    return testSnapshot({ ...snapshot, hostName: bootId, kernel: { ...snapshot.kernel, bootId } })
  }
  const [one, other] = [reading(AT, 'a', ['1', '2']), reading('2027-01-01T00:00:00.000Z', 'b', ['2', '1'])]
  expect(exposureClassKey(factsOf(one))).toBe(exposureClassKey(factsOf(other)))
})

test.each<[string, Partial<Snapshot>]>([
  ['the kernel', { kernel: { ...testSnapshot().kernel, release: '6.6.20' } }],
  ['its architecture', { kernel: { ...testSnapshot().kernel, architecture: 'aarch64' } }],
  ['a livepatch', inEffect('a')],
  ['a kernel on disk', { distribution: testDistribution({ installedKernels: ['6.6.20'] }) }],
  ['the distribution', { operatingSystem: { id: 'debian', name: null, versionId: '12' } }],
])('%s makes another class', (_what, parts) => {
  expect(exposureClassKey(factsOf(testSnapshot(parts)))).not.toBe(exposureClassKey(factsOf(testSnapshot())))
})
