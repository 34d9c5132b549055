// Goal: the filter bar offers what occurs, of providers too. Method: hosts and a summary as the API gives them.
import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { expect, test } from 'vitest'
import { knownValues } from './known-values.ts'

const host = (facts: Partial<HostSummary>) =>
  ({
    ...{ name: 'h', providers: [], patches: [], labels: {}, effectiveKernel: null, reboot: 'unknown' },
    ...facts,
  }) as unknown as HostSummary

test('providers come from the whole fleet, effective kernels and reboot answers from the hosts in sight', () => {
  const summary = { byState: {}, byOrigin: {}, byKernel: [], byProvider: [{ provider: 'kgraft', count: 2 }] }
  const known = knownValues(summary as unknown as FleetSummary, [
    host({ providers: ['ksplice'], effectiveKernel: '5.15.0-318', reboot: 'yes_but_covered' }),
    host({}),
  ])
  expect(known.get('provider')).toEqual(['kgraft', 'ksplice'])
  expect(known.get('effective')).toEqual(['5.15.0-318'])
  expect(known.get('reboot')).toEqual(['unknown', 'yes_but_covered'])
})
