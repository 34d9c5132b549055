// Goal: whatever hosts and their tools say, together or against each other, the account of it claims nothing that none of
// them said. Method: fast-check makes snapshots in the contract's form, hostile text included; a failure prints its seed.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Disagreement, PatchStatus, RebootNeed } from '../contract/host.ts'
import { ProviderReport } from '../contract/provider.ts'
import { Snapshot } from '../contract/snapshot.ts'
import { hostAccount } from './host-account.ts'
import { hostState } from './host-state.ts'
import { newMemory } from './patch-memory-entry.ts'
import { providerNeeds } from './provider-needs.ts'
import { AT, RELEASE, testDistribution, testLivepatch, testSnapshot } from './test-snapshot.ts'
import { ACCESS_STATES, COVERAGES, PROVIDER_NAMES, PROVIDER_PATCH_STATES, REBOOT_ANSWERS } from './words.ts'

const NOW = Date.parse(AT) + 60_000
const NAMES = ['kpatch_a', 'lkp_b', 'constructor', '\u001b[2J\u202e\0', 'x'.repeat(64)]
const name = fc.constantFrom(...NAMES)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })
const releases = maybe(fc.constantFrom(RELEASE, '5.14.0-503.1.1.el9_5', '4.18.0-1', '', '\0', '5.14'))
const cves = fc.subarray(['CVE-2024-1086', 'CVE-2025-38477', 'CVE-2023-6270', 'CVE-2016-8666'])

const patch = fc.record({
  id: name,
  name,
  version: fc.constant(null),
  target: fc.constantFrom('kernel' as const, 'user_space' as const),
  state: fc.constantFrom(...PROVIDER_PATCH_STATES),
  stateText: fc.constant(null),
  cves,
  livepatch: maybe(name),
  atNextBoot: maybe(fc.boolean()),
  protects: fc.boolean(),
  withdrawn: fc.boolean(),
})
const trouble = fc.record({
  source: fc.string({ maxLength: 256 }),
  code: maybe(fc.nat()),
  text: fc.string({ maxLength: 1000 }),
})
const step = fc.record({ action: fc.constantFrom('install' as const, 'remove' as const), id: name, name, cves })
const report = fc.record({
  name: fc.constantFrom(...PROVIDER_NAMES, 'of-a-newer-agent', '__proto__'),
  present: fc.boolean(),
  detail: fc.string({ maxLength: 300 }),
  version: maybe(fc.constant('1')),
  active: maybe(fc.boolean()),
  effectiveKernel: releases,
  coverage: fc.constantFrom(...COVERAGES),
  coverageUntil: maybe(fc.constantFrom('2025-12-31', '2026-01-01', '2027-03-31')),
  access: fc.constantFrom(...ACCESS_STATES),
  accessDetail: fc.constant(null),
  patches: maybe(fc.array(patch, { maxLength: 6 })),
  steps: maybe(fc.array(step, { maxLength: 4 })),
  behind: maybe(fc.boolean()),
  inProgress: maybe(fc.boolean()),
  reboot: fc.constantFrom(...REBOOT_ANSWERS),
  rebootReason: maybe(fc.string({ maxLength: 300 })),
  blockers: fc.array(
    fc.record({ pid: maybe(fc.nat()), tid: maybe(fc.nat()), comm: maybe(name), stack: fc.constant<string[]>([]) }),
    {
      maxLength: 5,
    },
  ),
  ...{ since: maybe(fc.constant(AT)), checkedAt: fc.constant(null) },
  settings: fc.constant<ProviderReport['settings']>([]),
  troubles: fc.array(trouble, { maxLength: 2 }),
})
const livepatch = fc
  .record({ name, enabled: maybe(fc.boolean()), transition: maybe(fc.boolean()), replace: maybe(fc.boolean()) })
  .map(({ name, ...state }) => testLivepatch(name, state))
const memory = fc
  .record({ name, order: fc.nat(9), completedAt: maybe(fc.constant(AT)), forcedAt: maybe(fc.constant(AT)) })
  .map(({ name, order, completedAt, forcedAt }) => ({ ...newMemory(name, order), completedAt, forcedAt }))
const distribution = fc
  .record({
    installedKernels: maybe(fc.subarray([RELEASE, '5.14.0-503.1.1.el9_5.x86_64'])),
    newestInstalled: releases,
    rebootRequired: maybe(fc.boolean()),
    rebootPackages: fc.subarray(['linux-base', 'libc6', NAMES[3] ?? '']),
  })
  .map((facts) => testDistribution(facts))
const byName = { selector: ({ name }: { name: string }) => name }
const snapshot: fc.Arbitrary<Snapshot> = fc
  .record({
    providers: fc.uniqueArray(report, { ...byName, maxLength: 6 }),
    livepatches: maybe(fc.uniqueArray(livepatch, { ...byName, maxLength: 4 })),
    memory: fc.uniqueArray(memory, { ...byName, maxLength: 4 }),
    distribution: maybe(distribution),
    kernelEvents: maybe(fc.constant<NonNullable<Snapshot['kernelEvents']>>([])),
  })
  .map((parts) => testSnapshot(parts))

/** Where nothing else is the matter, most hosts are either patched or exposed. */
const quiet = snapshot.map((seen) => ({
  ...seen,
  memory: [],
  providers: seen.providers.slice(0, 2).map((provider) => ({
    ...provider,
    ...{ coverage: 'supported' as const, coverageUntil: null, access: 'ok' as const, effectiveKernel: null },
  })),
}))

const conditionOf = (seen: Snapshot) =>
  hostState({ snapshot: seen, transition: null, connected: true, lastSeenAt: NOW, now: NOW })

test('what is made up here is what an agent may send', () => {
  fc.assert(
    fc.property(snapshot, (seen) => void Snapshot.parse(seen)),
    { numRuns: 100 },
  )
})

test('an account never throws, keeps the contract, and knows no patch that nobody named', () => {
  fc.assert(
    fc.property(snapshot, (seen) => {
      const found = hostAccount(seen, null)
      for (const status of found.statuses) PatchStatus.parse(status)
      for (const disagreement of found.disagreements) Disagreement.parse(disagreement)
      for (const provider of found.providers) ProviderReport.parse(provider)
      RebootNeed.parse(found.rebootNeed)
      const named = new Set([
        ...(seen.livepatches ?? []).map((patch) => patch.name),
        ...seen.providers.flatMap(({ patches }) => (patches ?? []).flatMap((patch) => [patch.id, patch.name])),
      ])
      for (const patch of found.effective) expect(named).toContain(patch.name)
      for (const need of providerNeeds(seen, found)) expect(need.reason.length).toBeLessThanOrEqual(500)
      expect(conditionOf(seen).reason).toMatch(/^.{1,499}[.…]$/s)
    }),
    { numRuns: 300 },
  )
})

test('no host is called patched without a patch in effect that protects, nor while a fix is offered', () => {
  let patched = 0
  fc.assert(
    fc.property(quiet, (seen) => {
      if (conditionOf(seen).state !== 'patched') return
      patched += 1
      const present = seen.providers.filter((provider) => provider.present)
      const bySysfs = seen.livepatches?.some(({ enabled, transition }) => enabled === true && transition !== true)
      const byTool = present.some(({ patches }) =>
        patches?.some((patch) => patch.target === 'kernel' && patch.state === 'applied' && patch.protects),
      )
      expect(bySysfs || byTool).toBe(true)
      for (const { behind, steps, patches } of present) {
        expect(behind).not.toBe(true)
        expect(steps ?? []).not.toContainEqual(expect.objectContaining({ action: 'install' }))
        expect(patches ?? []).not.toContainEqual(
          expect.objectContaining({ target: 'kernel', state: 'applied', withdrawn: true }),
        )
      }
    }),
    { numRuns: 1_000 },
  )
  expect(patched).toBeGreaterThan(0)
})

test('"no" to a reboot is said only where a tool or the installed kernels say so, and never after a force', () => {
  fc.assert(
    fc.property(snapshot, (seen) => {
      if (hostAccount(seen, null).rebootNeed.answer !== 'no') return
      const said = seen.providers.some(({ present, reboot }) => present && reboot === 'no')
      expect(said || seen.distribution?.newestInstalled === RELEASE).toBe(true)
      expect(seen.memory.every(({ forcedAt }) => forcedAt === null)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('the order in which an agent tells of its systems changes nothing', () => {
  fc.assert(
    fc.property(snapshot, (seen) => {
      const turned = { ...seen, providers: [...seen.providers].reverse() }
      expect(hostAccount(turned, null)).toEqual(hostAccount(seen, null))
      expect(conditionOf(turned)).toEqual(conditionOf(seen))
    }),
    { numRuns: 200 },
  )
})
