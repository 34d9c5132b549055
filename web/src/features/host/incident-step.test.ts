// Goal: a host whose kernel had an oops is never said to need nothing. Method: readings as the contract gives them, over states, boots and time.
import type { HostKernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import { expect, test } from 'vitest'
import { incidentStep } from './incident-step.ts'

const AT = Date.parse('2026-01-10T12:00:00Z')
type Incident = HostKernelReadings['incidents'][number]
const incident = (kind: Incident['kind'], bootId = 'this boot'): Incident => ({
  ...{ sequence: 7, at: new Date(AT).toISOString(), kind, text: `${kind} at 0`, function: null, bootId },
  patched: { function: 'lp_show', patch: 'lp', own: true },
})
const readings = (...incidents: Incident[]) =>
  ({ incidents, readings: { bootId: 'this boot' } }) as unknown as HostKernelReadings

test('an oops of this boot asks for a reboot, and names the livepatch in its trace', () => {
  const step = incidentStep({ state: 'patched' }, readings(incident('warning'), incident('oops')), AT + 1e10)
  expect(step).toMatchObject({ lead: 'Read its oops, and plan a reboot.', looksAs: 'failed' })
  expect(step?.why).toContain('lp_show of the livepatch lp')
})

test('one of an earlier boot asks for nothing', () => {
  expect(incidentStep({ state: 'patched' }, readings(incident('oops', 'another')), AT)).toBeNull()
})

test('a state that is as urgent keeps its own advice', () => {
  expect(incidentStep({ state: 'stalled' }, readings(incident('oops')), AT)).toBeNull()
})

test('what killed nothing is told for a day, and only where there is nothing else to do', () => {
  const found = readings(incident('hung task'))
  expect(incidentStep({ state: 'patched' }, found, AT + 1000)?.lead).toBe('Look at a hung task in the kernel’s log.')
  expect(incidentStep({ state: 'patched' }, found, AT + 25 * 3600 * 1000)).toBeNull()
  expect(incidentStep({ state: 'exposed' }, found, AT + 1000)).toBeNull()
})

test('without readings nothing is said', () => {
  expect(incidentStep({ state: 'patched' }, undefined, AT)).toBeNull()
})
