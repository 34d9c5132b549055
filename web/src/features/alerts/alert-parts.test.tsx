// Goal: whoever is woken reads apart what was done the last time, who noted what then, and gets to that alert. Method: drawn by
// itself; by role, name and text.
import type { AlertLastTime } from '@rebootless/shared/contract/alerts.ts'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { render, screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { LastTime } from './alert-parts.tsx'

const ID = '00000000-0000-4000-8000-000000000001'
const THEN = '2026-11-18T12:00:00.000Z'

const paragraphsOf = async (change: Partial<AlertLastTime>) => {
  const lastTime = { id: ID, firedAt: THEN, resolvedAt: THEN, acknowledged: null, done: null, ...change }
  const route = createRootRoute({ component: () => <LastTime lastTime={lastTime} /> })
  render(<RouterProvider router={createRouter({ routeTree: route, history: createMemoryHistory() })} />)
  const part = await screen.findByRole('region', { name: 'Last time' })
  expect(part.textContent).toMatch(/It was over .+ ago, 18 Nov 2026/)
  expect(within(part).getByRole('link', { name: 'The alert of that time' }).getAttribute('href')).toBe(`/alerts/${ID}`)
  return within(part)
    .getAllByRole('paragraph')
    .map(({ textContent }) => textContent)
}

test('what was done, and who noted what, each by itself; T04 as text', async () => {
  const acknowledged = { by: 'ada', at: THEN, note: 'I am on it\u202e' }
  expect(await paragraphsOf({ done: 'Restarted atop', acknowledged })).toEqual([
    'Done: Restarted atop',
    'ada noted: I am on it\\u202e',
  ])
})

test('nobody wrote anything', async () => {
  expect(await paragraphsOf({})).toEqual(['Nobody wrote down what was done.'])
})
