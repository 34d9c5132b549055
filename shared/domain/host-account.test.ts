// Goal: two accounts of one host become one, and where they cannot both be true it is said. Method: a snapshot for each
// case, by what the tools' documents say they tell; what must be the same whatever comes is tried on seeded random hosts in
// provider-fuzz.test.ts.
import { describe, expect, test } from 'vitest'
import type { KernelEvent } from '../contract/patch-memory.ts'
import type { ProviderReport } from '../contract/provider.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { hostAccount } from './host-account.ts'
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

const account = (parts: Partial<Snapshot>) => hostAccount(testSnapshot(parts), null)
const names = ({ providers }: { providers: ProviderReport[] }) => providers.map(({ name }) => name)
const livepatch = testReport('livepatch', { active: null })
const inSysfs = (...patches: string[]): Partial<Snapshot> => ({
  livepatches: patches.map((name) => testLivepatch(name)),
  memory: patches.map((name, order) => ({ ...newMemory(name, order), completedAt: AT })),
})

describe('one patch, seen from both sides', () => {
  test('is one entry, with the tools that name it and the CVEs that they name', () => {
    const cves = ['CVE-2024-1086', 'CVE-2024-26642']
    const found = account({
      ...inSysfs('lkp_a'),
      providers: [
        livepatch,
        testReport('kpatch', { patches: [livepatchOf('lkp_a', { cves: cves.slice(0, 1) })] }),
        testReport('canonical', { patches: [testPatch('104.1', { livepatch: 'lkp_a', cves })] }),
      ],
    })
    expect(found.statuses).toMatchObject([
      { name: 'lkp_a', state: 'applied', providers: ['canonical', 'kpatch'], cves },
    ])
    expect(found.effective).toEqual([{ name: 'lkp_a', provider: 'canonical', protects: true, cves }])
    expect(found.disagreements).toEqual([])
    expect(names(found)).toEqual(['canonical', 'kpatch', 'livepatch'])
  })

  test('does not count as protection when its tool says that it fixes nothing', () => {
    const initial = livepatchOf('livepatch_1', { protects: false })
    const found = account({ ...inSysfs('livepatch_1'), providers: [testReport('klp', { patches: [initial] })] })
    expect(found.effective).toMatchObject([{ protects: false }])
  })

  test('without sysfs the tool stands alone, and one that both know counts once', () => {
    const patches = [livepatchOf('kpatch_a')]
    const found = hostAccount(
      withoutLivepatch({ providers: [testReport('kpatch', { patches }), testReport('klp', { patches })] }),
      null,
    )
    expect(found.effective).toMatchObject([{ name: 'kpatch_a', provider: 'klp' }])
    expect(found.disagreements).toEqual([])
  })

  test('a tool that does not name the module is joined with what no other names, and alone is no protection', () => {
    const cves = ['CVE-2024-1086']
    const canonical = testReport('canonical', { patches: [testPatch('104.1', { cves })] })
    const found = account({ ...inSysfs('lkp_a', 'lkp_b'), providers: [canonical] })
    expect(found.effective.map(({ name, provider }) => [name, provider])).toEqual([
      ['lkp_b', 'canonical'],
      ['lkp_a', 'canonical'],
    ])
    expect(found.disagreements).toEqual([])
    const empty = account({ providers: [canonical] })
    expect(empty.effective).toEqual([])
    expect(empty.disagreements).toMatchObject([
      { subject: '104.1', sysfsSays: '/sys/kernel/livepatch shows none in effect.' },
    ])
  })

  test("what kpatch's own core shows stands beside livepatch", () => {
    const patches = [testPatch('kpatch_old', { objects: [] })]
    expect(account({ providers: [testReport('kpatch', { patches })] }).effective).toMatchObject([
      { name: 'kpatch_old' },
    ])
  })

  test('patches of programs are no patches of the kernel', () => {
    const patches = [testPatch('openssl', { target: 'user_space' })]
    expect(account({ providers: [testReport('ksplice', { patches })] }).effective).toEqual([])
  })
})

describe('who does the work comes first', () => {
  const idle = (name: 'kpatch' | 'canonical') => testReport(name, { active: false, patches: [] })
  test.each([
    ['another system than livepatch', ['ksplice', 'livepatch'], [livepatch, testReport('ksplice')], {}],
    ['livepatch, loaded by hand', ['livepatch', 'kpatch'], [idle('kpatch'), livepatch], inSysfs('a')],
    ['livepatch last while nothing is in', ['kpatch', 'livepatch'], [livepatch, idle('kpatch')], {}],
    [
      'one with patches before one that is merely on',
      ['ksplice', 'kernelcare', 'canonical'],
      [
        idle('canonical'),
        testReport('kernelcare', { patches: [] }),
        testReport('ksplice', { patches: [testPatch('a')] }),
      ],
      {},
    ],
  ] as const)('%s', (_, expected, providers, parts) => {
    expect(names(account({ ...parts, providers: [...providers] }))).toEqual(expected)
    expect(names(account({ ...parts, providers: [...providers].reverse() }))).toEqual(expected)
  })
})

describe('a disagreement', () => {
  const kpatch = (...patches: ReturnType<typeof livepatchOf>[]) => testReport('kpatch', { version: '0.9.11', patches })
  const subjects = (parts: Partial<Snapshot>) =>
    account(parts).disagreements.map(({ provider, subject }) => `${provider}: ${subject}`)

  test('a tool says applied, sysfs has no such livepatch', () => {
    const providers = [kpatch(livepatchOf('kpatch_a'))]
    expect(account({ providers }).disagreements).toEqual([
      {
        provider: 'kpatch',
        subject: 'kpatch_a',
        says: 'kpatch says that kpatch_a is in effect.',
        sysfsSays: '/sys/kernel/livepatch has no kpatch_a.',
        why: 'kpatch may go by its own records rather than by the kernel, or tell of an earlier boot.',
      },
    ])
    const [gone] = account({ providers, memory: [newMemory('kpatch_a', 1)] }).disagreements
    expect(gone?.why).toMatch(/^It was in since this boot and went out behind the tool's back/)
  })

  test('sysfs has a livepatch that the tools do not list', () => {
    const parts = inSysfs('kpatch_a', 'by_hand')
    const [found, ...more] = account({
      ...parts,
      providers: [livepatch, kpatch(livepatchOf('kpatch_a'))],
    }).disagreements
    expect(more).toEqual([])
    expect(found).toMatchObject({ provider: 'kpatch', subject: 'by_hand', says: 'kpatch does not list by_hand.' })
    expect(found?.why).toMatch(/^It was loaded by hand/)
    for (const silent of [
      { ...kpatch(), active: false },
      { ...kpatch(), patches: null },
      { ...kpatch(), version: null },
      { ...kpatch(), troubles: [{ source: 'kpatch list', code: 1, text: 'it failed' }] },
      testReport('ksplice', { patches: [] }),
      testReport('canonical', { patches: [testPatch('104.1')] }),
    ])
      expect(subjects({ ...parts, providers: [silent] })).toEqual([])
  })

  test('each side has it in another state', () => {
    const superseded = kpatch(livepatchOf('a', { state: 'superseded' }))
    expect(account({ ...inSysfs('a'), providers: [superseded] }).disagreements).toMatchObject([
      { says: 'kpatch says that a is superseded.', sysfsSays: '/sys/kernel/livepatch shows that a is enabled.' },
    ])
    const disabled = { livepatches: [testLivepatch('a', { enabled: false })], memory: inSysfs('a').memory ?? [] }
    expect(account({ ...disabled, providers: [kpatch(livepatchOf('a'))] }).disagreements).toMatchObject([
      { sysfsSays: '/sys/kernel/livepatch shows that a is not enabled.' },
    ])
  })

  test('what is to be loaded at each boot is missing, unless a cumulative patch took its place', () => {
    const providers = [kpatch(livepatchOf('kpatch_a', { state: 'not_loaded', atNextBoot: true }))]
    expect(subjects({ providers })).toEqual(['kpatch: kpatch_a'])
    const beside = (replace: boolean | null, parts: Partial<Snapshot> = {}) =>
      subjects({
        ...inSysfs('kpatch_b'),
        ...parts,
        livepatches: [testLivepatch('kpatch_b', { replace })],
        providers: [
          kpatch(livepatchOf('kpatch_b'), livepatchOf('kpatch_a', { state: 'not_loaded', atNextBoot: true })),
        ],
      })
    expect(beside(true)).toEqual([])
    expect(beside(null)).toEqual([])
    expect(beside(false)).toEqual(['kpatch: kpatch_a'])
    // Where a kernel does not show what is cumulative, its log still tells that a patch went out by itself.
    const completed = (sequence: number, direction: 'patching' | 'unpatching'): KernelEvent => ({
      ...{ sequence, at: AT, kind: 'transition_completed', patch: 'kpatch_a', direction, object: null, text: '' },
    })
    const out = [completed(1, 'patching'), completed(2, 'unpatching')]
    expect(beside(null, { kernelEvents: out })).toEqual(['kpatch: kpatch_a'])
    expect(beside(true, { kernelEvents: out })).toEqual([])
    expect(beside(null, { kernelEvents: [...out, completed(3, 'patching')] })).toEqual([])
    expect(account({ providers, kernelEvents: out }).disagreements).toMatchObject([{ why: /^It was taken out/ }])
  })

  test('not while either side is changing something', () => {
    const running = { livepatches: [testLivepatch('a', { transition: true }), testLivepatch('b')] }
    expect(subjects({ ...running, providers: [kpatch(livepatchOf('gone'))] })).toEqual([])
    const busy = testReport('kpatch', { inProgress: true, patches: [livepatchOf('gone')] })
    expect(subjects({ ...inSysfs('a'), providers: [busy] })).toEqual([])
  })

  const ksplice = (effectiveKernel: string, patches = [testPatch('iw8wjvh1')]) =>
    testReport('ksplice', { effectiveKernel, patches })
  test.each([
    ['of another series', ksplice('5.15.0-89.99'), 'of another series'],
    ['older than the running one', ksplice('5.14.0-400.el9'), 'which is newer'],
    ['newer, with no patch in', ksplice('5.14.0-503.1.1.el9_5', []), 'has no patch in it'],
  ])('an effective kernel %s', (_, report, said) => {
    const { disagreements, effectiveKernel } = account({ providers: [report] })
    expect(disagreements).toMatchObject([{ subject: report.effectiveKernel, sysfsSays: expect.stringContaining(said) }])
    expect(effectiveKernel).toBeNull()
  })
  test.each(['5.14.0-503.1.1.el9_5', '5.14.0-427.13.1.el9_4', RELEASE, 'unnumbered'])(
    'none about the effective kernel %s',
    (effective) => {
      const { disagreements, effectiveKernel } = account({ providers: [ksplice(effective)] })
      expect(disagreements).toEqual([])
      expect(effectiveKernel).toBe(effective)
    },
  )
  test("none about Debian's package numbers, which are not those of uname", () => {
    const { kernel } = testSnapshot()
    const debian = { ...kernel, release: '6.1.0-56-amd64' }
    expect(subjects({ kernel: debian, providers: [ksplice('6.1.172-1', [])] })).toEqual([])
  })

  test('two systems at work at once', () => {
    const kernelcare = testReport('kernelcare', { patches: [testPatch('11-default')] })
    const canonical = testReport('canonical', { patches: [] })
    const [found, ...more] = account({ providers: [canonical, kernelcare] }).disagreements
    expect(more).toEqual([])
    expect(found).toMatchObject({ provider: 'canonical', subject: 'KernelCare and Canonical Livepatch' })
    expect(found?.why).toContain("TuxCare's documentation")
    const joined = { ...inSysfs('lkp_a') }
    const both = [testReport('canonical', { patches: [livepatchOf('lkp_a')] }), kpatch(livepatchOf('lkp_a'))]
    expect(subjects({ ...joined, providers: both })).toEqual([])
    for (const idle of [
      testReport('canonical', { active: false, patches: [] }),
      testReport('ksplice', { access: 'not_registered', patches: [] }),
      testReport('kpatch', { patches: [] }),
    ])
      expect(subjects({ providers: [kernelcare, idle] })).toEqual([])
  })

  test('a host with very many is told of in bounds', () => {
    const patches = Array.from({ length: 512 }, (_, index) => livepatchOf(`${'x'.repeat(60)}${index}`))
    expect(account({ providers: [testReport('kpatch', { patches })] }).disagreements.length).toBe(50)
  })
})

describe('the need of a reboot', () => {
  const newer = testDistribution({
    installedKernels: [RELEASE, '5.14.0-503.1.1.el9_5.x86_64'],
    newestInstalled: '5.14.0-503.1.1.el9_5.x86_64',
  })
  const newest = testDistribution({ installedKernels: [RELEASE], newestInstalled: RELEASE })
  const upToDate = testReport('ksplice', { coverage: 'supported', access: 'ok', steps: [], patches: [testPatch('a')] })
  const forced = { memory: [{ ...newMemory('a', 1), forcedAt: AT }] }
  test.each([
    ['unknown', /^Nothing on this host tells/, {}],
    [
      'yes',
      /^a was forced/,
      { ...forced, distribution: newest, providers: [testReport('canonical', { reboot: 'no' })] },
    ],
    ['yes', /^A newer kernel, 5\.14\.0-503/, { distribution: newer }],
    ['yes_but_covered', /until then Ksplice holds/, { distribution: newer, providers: [upToDate] }],
    ['yes', /nothing tells/, { distribution: newer, providers: [{ ...upToDate, steps: null }] }],
    ['yes', /nothing tells/, { distribution: newer, providers: [{ ...upToDate, access: 'expired' }] }],
    ['yes', /nothing tells/, { distribution: newer, providers: [{ ...upToDate, coverage: 'unknown' }] }],
    ['yes', /gets no more patches/, { providers: [testReport('canonical', { coverage: 'upgrade_required' })] }],
    ['yes', /until 2025-12-31/, { providers: [{ ...upToDate, coverageUntil: '2025-12-31' }] }],
    ['unknown', /^Nothing/, { providers: [testReport('canonical', { coverage: 'end_of_life', active: false })] }],
    [
      'yes',
      /^Canonical Livepatch: libc6 waits\.$/,
      { providers: [testReport('canonical', { reboot: 'yes', rebootReason: 'libc6 waits' })] },
    ],
    [
      'yes_but_covered',
      /^Canonical Livepatch says/,
      { providers: [testReport('canonical', { reboot: 'yes_but_covered' })] },
    ],
    [
      'yes_but_covered',
      /^A newer kernel/,
      { distribution: newer, providers: [testReport('canonical', { reboot: 'yes_but_covered' })] },
    ],
    ['no', /^Canonical Livepatch says/, { providers: [testReport('canonical', { reboot: 'no' })] }],
    ['no', /is the newest that is installed/, { distribution: newest }],
    ['unknown', /log cannot be read/, { distribution: newest, ...inSysfs('a'), kernelEvents: null }],
    [
      'unknown',
      /is not among those installed/,
      { distribution: { ...newer, installedKernels: ['5.14.0-503.1.1.el9_5.x86_64'] } },
    ],
    [
      'yes',
      /for libc6 and dbus, which no live patch/,
      { distribution: { ...newest, rebootRequired: true, rebootPackages: ['linux-base', 'libc6', 'dbus'] } },
    ],
    [
      'yes',
      /^The distribution asks/,
      { distribution: { ...newest, rebootRequired: true, rebootPackages: ['linux-base'] } },
    ],
    [
      'yes_but_covered',
      /until then Ksplice/,
      { distribution: { ...newest, rebootRequired: true }, providers: [upToDate] },
    ],
    [
      'yes',
      /for libc6, which no live patch/,
      { distribution: { ...newer, rebootRequired: true, rebootPackages: ['libc6'] }, providers: [upToDate] },
    ],
    [
      'yes',
      /that Canonical Livepatch holds this kernel up to date is in doubt, since the kernel shows less/,
      {
        ...{ distribution: newer, livepatches: [] },
        providers: [
          testReport('canonical', { reboot: 'yes_but_covered', patches: [testPatch('104.1')] }),
          testReport('livepatch', {}),
        ],
      },
    ],
    [
      'no',
      /^KernelCare’s newest patch set is in\.$/,
      { providers: [testReport('kernelcare', { reboot: 'no', rebootReason: 'KernelCare’s newest patch set is in.' })] },
    ],
  ] as const)('%s: %s', (answer, reason, parts) => {
    const need = account(parts as Partial<Snapshot>).rebootNeed
    expect(need.answer).toBe(answer)
    expect(need.reason).toMatch(reason)
    expect(need.reason).toMatch(/^.+\.$/)
  })
})
