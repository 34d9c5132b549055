// Goal: what the catalogue warns of, which CVEs it names and who says so, and which entries its filter finds. Method:
// modules and entries written by hand, changed in one way at a time.
import { describe, expect, test } from 'vitest'
import type { ModuleFacts } from '../contract/module-facts.ts'
import type { PatchSummary } from '../contract/patches.ts'
import { patchCves } from './patch-cves.ts'
import { matchesPatch, parsePatchFilter } from './patch-filter.ts'
import { patchWarnings } from './patch-warnings.ts'
import { testFacts, testObject } from './test-module-facts.ts'

const FLEET = { ofItsKernel: 3, enforcing: 0, enforcingUnknown: 0 }
const CVES = ['CVE-2026-1000']

describe('warnings', () => {
  const codes = (parts: Partial<ModuleFacts>, fleet = FLEET, cves = CVES, same: string[] = []) =>
    patchWarnings(testFacts(parts), cves, fleet, same).map(({ code, level }) => `${level} ${code}`)

  test('of a good module only the taint', () => {
    expect(codes({})).toEqual(['note taints'])
  })
  test.each<[string, string[]]>([
    ['not signed', ['warning unsigned']],
    ['not signed where signatures are enforced', ['danger unsigned_refused']],
  ])('%s', (what, expected) => {
    const enforcing = what.includes('enforced') ? 2 : 0
    expect(codes({ signature: null }, { ...FLEET, enforcing })).toEqual([...expected, 'note taints'])
  })
  test.each<[Partial<ModuleFacts>, string]>([
    [{ licence: 'Proprietary' }, 'danger licence'],
    [{ licence: null }, 'danger licence'],
    [{ objects: null, unread: 'odd tables' }, 'warning functions_unread'],
    [{ replace: false }, 'warning not_cumulative'],
    [{ replace: null }, 'note not_cumulative'],
    [{ objects: [{ ...testObject(null, ['f']), callbacks: ['pre_patch'] }] }, 'warning callbacks'],
    [{ shadowVariables: ['klp_shadow_alloc'] }, 'note shadow_variables'],
    [{ states: [{ id: '1', version: 1 }] }, 'note states'],
  ])('%o: %s', (parts, expected) => {
    expect(codes(parts)).toEqual([expected, 'note taints'])
  })
  test('no host of its kernel, no CVE, and one of the same source', () => {
    expect(codes({}, { ...FLEET, ofItsKernel: 0 })).toEqual(['warning no_host', 'note taints'])
    expect(codes({}, FLEET, [])).toEqual(['note no_cve', 'note taints'])
    expect(codes({}, FLEET, CVES, ['lp_other'])).toEqual(['warning same_srcversion', 'note taints'])
  })
  test('each fits its schema, whatever the file says', () => {
    const long = 'x'.repeat(512)
    const facts = testFacts({
      ...{ licence: long.slice(0, 128), unread: long.slice(0, 300), objects: null, signature: null, replace: null },
      shadowVariables: Array.from({ length: 20 }, () => long.slice(0, 64)),
      states: Array.from({ length: 200 }, () => ({ id: '9'.repeat(20), version: -2_147_483_648 })),
    })
    const texts = patchWarnings(facts, [], { ofItsKernel: 0, enforcing: 9, enforcingUnknown: 9 }, [long])
    expect(Math.max(...texts.map(({ text }) => text.length))).toBeLessThanOrEqual(700)
  })
})

test('a CVE bears the name of each who says so', () => {
  const vendorNotes = 'Fixes cve-2026-2000, CVE-2026-2000 and CVE-2026-1000; not XCVE-2026-3000 nor CVE-2026-1.'
  expect(patchCves({ metadata: ['CVE-2026-1000'], vendorNotes, hand: ['CVE-2026-4000', 'CVE-2026-1000'] })).toEqual([
    { cve: 'CVE-2026-1000', sources: ['metadata', 'vendor notes', 'hand'] },
    { cve: 'CVE-2026-2000', sources: ['vendor notes'] },
    { cve: 'CVE-2026-4000', sources: ['hand'] },
  ])
  expect(patchCves({ metadata: [], modules: CVES, vendorNotes: '', hand: CVES })).toEqual([
    { cve: 'CVE-2026-1000', sources: ['modules', 'hand'] },
  ])
})

describe('the filter', () => {
  const entry = (parts: Partial<PatchSummary>): PatchSummary => ({
    ...{ id: 'ab'.repeat(32), kind: 'module', name: 'lp_fix', set: null, vendorUpdate: null, cves: CVES },
    ...{ releaseCounter: 1, signedBy: ['builds'], uploadedBy: 'ann', uploadedAt: '2026-01-01T00:00:00.000Z' },
    hosts: { running: 0, ofItsKernel: 2, total: 5 },
    module: {
      ...{ size: 1, vermagic: '6.12.1-amd64 SMP ', release: '6.12.1-amd64', architecture: 'x86_64', version: null },
      ...{ srcversion: null, depends: [], replace: true, functionCount: 1, objectCount: 1, moduleSigned: null },
    },
    ...parts,
  })
  const module = entry({})
  const set = entry({
    ...{ kind: 'set', module: null, name: 'lp_fix everywhere' },
    set: { modules: [{ id: 'cd'.repeat(32), name: 'lp_fix', release: '6.1.0-9', architecture: 'aarch64' }] },
  })
  const update = entry({ kind: 'vendor_update', module: null, vendorUpdate: { provider: 'ksplice', level: null } })
  const found = (filter: string) => {
    const parsed = parsePatchFilter(filter)
    if (!parsed.ok) throw new Error(parsed.error.detail)
    return [module, set, update].map((one) => matchesPatch(parsed.words, one))
  }

  test.each<[string, boolean[]]>([
    ['', [true, true, true]],
    ['everywhere', [false, true, false]],
    ['kind:set,vendor_update', [false, true, true]],
    ['cve:CVE-2026-1*', [true, true, true]],
    ['release:6.12*', [true, false, false]],
    ['release:6.1.*', [false, true, false]],
    ['arch:aarch64', [false, true, false]],
    ['provider:ksplice', [false, false, true]],
    ['signed:unknown', [true, false, false]],
    ['cumulative:yes', [true, false, false]],
    ['-cumulative:yes', [false, true, true]],
    ['publisher:builds by:ann', [true, true, true]],
    ['fits:yes -running:yes', [true, true, true]],
    ['kind:module release:6.1.*', [false, false, false]],
  ])('%s', (filter, expected) => {
    expect(found(filter)).toEqual(expected)
  })

  test.each([
    ['fit:yes', /no filter key “fit”.*Did you mean fits\?/],
    ['kind:modul', /no kind “modul”.*Did you mean module\?/],
    ['label.env:prod', /no filter key “label.env”/],
    ['toString:x', /no filter key/],
  ])('%s is refused with what to write instead', (filter, expected) => {
    const parsed = parsePatchFilter(filter)
    expect(parsed.ok ? '' : parsed.error.detail).toMatch(expected)
  })
})
