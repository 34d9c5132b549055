// Goal: what was gained is told with what it is held against, its picture and table say the same, and a short history claims nothing.
// Method: answers of the server's shape, by role and name; an address that anybody may have written.
import type { ComplianceGains } from '@rebootless/shared/contract/compliance-gains.ts'
import { gainsMethod } from '@rebootless/shared/domain/gains/gains-sentence.ts'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { GainsChoices } from './gains-choices.tsx'
import { GainsShown } from './gains-part.tsx'
import { gainsAsked } from './gains-query.ts'

const DAY_MS = 24 * 60 * 60_000
const compared = (live: number, window: number) => ({
  live: { mean: live * DAY_MS, median: (live - 1) * DAY_MS },
  window: { mean: window * DAY_MS, median: (window - 1) * DAY_MS },
})
const time = { exposures: 1240, fromPublication: compared(9, 31), fromFix: compared(3, 19) }
const gains = (change: Partial<ComplianceGains> = {}): ComplianceGains => ({
  ...{ sentence: '1,204 reboots avoided.', from: '2026-08-29T00:00:00.000Z', until: '2026-11-27T00:00:00.000Z' },
  ...{ readSince: '2026-01-01T00:00:00.000Z', window: 'second-tuesday', nextWindow: '2026-12-08' },
  windowsPassed: ['2026-09-08', '2026-10-13', '2026-11-10'],
  reboots: { avoided: 1204, hosts: 812, bootedAnyway: 3, pending: 40 },
  ...{ bootMinutes: 10, uptimeKeptMs: 1204 * 600_000 },
  running: { hosts: 900, medianMs: 143 * DAY_MS, longestMs: 400 * DAY_MS },
  timeToPatch: {
    all: time,
    bySeverity: [
      { severity: 'critical', ...time, exposures: 40 },
      { severity: 'high', ...time, exposures: 1200 },
    ],
  },
  ...{ method: gainsMethod('second-tuesday', 10), asOf: '2026-11-27T00:00:00.000Z' },
  ...change,
})

const draw = async (content: ReactNode) => {
  const route = createRootRoute({ component: () => content })
  const router = createRouter({ routeTree: route, history: createMemoryHistory() })
  await router.load()
  render(<RouterProvider router={router} />)
}
afterEach(cleanup)

const fact = (word: RegExp) => screen.getByText(word).nextElementSibling?.textContent

test('numbers with their assumptions; the bars and the table say the same', async () => {
  await draw(<GainsShown gains={gains()} />)
  expect(fact(/^Reboots avoided$/)).toBe(
    '1,204on 812 hosts; 3 windows: 8 Sept, 13 Oct, 10 Nov; 3 hosts booted all the same',
  )
  expect(fact(/^Uptime kept, 10 minutes a boot$/)).toBe('8.4 days')
  expect(fact(/^Still to come, by 8 Dec$/)).toMatch(/^40 reboots/)
  expect(fact(/^Running since/)).toBe('143 daysthe median of 900 hosts; the longest 400 days')
  const bars = screen.getByRole('figure', { name: 'Mean time to patch, with a fix at hand' })
  expect(
    within(bars)
      .getAllByRole('listitem')
      .map((one) => one.textContent),
  ).toEqual([...['By livepatch3 days', 'Monthly reboot19 days']])
  const rows = within(screen.getByRole('table')).getAllByRole('row').slice(2)
  expect(rows.map((row) => row.textContent)).toEqual([
    'critical403 days2 days19 days18 days9 days8 days31 days30 days',
    'high1,2003 days2 days19 days18 days9 days8 days31 days30 days',
    'All1,2403 days2 days19 days18 days9 days8 days31 days30 days',
  ])
  expect(screen.getByText(/one for each host and livepatch/)).toBeTruthy()
})

test('a short history avoids nothing yet, and says what would be counted', async () => {
  const reboots = { avoided: 0, hosts: 0, bootedAnyway: 0, pending: 2 }
  await draw(<GainsShown gains={gains({ windowsPassed: [], reboots, uptimeKeptMs: 0, running: null })} />)
  expect(fact(/^Reboots avoided$/)).toBe('0no second Tuesday has come yet')
  expect(fact(/^Still to come/)).toBe('2 rebootsavoided, if these hosts do not boot until then')
  expect(screen.queryByText(/Running since/)).toBeNull()
  cleanup()
  const nothing = { reboots: { ...reboots, pending: 0 }, timeToPatch: { all: null, bySeverity: [] } }
  await draw(<GainsShown gains={gains(nothing)} />)
  expect(screen.getByRole('link', { name: 'Patches' })).toBeTruthy()
  expect([screen.queryByRole('table'), screen.queryByRole('figure')]).toEqual([null, null])
})

test('what it is held against is chosen, and read from any address', async () => {
  const chosen = vi.fn()
  render(<GainsChoices asked={gainsAsked('last-sunday', '7')} onAsked={chosen} />)
  const window = screen.getByRole('combobox', { name: 'Monthly window' })
  expect(screen.getByRole('option', { name: 'last Sunday', selected: true })).toBeTruthy()
  fireEvent.change(window, { target: { value: 'first-monday' } })
  expect(screen.getByRole('option', { name: '7 minutes', selected: true })).toBeTruthy()
  fireEvent.change(screen.getByRole('combobox', { name: 'A boot takes' }), { target: { value: '30' } })
  expect(chosen.mock.calls).toEqual([[{ window: 'first-monday' }], [{ boot: '30' }]])
  const usual = { window: 'second-tuesday', bootMinutes: 10 }
  for (const [given, boot] of [
    [undefined, undefined],
    ['fifth-tuesday', '0'],
    ['<b>', '601'],
    ['', '-1'],
  ]) {
    expect(gainsAsked(given, boot)).toEqual(usual)
  }
})
