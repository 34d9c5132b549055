// Goal: what makes a verdict less certain is said, and nothing else is. Method: one snapshot for each doubt, and a host without any.
import { expect, test } from 'vitest'
import { DoubtOfHost } from '../../contract/exposure.ts'
import type { Snapshot } from '../../contract/snapshot.ts'
import { hostAccount } from '../host-account.ts'
import { newMemory } from '../patch-memory-entry.ts'
import { AT, livepatchOf, testDistribution, testLivepatch, testReport, testSnapshot } from '../test-snapshot.ts'
import { type Contact, doubtsOf } from './exposure-doubts.ts'
import { DOUBT_WORDS } from './exposure-sentences.ts'
import { DOUBTS } from './exposure-words.ts'

const distribution = testDistribution({ installedKernels: [] })
const doubts = (parts: Partial<Snapshot> = {}, contact: Contact = null) => {
  const snapshot = testSnapshot({ distribution, ...parts })
  const found = doubtsOf({ snapshot, account: hostAccount(snapshot, null), transition: null, contact })
  return found.map((doubt) => DoubtOfHost.parse(doubt))
}

const module = { name: 'a', version: null, srcversion: null, refcnt: 0, taint: 'OEK', sizeBytes: 1 }
const memory = { ...newMemory('a', 0), enabledAt: AT, completedAt: AT }

test('a host that is heard and read gives no doubt', () => {
  expect(doubts()).toEqual([])
  const providers = [testReport('livepatch', { active: null })]
  expect(doubts({ livepatches: [testLivepatch('a')], memory: [memory], providers })).toEqual([])
})

test.each<[string, Partial<Snapshot>, Contact, RegExp]>([
  ['offline', {}, 'offline', /not connected/],
  ['stale', {}, 'stale', /silent/],
  ['forced', { livepatches: [testLivepatch('a')], memory: [{ ...memory, forcedAt: AT }] }, null, /a was forced/],
  ['drifted', { livepatchModules: [module], memory: [{ ...memory, disabledAt: AT }] }, null, /a was in effect.*open/],
  ['in_transition', { livepatches: [testLivepatch('a', { transition: true })] }, null, /a is in transition/],
  ['disagreement', { providers: [testReport('klp', { patches: [livepatchOf('b')] })] }, null, /b/],
  ['unread', { livepatches: null }, null, /\/sys\/kernel\/livepatch/],
  ['unread', { distribution: null }, null, /kernels on disk/],
  ['unread', { providers: [testReport('ksplice', { patches: null })] }, null, /patches of Ksplice/],
])('%s', (doubt, parts, contact, why) => {
  const found = doubts(parts, contact).filter((candidate) => candidate.doubt === doubt)
  expect(found).toHaveLength(1)
  expect(found[0]?.why).toMatch(why)
  expect(found[0]?.why).toMatch(/^[A-Za-z/].*\.$/)
})

test('what another patch replaced has not drifted', () => {
  const replaced = { ...memory, supersededBy: 'b' }
  const found = doubts({ livepatches: [testLivepatch('b')], livepatchModules: [module], memory: [replaced] })
  expect(found.map(({ doubt }) => doubt)).not.toContain('drifted')
})

test('every doubt has its words', () => {
  expect(Object.keys(DOUBT_WORDS).sort()).toEqual([...DOUBTS].sort())
})
