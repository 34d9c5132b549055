// Goal: what a kernel's log told, and how much its tasks wait, is said in words, and what is not known too. Method: answers in
// the cache, drawn and read as a person would; hostile text among them.
import type { HostKernelReadings } from '@rebootless/shared/contract/kernel-readings.ts'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, render, screen, within } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { queryKeys } from '../../api/query-keys.ts'
import { KernelIncidents } from './kernel-incidents.tsx'
import { KernelPressure } from './kernel-pressure.tsx'

const AT = '2026-11-26T12:00:00.000Z'
const share = { avg10: 1, avg60: 2.5, avg300: 3, total: 1 }
const readings: NonNullable<HostKernelReadings['readings']> = {
  ...{ readAt: AT, bootId: 'b', load: [0.5, 0.4, 0.3] },
  log: {
    ...{ errno: null, completeSince: AT, lost: 0, incidents: [] },
    counts: {
      ...{ oops: 0, bug: 0, warning: 0, lockup: 0 },
      ...{ 'rcu stall': 0, 'hung task': 0, 'sanitizer report': 0 },
    },
  },
  pressure: { errno: null, cpu: share, memory: share, io: null },
}
const told: HostKernelReadings = {
  ...{ readings, unknown: null, incidents: [], asOf: AT },
  lastHour: { cpu: 12.34, memory: 0, io: null, load: 0.25 },
}

const draw = (answer: HostKernelReadings) => {
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } } })
  cache.setQueryData(queryKeys.hostKernelReadings('h1'), answer)
  render(
    <QueryClientProvider client={cache}>
      <KernelIncidents id="h1" />
      <KernelPressure id="h1" />
    </QueryClientProvider>,
  )
}
afterEach(cleanup)
const incidents = () => within(screen.getByRole('region', { name: 'Incidents' }))
const row = (name: string) => screen.getByRole('row', { name: new RegExp(`^${name}`) }).textContent

test('nothing happened', () => {
  draw(told)
  expect(incidents().getByText('None since the boot.')).toBeTruthy()
  expect([row('CPU'), row('Disks'), row('Load')]).toEqual(['CPU2.5 %12.3 %', 'Disks––', 'Load0.500.25'])
})

test('T04 an oops in a livepatch, with hostile text as text', () => {
  const patched = { function: 'klpp_fix', patch: 'lp_fix', own: true }
  const text = 'BUG: kernel NULL pointer dereference \u202e\u001b[2J<img src=x>'
  draw({
    ...told,
    incidents: [{ sequence: 7, at: AT, kind: 'oops', text, function: 'klpp_fix', patched, bootId: 'b' }],
  })
  const item = incidents().getByRole('listitem').textContent ?? ''
  expect(item).toContain('oops')
  expect(item).toContain('klpp_fix of the livepatch lp_fix stands in its trace')
  expect(item).toContain('<img src=x>')
  expect([item.includes('\u202e'), item.includes('\u001b')]).toEqual([false, false])
})

test('an agent of before, and kernels that tell no pressure', () => {
  draw({ ...told, readings: null, unknown: 'Its agent tells nothing of its kernel’s log.' })
  expect(incidents().getByText(/tells nothing/)).toBeTruthy()
  expect(screen.queryByRole('region', { name: 'Pressure' })).toBeNull()
  cleanup()
  const pressure = { errno: 'EOPNOTSUPP', cpu: null, memory: null, io: null }
  draw({ ...told, readings: { ...readings, pressure } })
  expect(screen.getByText(/psi=0/)).toBeTruthy()
  expect(screen.queryByRole('row', { name: /^CPU/ })).toBeNull()
})
