// Goal: what a kernel did, from its log alone. Method: records in the order in which livepatch writes them, spans by hand.
import type { KernelEvent } from '@rebootless/shared/contract/patch-memory.ts'
import { expect, test } from 'vitest'
import { kernelSpans } from './kernel-spans.ts'

const at = (second: number) => `2026-11-20T08:00:0${second}.000Z`
let sequence = 0
const event = (second: number, kind: KernelEvent['kind'], fields: Partial<KernelEvent> = {}): KernelEvent => ({
  ...{ sequence: sequence++, at: at(second), kind, patch: 'lp_fix', direction: null, object: null, text: '' },
  ...fields,
})
const shown = (events: readonly KernelEvent[]) =>
  kernelSpans(events).map(({ name, from, to, ended, marks }) => [name, from, to, ended, marks.map((mark) => mark.name)])

test('enabling, its transition, and what befell it', () => {
  const events = [
    event(0, 'enabling', { direction: 'patching' }),
    event(1, 'transition_started', { direction: 'patching' }),
    event(3, 'signalled', { patch: null }),
    event(5, 'transition_completed', { direction: 'patching' }),
  ]
  expect(shown(events)).toEqual([
    ['kernel enables the livepatch', at(0), at(1), 'completed', []],
    ['kernel transition: patching', at(1), at(5), 'completed', ['signalled']],
  ])
})

test('a transition that is turned round is two; one that has not ended is none', () => {
  const events = [
    event(1, 'transition_started', { direction: 'patching' }),
    event(2, 'transition_started', { direction: 'unpatching' }),
    event(4, 'transition_completed', { direction: 'unpatching' }),
    event(5, 'transition_started', { direction: 'patching' }),
  ]
  expect(shown(events)).toEqual([
    ['kernel transition: patching', at(1), at(2), 'reversed', []],
    ['kernel transition: unpatching', at(2), at(4), 'completed', []],
  ])
})

test('an end without a beginning, or of another livepatch, is none; a refusal is one', () => {
  expect(shown([event(1, 'transition_completed')])).toEqual([])
  expect(shown([event(1, 'enabling'), event(2, 'transition_completed', { patch: 'other' })])).toEqual([])
  expect(shown([event(1, 'enabling'), event(2, 'enable_failed')])).toEqual([
    ['kernel enables the livepatch', at(1), at(2), 'failed', []],
  ])
})
