// Goal: a host's state counts every live patching system, and claims only what one of them tells. Method: a snapshot for
// each case; the states are those of the words, the sentences are read whole.
import { describe, expect, test } from 'vitest'
import type { ProviderReport } from '../contract/provider.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { type HostFacts, hostState } from './host-state.ts'
import { newMemory } from './patch-memory-entry.ts'
import {
  AT,
  livepatchOf,
  RELEASE,
  testDistribution,
  testLivepatch,
  testPatch,
  testReport,
  testSnapshot,
  withoutLivepatch,
} from './test-snapshot.ts'

const NOW = Date.parse(AT) + 60_000
const condition = (snapshot: Snapshot, facts: Partial<HostFacts> = {}) =>
  hostState({ snapshot, transition: null, connected: true, lastSeenAt: NOW, now: NOW, ...facts })
const said = (snapshot: Snapshot) => {
  const { state, reason } = condition(snapshot)
  return `${state}: ${reason}`
}
const onKernel = (...providers: ProviderReport[]) => withoutLivepatch({ providers, distribution: testDistribution() })
const inSysfs = (name: string): Partial<Snapshot> => ({
  livepatches: [testLivepatch(name)],
  memory: [{ ...newMemory(name, 1), completedAt: AT }],
})

const ksplice = (parts: Partial<ProviderReport> = {}) =>
  testReport('ksplice', { patches: [testPatch('iw8wjvh1'), testPatch('5r11iivt')], steps: [], ...parts })
const step = (id: string, ...cves: string[]) => ({ action: 'install' as const, id, name: id, cves })
const level = (parts: Partial<ProviderReport> = {}) =>
  testReport('kernelcare', { patches: [testPatch('11-default', { name: 'KernelCare level 11' })], ...parts })

describe('patched', () => {
  test.each([
    ['Ksplice has 2 updates in effect.', onKernel(ksplice())],
    [
      'Ksplice has 2 updates in effect; the effective kernel is 5.14.0-503.1.1.el9_5.',
      onKernel(ksplice({ effectiveKernel: '5.14.0-503.1.1.el9_5' })),
    ],
    ['KernelCare level 11 is in effect.', onKernel(level())],
    [
      'kpatch_a is in effect.',
      testSnapshot({
        ...inSysfs('kpatch_a'),
        providers: [testReport('kpatch', { patches: [livepatchOf('kpatch_a')] })],
      }),
    ],
    [
      'lkp_a is in effect.', // its daemon is down, but sysfs tells
      testSnapshot({
        ...inSysfs('lkp_a'),
        providers: [testReport('canonical', { troubles: [{ source: 'status', code: 1, text: 'down' }] })],
      }),
    ],
    ['KernelCare level 11 is in effect.', onKernel(level({ access: 'unreachable' }))],
    ['KernelCare level 11 is in effect.', onKernel(level({ access: 'disabled', active: false }))],
  ])('%s', (reason, snapshot) => expect(said(snapshot)).toBe(`patched: ${reason}`))
})

describe('exposed', () => {
  const cves = ['CVE-2025-1', 'CVE-2025-2', 'CVE-2025-3', 'CVE-2025-4'].map((id) => `${id}000`)
  test.each([
    [
      'Ksplice offers 2 updates that this kernel lacks, for CVE-2025-1000, CVE-2025-2000, CVE-2025-3000 and 1 more.',
      onKernel(ksplice({ steps: [step('qeibbp29', ...cves.slice(0, 1)), step('abcd1234', ...cves.slice(1))] })),
    ],
    [
      'Ksplice offers 1 update that this kernel lacks.',
      onKernel(ksplice({ steps: [{ ...step('iw8wjvh1'), action: 'remove' }, step('iw8wjvh1'), step('qeibbp29')] })),
    ],
    ['KernelCare has something newer than what is in this kernel.', onKernel(level({ behind: true }))],
    [
      'iw8wjvh1 is in this kernel, but its vendor has withdrawn it: take it out with Ksplice.',
      onKernel(
        ksplice({
          patches: [testPatch('iw8wjvh1', { withdrawn: true })],
          steps: [{ ...step('iw8wjvh1'), action: 'remove' }],
          behind: true,
        }),
      ),
    ],
    [
      `Canonical Livepatch gets no more patches for ${RELEASE}, with 2025-03-07 as the last day; further fixes need a newer kernel.`,
      testSnapshot({
        ...inSysfs('lkp_a'),
        providers: [
          testReport('canonical', {
            patches: [livepatchOf('lkp_a')],
            coverage: 'supported',
            coverageUntil: '2025-03-07',
          }),
        ],
      }),
    ],
    [
      'Only livepatch_1 is in effect, which fixes nothing by itself.',
      testSnapshot({
        ...inSysfs('livepatch_1'),
        providers: [testReport('klp', { patches: [livepatchOf('livepatch_1', { protects: false })] })],
      }),
    ],
    [
      'No live patch is in effect: KernelCare is not registered, so it gets no patches.',
      onKernel(level({ patches: [], access: 'not_registered' })),
    ],
    [
      'No live patch is in effect: KernelCare is installed, but has none in this kernel.',
      onKernel(level({ patches: [], active: false })),
    ],
    [
      'No live patch is in effect, and none of the live patching systems that the agent knows is installed.',
      testSnapshot({ providers: [testReport('livepatch')], distribution: testDistribution() }),
    ],
    [
      'No live patch is in effect, as far as the livepatch provider can see; this agent reads no other system.',
      testSnapshot({ providers: [testReport('livepatch')] }),
    ],
    [
      'No live patch is in effect: Ksplice is installed, but has none in this kernel.', // of a program, not of the kernel
      onKernel(ksplice({ patches: [testPatch('openssl', { target: 'user_space' })] })),
    ],
  ])('%s', (reason, snapshot) => expect(said(snapshot)).toBe(`exposed: ${reason}`))
})

describe('the other states', () => {
  const blockers = [{ pid: 1234, tid: null, comm: 'crond', stack: [] }]
  test.each([
    [
      'patching: Ksplice is applying CVE-2025-38477: Use-after-free: crond (1234) is in its way.',
      onKernel(
        ksplice({
          patches: [testPatch('iw8wjvh1', { name: 'CVE-2025-38477: Use-after-free.', state: 'patching' })],
          blockers,
        }),
      ),
    ],
    ['unpatching: Ksplice is taking out a.', onKernel(ksplice({ patches: [testPatch('a', { state: 'unpatching' })] }))],
    ['patching: KernelCare is changing the kernel.', onKernel(level({ patches: [], inProgress: true }))],
    [
      'failed: Ksplice could not apply iw8wjvh1: crond (1234) is in its way.',
      onKernel(ksplice({ patches: [testPatch('iw8wjvh1', { state: 'failed' })], blockers })),
    ],
    [
      'failed: Ksplice could not apply iw8wjvh1: worker (12) and a process (number unknown) are in its way.',
      onKernel(
        ksplice({
          patches: [testPatch('iw8wjvh1', { state: 'failed' })],
          blockers: [
            { pid: null, tid: 12, comm: 'worker', stack: [] },
            { pid: null, tid: null, comm: null, stack: [] },
          ],
        }),
      ),
    ],
    [
      'failed: Ksplice could not make its last change: crond (1234) is in its way.',
      onKernel(ksplice({ steps: [step('qeibbp29')], inProgress: false, blockers })),
    ],
    [
      'stale: What Ksplice has in this kernel could not be read: uptrack-show: timed out.',
      onKernel(ksplice({ patches: null, troubles: [{ source: 'uptrack-show', code: null, text: 'timed out.\n' }] })),
    ],
    [
      'stale: What Ksplice has in this kernel could not be read: uptrack-show: timed out.', // openssl is no kernel
      onKernel(
        ksplice({
          patches: [testPatch('openssl', { target: 'user_space' })],
          troubles: [{ source: 'uptrack-show', code: null, text: 'timed out' }],
        }),
      ),
    ],
    [
      'stale: What newer-system has in this kernel could not be read.',
      onKernel({ ...ksplice({ patches: null }), name: 'newer-system' }),
    ],
    [
      'drifted: KernelCare has an expired subscription; what it has applied stays in effect, but no more comes.',
      onKernel(level({ access: 'expired' })),
    ],
    [
      'drifted: kpatch does not list by_hand. /sys/kernel/livepatch shows that by_hand is enabled, at place 1 of the stack.',
      testSnapshot({ ...inSysfs('by_hand'), providers: [testReport('kpatch', { version: '0.9.11', patches: [] })] }),
    ],
    [
      'unsupported: This kernel is built without CONFIG_LIVEPATCH, so it cannot be live patched by livepatch, and Ksplice does not support it.',
      onKernel(ksplice({ patches: [], coverage: 'unsupported', active: false })),
    ],
  ])('%s', (expected, snapshot) => expect(said(snapshot)).toBe(expected))

  test('what sysfs shows of a transition goes before what a tool says of it', () => {
    const livepatches = [testLivepatch('a', { transition: true })]
    const kpatch = testReport('kpatch', { inProgress: true, patches: [livepatchOf('a', { state: 'patching' })] })
    expect(said(testSnapshot({ livepatches, providers: [kpatch] }))).toBe('patching: a is being applied.')
  })

  test('a tool that says a transition runs does not make one where sysfs shows none', () => {
    const klp = testReport('klp', { inProgress: true, patches: [livepatchOf('a')] })
    expect(condition(testSnapshot({ ...inSysfs('a'), providers: [klp] })).state).toBe('patched')
  })

  test('what a tool said yields to silence, since tools act by themselves; what the kernel showed does not', () => {
    const silent = { connected: false, lastSeenAt: NOW - 3_600_000 }
    expect(condition(onKernel(level({ behind: true })), silent).state).toBe('offline')
    expect(condition(onKernel(level({ patches: [] })), silent).state).toBe('exposed')
  })
})
