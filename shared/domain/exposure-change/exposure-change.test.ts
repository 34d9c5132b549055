// Goal: what a change of livepatches closes, opens and leaves is what the judge says of the host with and without it. Method: kernels
// of upstream, CVEs that no release before has fixed, livepatches that the catalogue or a tool credits.
import { describe, expect, test } from 'vitest'
import { prepareKnowledge } from '../exposure/prepared-knowledge.ts'
import { testEffective, testFacts, testKnowledge, testPairs, testRecord } from '../exposure/test-exposure.ts'
import { changeSentence } from './change-sentence.ts'
import type { LivepatchChange } from './changed-facts.ts'
import { compareVerdicts } from './compare-verdicts.ts'
import { tallyOf } from './tally.ts'

const [A, B, C, D] = ['CVE-2024-0001', 'CVE-2024-0002', 'CVE-2024-0003', 'CVE-2024-0004'] as const
const knowledge = prepareKnowledge(
  [
    ...[A, B, C].map((id) => testKnowledge(id, testPairs('6.0:6.9'))),
    testKnowledge(D, testPairs('6.0:6.9'), testRecord({ rejected: true })),
  ],
  [],
)
const load = (cves: string[], replace = false): LivepatchChange => ({
  kind: 'load',
  replace,
  livepatch: testEffective('lp_new', { catalogueCves: cves }),
})

describe('a load', () => {
  test('closes what its module fixes and no CVE that is withdrawn; undone, the same is open', () => {
    expect(compareVerdicts(testFacts(), load([A, D]), [A, D], knowledge)).toEqual({
      ...{ closes: [A], opens: [], undoOpens: [A], stays: [] },
    })
  })

  test('a cumulative one opens what those that it replaces fix and it does not; that does not come back when it is undone', () => {
    const facts = testFacts({ livepatches: [testEffective('lp_old', { cves: [B, C] })] })
    expect(compareVerdicts(facts, load([A, B], true), [A, B], knowledge)).toEqual({
      ...{ closes: [A], opens: [C], undoOpens: [A, B], stays: [] },
    })
    expect(compareVerdicts(facts, load([A, B]), [A, B], knowledge)).toMatchObject({ opens: [], undoOpens: [A] })
  })

  test('what is in effect already changes nothing', () => {
    const facts = testFacts({ livepatches: [testEffective('lp_new', { catalogueCves: [A] })] })
    expect(compareVerdicts(facts, load([A]), [A], knowledge)).toMatchObject({ closes: [], opens: [], stays: [] })
  })

  test('a file that does not fix what others of the set do leaves it open, and so does no file', () => {
    expect(compareVerdicts(testFacts(), load([A]), [A, B], knowledge).stays).toEqual([B])
    expect(compareVerdicts(testFacts(), null, [A, B], knowledge)).toEqual({
      ...{ closes: [], opens: [], undoOpens: null, stays: [A, B] },
    })
    expect(compareVerdicts(testFacts({ release: '6.9' }), null, [A, B], knowledge).stays).toEqual([])
  })
})

test('a disabling opens what the livepatch alone fixes', () => {
  const facts = testFacts({
    livepatches: [testEffective('lp_a', { cves: [A, B] }), testEffective('lp_b', { cves: [B] })],
  })
  expect(compareVerdicts(facts, { kind: 'disable', patch: 'lp_a' }, [], knowledge)).toEqual({
    ...{ closes: [], opens: [A], undoOpens: null, stays: [] },
  })
})

test('a vendor’s update closes what its entry names', () => {
  const change: LivepatchChange = { kind: 'update', provider: 'kernelcare', level: null, cves: [A] }
  expect(compareVerdicts(testFacts(), change, [A], knowledge)).toMatchObject({ closes: [A], undoOpens: null })
})

const weights = new Map([
  [A, { severity: 'high', knownExploited: false }],
  [B, { severity: 'low', knownExploited: true }],
] as const)

test('exposures are counted a host and a CVE; hosts once; what is exploited comes first', () => {
  const tally = tallyOf(
    [
      { hosts: ['1', '2'], cves: [A, B] },
      { hosts: ['3'], cves: [A, C] },
      { hosts: ['4'], cves: [] },
    ],
    weights,
  )
  expect(tally).toMatchObject({ exposures: 6, hosts: 3, cveCount: 3, knownExploited: 2 })
  expect(tally.bySeverity).toEqual({ critical: 0, high: 3, medium: 0, low: 2, unknown: 1 })
  expect(tally.cves.map(({ cve, hosts }) => [cve, hosts])).toEqual([
    [B, 2],
    [A, 3],
    [C, 1],
  ])
})

test('the sentence says what was done and what is ahead', () => {
  const none = tallyOf([], weights)
  const some = tallyOf([{ hosts: ['1', '2'], cves: [A] }], weights)
  const stays = [{ why: 'None of the modules is for its kernel.', exposures: 1, hosts: 1, names: ['web-1'] }]
  const ahead = {
    ...{ closes: some, opens: none, undoOpens: null, staysTotal: 1, stays, alreadyFixed: 0, notJudged: 0 },
    notCounted: [],
  }
  expect(changeSentence(ahead, null)).toBe(
    'It closes 2 exposures to 1 CVE on 2 hosts; 1 host stays exposed: None of the modules is for its kernel.',
  )
  expect(changeSentence({ ...ahead, staysTotal: 3 }, null)).toContain('3 hosts stay exposed, 1 of them for this: None')
  const done = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z', closed: some, opened: none }
  expect(changeSentence(null, done)).toBe('It closed 2 exposures to 1 CVE on 2 hosts.')
  expect(changeSentence({ ...ahead, closes: none, staysTotal: 0, stays: [] }, { ...done, opened: some })).toBe(
    'It has closed 2 exposures to 1 CVE on 2 hosts and opened 2 exposures to 1 CVE on 2 hosts so far. It still closes no exposure.',
  )
})
