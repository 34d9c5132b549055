// Goal: what came of a dry run can be read and heard: the sentence, when each wave would be done, who is at risk and why, what is
// not counted, and what it assumes. Method: a result of the server's shape, by role and name.
import type { DryRunResult as Result } from '@rebootless/shared/contract/dry-run.ts'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { render, screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { DryRunResult } from './dry-run-result.tsx'

const same = (value: number) => ({ p10: value, p50: value, p90: value })
const RESULT: Result = {
  ...{ id: '88888888-8888-4888-8888-888888888888', seed: 4711, runs: 20, beginsAt: '2026-11-27T20:00:00.000Z' },
  sentence: 'About 41 min (33 min to 58 min) for 12 hosts; 1 host will likely stall: web-1.',
  hosts: { going: 12, there: 0, others: 2 },
  duration: { p10: 1980, p50: 2460, p90: 3480 },
  ends: [{ phase: 'done', runs: 20, because: null }],
  waves: [
    { name: 'canary', hosts: 2, begins: same(0), ends: { p10: 300, p50: 310, p90: 420 }, stalls: same(0) },
    { name: 'the rest', hosts: 10, begins: same(310), ends: null, stalls: { p10: 0, p50: 1, p90: 2 } },
  ],
  ...{ stalls: same(1), failures: same(0), asks: same(1) },
  atRisk: [
    {
      host: { id: '00000000-0000-4000-8000-00000000000a', name: 'web-1' },
      ...{ wave: 1, stalledRuns: 18, failedRuns: 0 },
      reasons: [{ kind: 'asleep now', text: 'tail (5) sleeps in pipe_read\u202e.' }],
    },
  ],
  atRiskTotal: 1,
  waits: [
    { kind: 'soak', wave: 0, text: 'canary soaks', seconds: same(300) },
    { kind: 'person', wave: 1, text: 'the rest waits for a person (approval).', seconds: null },
  ],
  others: [{ why: 'None of the plan’s modules is for its kernel.', hosts: 2, names: ['db-1', 'db-2'] }],
  method: ['Simulated: no host was told anything.'],
  assumptions: [
    { says: 'Processors of a host', value: '4', basis: 'assumed', source: 'ours' },
    { says: 'A pass over all tasks', value: '1 s', basis: 'source', source: 'kernel/livepatch/transition.c' },
  ],
}
const shown = async (change: Partial<Result> = {}) => {
  const route = createRootRoute({ component: () => <DryRunResult result={{ ...RESULT, ...change }} again={null} /> })
  const router = createRouter({ routeTree: route, history: createMemoryHistory() })
  render(<RouterProvider router={router} />)
  await screen.findByText(/^Simulated 20 times/)
}

test('the sentence and the seed that gives it again', async () => {
  await shown()
  expect(screen.getByText(RESULT.sentence)).toBeTruthy()
  expect(screen.getByText('4711')).toBeTruthy()
})

test('each wave with when it would be done, and one that is not', async () => {
  await shown()
  const table = screen.getByRole('table', { name: 'When each wave would be done' })
  const rows = within(table).getAllByRole('row').slice(1)
  expect(rows.map(({ textContent }) => textContent)).toEqual([
    'canary2 hosts5 min5 min to 7 minnone',
    'the rest10 hostsnot done0 to 2',
  ])
})

test('who is at risk, with the reason as harmless text and a way to the host', async () => {
  await shown()
  const section = screen.getByRole('region', { name: /Hosts at risk/ })
  expect(within(section).getByRole('link', { name: 'web-1' }).getAttribute('href')).toBe(
    '/hosts/00000000-0000-4000-8000-00000000000a',
  )
  expect(section.textContent).toContain('Will likely stall')
  expect(section.textContent).toContain('in 18 of 20 runs')
  expect(section.textContent).not.toContain('\u202e')
})

test('what is not counted is said so; hosts in no wave stand by why', async () => {
  await shown()
  const waits = screen.getByRole('region', { name: 'What it waits for' })
  expect(
    within(waits)
      .getAllByRole('listitem')
      .map(({ textContent }) => textContent),
  ).toEqual(['canary soaks5 min', 'the rest waits for a person (approval).not counted'])
  expect(screen.getByText('Hosts in no wave, and why').closest('details')?.textContent).toContain('2 hosts: db-1, db-2')
})

test('assumptions are there, with how many nobody measured', async () => {
  await shown()
  expect(screen.getByText('2, of which 1 nobody measured')).toBeTruthy()
  expect(screen.getByText(/kernel\/livepatch\/transition\.c/)).toBeTruthy()
})

test('nobody at risk is said in words', async () => {
  await shown({ atRisk: [], atRiskTotal: 0 })
  expect(screen.getByText(/None stalled or failed in any run/)).toBeTruthy()
})
