// Goal: what a rollout does to exposures can be read and heard: the sentence, each CVE with its hosts, who stays exposed and why.
// Method: an answer of the server's shape, by role and name.
import type { ExposureChange, ExposureTally } from '@rebootless/shared/contract/exposure-change.ts'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { render, screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { ExposureChangeShown } from './exposure-change-shown.tsx'

const none: ExposureTally = {
  ...{ exposures: 0, hosts: 0, knownExploited: 0, cveCount: 0, cves: [] },
  bySeverity: { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 },
}
const some: ExposureTally = {
  ...{ ...none, exposures: 12, hosts: 12, knownExploited: 12, cveCount: 9 },
  cves: [{ cve: 'CVE-2024-1086', severity: 'high', knownExploited: true, hosts: 12 }],
}
const AHEAD: ExposureChange['ahead'] = {
  ...{ closes: some, opens: none, undoOpens: some, staysTotal: 7, alreadyFixed: 1, notJudged: 0, notCounted: [] },
  stays: [{ why: 'Its kernel is another\u202e.', exposures: 7, hosts: 7, names: ['web-1', 'web-2'] }],
}
const shown = async (change: Partial<ExposureChange>) => {
  const whole = { sentence: 'It closes 12.', ahead: null, done: null, asOf: '2026-11-27T00:00:00.000Z', ...change }
  const route = createRootRoute({ component: () => <ExposureChangeShown change={whole} /> })
  render(<RouterProvider router={createRouter({ routeTree: route, history: createMemoryHistory() })} />)
  await screen.findByText(whole.sentence)
}

test('before it: each CVE with its hosts and a way to it, who stays exposed as harmless text, and what an undo leaves', async () => {
  await shown({ ahead: AHEAD })
  const table = screen.getByRole('table', { name: /^Would close 12 exposures, 12 to what is known/ })
  expect(within(table).getByRole('link').getAttribute('href')).toBe('/compliance/cves/CVE-2024-1086')
  expect(within(table).getByText('and 8 more CVEs')).toBeTruthy()
  expect(screen.queryByRole('table', { name: /^Would open/ })).toBeNull()
  const stays = screen.getByText(/Its kernel is another/).closest('li')
  expect(stays?.textContent).toContain('web-1, web-2 and 5 more')
  expect(stays?.textContent).not.toContain('\u202e')
  expect(screen.getByText(/12 exposures open again on 12 hosts/)).toBeTruthy()
})

test('after it: what the records say, as such, and nothing that would be', async () => {
  const done = { from: '2026-11-27T00:00:00.000Z', to: '2026-11-27T01:00:00.000Z', closed: some, opened: none }
  await shown({ sentence: 'It closed 12.', done })
  expect(screen.getByRole('table', { name: /^Closed 12/ })).toBeTruthy()
  expect(screen.getByText(/From the records of/)).toBeTruthy()
  expect(screen.queryByText(/Would close/)).toBeNull()
})
