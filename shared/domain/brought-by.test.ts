// Goal: a patch is said to be put in by whoever did it, and by nobody where that is not known. Method: one command, and patches
// and clocks that differ from it in one thing each.
import { expect, test } from 'vitest'
import type { CommandView } from '../contract/commands-api.ts'
import { broughtBy } from './brought-by.ts'

const at = (seconds: number) => new Date(Date.parse('2026-11-26T12:00:00.000Z') + seconds * 1000).toISOString()
const load: CommandView = {
  ...{ id: 'a', authorisationId: 'b', part: 'action', action: 'load', patch: 'lp_fix', provider: null },
  ...{ hostId: 'c', hostName: 'web-1', state: 'done', waitingFor: null, notBefore: at(0), createdAt: at(0) },
  ...{ issuedAt: at(1), sentAt: at(1), startedAt: at(2), endedAt: at(300), code: null, detail: null },
  ...{ requestedBy: 'ann', rollout: null },
}
const patch = { name: 'lp_fix', order: 1, enabledAt: at(3) }

test.each<[string, object, object, number | null]>([
  ['as it was told', {}, {}, 0],
  ['enabled again', { action: 'enable' }, {}, null],
  ['by a clock that is an hour ahead, and known to be', {}, { enabledAt: at(3603) }, 3_600_000],
  ['by a clock that is some seconds behind', {}, { enabledAt: at(-20) }, null],
])('a patch that is in %s', (_, command, change, skewMs) => {
  expect(broughtBy({ ...patch, ...change }, [{ ...load, ...command }], skewMs)?.requestedBy).toBe('ann')
})

test.each<[string, object, object]>([
  ['another patch', { patch: 'lp_other' }, {}],
  ['a command that failed', { state: 'failed' }, {}],
  ['what takes it out', { part: 'reversal' }, {}],
  ['a disabling', { action: 'disable' }, {}],
  ['a patch that is out', {}, { order: null }],
  ['one of which nobody knows since when', {}, { enabledAt: null }],
  ['one that was loaded anew after a reboot', {}, { enabledAt: at(4000) }],
  ['one that was there before', {}, { enabledAt: at(-4000) }],
])('of %s it says nothing', (_, command, change) => {
  expect(broughtBy({ ...patch, ...change }, [{ ...load, ...command }], null)).toBeUndefined()
})

test('the newest counts', () => {
  const again = { ...load, createdAt: at(1000), endedAt: at(1010), requestedBy: 'ben' }
  expect(broughtBy({ ...patch, enabledAt: at(1005) }, [again, load], null)?.requestedBy).toBe('ben')
  expect(broughtBy(patch, [again, load], null)).toBeUndefined()
})
