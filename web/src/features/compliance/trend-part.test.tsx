// Goal: the trend is of the hosts that the page is about, and says so. Method: a stand-in for fetch; the part as the page shows it.
import { ComplianceTrendOfPart } from '@rebootless/shared/contract/compliance.ts'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { TrendPart } from './trend-part.tsx'

const counts = { hosts: 10, judged: 10, within: 8, exposed: 4, overdue: 2 }
const day = (text: string) => ({
  ...{ day: text, value: null, counts, bySeverity: [], knownExploitedHosts: 0, acceptedHosts: 0 },
  ...{ unknownHosts: 0, supportedHosts: 5, policyVersion: 0 },
})
const PART = ComplianceTrendOfPart.parse({
  ...{ days: ['2026-11-10', '2026-11-18', '2026-11-26'].map(day), everyDays: 8, missing: 2 },
  asOf: '2026-11-27T08:00:00.000Z',
})

class NoObserver {
  observe(): void {}
  disconnect(): void {}
}

const shown = (props: { filter: string; scoped: boolean }) => {
  const send = vi.fn(async (_address: string) => new Response(JSON.stringify(PART)))
  vi.stubGlobal('fetch', send)
  vi.stubGlobal('ResizeObserver', NoObserver)
  const nothing = () => undefined
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <TrendPart
        {...props}
        {...{ days: '90', view: 'picture', shownDay: undefined, onDays: nothing, onView: nothing, onDay: nothing }}
      />
    </QueryClientProvider>,
  )
  return { asked: () => send.mock.calls.map(([address]) => address) }
}
afterEach(() => vi.unstubAllGlobals())

test('of the whole fleet each day is shown as it was kept', async () => {
  const { asked } = shown({ filter: '', scoped: false })
  await screen.findByText(/how each day ended, UTC/)
  expect(asked()).toEqual(['/api/v1/compliance/trend?days=90'])
})

test('with a filter it is of these hosts, every few days, and says how many days are still being judged', async () => {
  const { asked } = shown({ filter: 'label.env:prod', scoped: false })
  await screen.findByText(/how every 8 days ended, of these hosts, UTC/)
  expect(screen.getByRole('status').textContent).toBe('; 2 still being judged')
  expect(asked()).toEqual(['/api/v1/compliance/trend/part?days=90&filter=label.env%3Aprod'])
})

test('T07 with a scope nothing of the whole fleet is asked for', async () => {
  const { asked } = shown({ filter: '', scoped: true })
  await screen.findByText(/of your hosts, UTC/)
  expect(asked()).toEqual(['/api/v1/compliance/trend/part?days=90'])
})
