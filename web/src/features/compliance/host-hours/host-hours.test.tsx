// Goal: who looks at the host-hours of a CVE reads what they came to, where a fix was gone again, what is not known, and the same numbers
// in the table. Method: answers of the server's shape, by their text.
import type { HostHours } from '@rebootless/shared/contract/host-hours.ts'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, test } from 'vitest'
import { HoursTold } from './host-hours-part.tsx'
import { hoursDoubts, hoursSentence, hoursWord } from './hours-words.ts'
import { hostHoursQuery } from './queries.ts'

const NONE = { before_fix: 0, before_loaded: 0, in_transition: 0, gap: 0, unknown: 0, unjudged: 0 }
const told = (change: Partial<HostHours> = {}): HostHours => ({
  ...{ id: 'CVE-2024-1', from: '2026-03-01T00:00:00.000Z', to: '2026-03-03T12:00:00.000Z', disclosedOn: '2026-03-01' },
  ...{ knownSince: '2026-02-01T08:00:00.000Z', exposedHosts: 2, gapHostCount: 0, gapHosts: [] },
  hours: { ...NONE, before_fix: 30, before_loaded: 12, in_transition: 2, gap: 1.5 },
  ...{ hoursWithoutFix: 0, hoursOfUndatedFix: 0, fixAvailable: { first: '2026-03-02', last: '2026-03-02' } },
  days: [
    { day: '2026-03-01', ...NONE, before_fix: 24 },
    { day: '2026-03-02', ...NONE, before_fix: 6, before_loaded: 12, unjudged: 6, unknown: 1 },
    { day: '2026-03-03', ...NONE, in_transition: 2, gap: 1.5 },
  ],
  ...change,
})
const gapHost = (name: string, gaps: number): HostHours['gapHosts'][number] => ({
  host: { id: `00000000-0000-4000-8000-${name.padStart(12, '0')}`, name: `web-${name}`, origin: 'agent', labels: {} },
  ...{ removed: false, hours: 1.5 * gaps, gapCount: gaps },
  gaps: Array.from({ length: gaps }, (_, index) => ({
    ...{ from: `2026-03-0${index + 1}T00:00:00.000Z`, to: `2026-03-0${index + 1}T01:30:00.000Z` },
    ...{ goesOn: index === gaps - 1 && gaps > 1, hours: 1.5, inTransition: index === 0 },
  })),
})

const draw = async (content: ReactNode) => {
  const route = createRootRoute({ component: () => content })
  render(<RouterProvider router={createRouter({ routeTree: route, history: createMemoryHistory() })} />)
  await screen.findByText(/\bhost/, { selector: 'p' })
}
afterEach(cleanup)
/** Units never leave their numbers; here they may. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ')

test.each([
  [0, '0 h'],
  [0.02, '< 0.1 h'],
  [1.46, '1.5 h'],
  [9.98, '10 h'],
  [12_345.6, '12,346 h'],
])('%d hours read %s', (hours, word) => expect(plain(hoursWord(hours))).toBe(word))

test('the sentence tells the whole and its stages, and says less where there is less', () => {
  expect(plain(hoursSentence(told(), false))).toBe(
    'From its disclosure on Sun 1 Mar 2026 to now, 2 hosts were exposed for 46 host-hours in all: 30 h before a fix was available, 12 h until one was loaded, 2 h in transition and 1.5 h in gaps after a fix was gone again.',
  )
  const one = told({ from: '2026-03-02T00:00:00.000Z', exposedHosts: 1, hours: { ...NONE, before_loaded: 12 } })
  expect(plain(hoursSentence(one, true))).toBe(
    'From Mon 2 Mar 2026 to Tue 3 Mar 2026, 1 host was exposed for 12 host-hours in all: all 12 h until one was loaded.',
  )
  expect(hoursSentence(told({ hours: NONE }), false)).toMatch(/no host was exposed to it\.$/)
  expect(hoursSentence(told({ hours: { ...NONE, unknown: 4 } }), false)).toMatch(/as far as anybody can tell\.$/)
  expect(hoursSentence(told({ knownSince: null, hours: NONE }), false)).toMatch(
    /^No host that is meant here has been read/,
  )
})

test('what is not known is said, and nothing where all is', () => {
  expect(hoursDoubts(told({ hours: { ...NONE, before_loaded: 3 } }))).toEqual([
    'Nothing is known of a host before its first reading.',
    'Vendors date the fix Mon 2 Mar 2026.',
  ])
  const doubts = hoursDoubts(
    told({
      ...{ disclosedOn: null, fixAvailable: { first: '2026-03-02', last: '2026-03-04' } },
      ...{ hoursWithoutFix: 20, hoursOfUndatedFix: 5 },
      hours: { before_fix: 30, before_loaded: 12, in_transition: 2, gap: 0, unknown: 7, unjudged: 6 },
    }),
  ).map(plain)
  expect(doubts).toEqual([
    'No feed tells when it was disclosed, so every hour of the period counts.',
    'Nothing is known before Sun 1 Feb 2026, when the first of these hosts was read, nor of a host before its own first reading.',
    'Vendors date the fixes Mon 2 Mar 2026 to Wed 4 Mar 2026, by kernel.',
    'For 20 h no feed names a fix for the kernel, nor does the catalogue.',
    expect.stringMatching(/^Nobody dates the fix of 5 h/),
    expect.stringMatching(/^Whether a livepatch in transition/),
    expect.stringMatching(/^For 7 h nobody can tell/),
    expect.stringMatching(/^For 6 h hosts were known/),
  ])
})

test('the stages and the table twin say the same; hours of which nothing is known stand apart', async () => {
  await draw(<HoursTold told={told()} view="table" isPast={false} />)
  const stages = screen.getByLabelText('Stages')
  expect([...stages.querySelectorAll('dt')].map(({ textContent }) => textContent)).toEqual([
    ...['Before a fix', 'Until loaded', 'In transition', 'Gaps'],
  ])
  const rows = [...screen.getByLabelText('Host-hours by day').querySelectorAll('tr')]
  expect(rows.map((row) => plain([...row.children].map(({ textContent }) => textContent).join('|')))).toEqual([
    'Day (UTC)|Before a fix|Until loaded|In transition|Gaps|Exposed|Not known',
    'Tue 3 Mar 2026|0 h|0 h|2 h|1.5 h|3.5 h|0 h',
    'Mon 2 Mar 2026|6 h|12 h|0 h|0 h|18 h|7 h',
    'Sun 1 Mar 2026|24 h|0 h|0 h|0 h|24 h|0 h',
  ])
})

test('gaps name the host, when, and whether an upgrade went on; T04 a name stays text', async () => {
  const hostile = { ...gapHost('1', 1), host: { ...gapHost('1', 1).host, name: 'a\u202e<b>x' } }
  const many = [hostile, ...['2', '3', '4', '5'].map((name) => gapHost(name, 1)), gapHost('6', 5)]
  await draw(<HoursTold told={told({ gapHostCount: 60, gapHosts: many })} view="table" isPast={false} />)
  const list = screen.getByLabelText('Hosts that were exposed again')
  expect(screen.getByText(/on 60 hosts; the 6 with the most hours are listed/)).toBeTruthy()
  expect(list.textContent).not.toContain('\u202e')
  expect(list.textContent).toContain('<b>x')
  expect(list.querySelectorAll('a')).toHaveLength(5)
  expect(within(list).getAllByText(/with a livepatch in transition, as in an upgrade/)).toHaveLength(5)
  fireEvent.click(screen.getByText('Show 1 more'))
  const last = within(list).getByText('web-6').closest('li') as HTMLElement
  expect(last.textContent).toMatch(/^web-6.*Since .*no transition was seen; it goes on/)
  fireEvent.click(within(last).getByText('and 2 earlier gaps'))
  expect(last.querySelector('button')).toBeNull()
  expect(within(last).getAllByText(/1\.5.h/)).not.toHaveLength(0)
})

test('a period is so many whole days up to today, or to the day that is looked at', () => {
  const now = Date.parse('2026-03-10T15:00:00.000Z')
  const asked = (...of: Parameters<typeof hostHoursQuery>) => hostHoursQuery(...of).queryKey.at(-1)
  expect(asked('CVE-2024-1', { at: undefined, filter: '' }, 'all', now)).toEqual({})
  expect(asked('CVE-2024-1', { at: undefined, filter: 'label.env:prod' }, '30', now)).toEqual({
    ...{ filter: 'label.env:prod', from: '2026-02-09T00:00:00.000Z' },
  })
  expect(asked('CVE-2024-1', { at: '2026-03-01', filter: '' }, '30', now)).toEqual({
    ...{ from: '2026-01-31T00:00:00.000Z', to: '2026-03-01T23:59:59.999Z' },
  })
})

test('of one day no picture is drawn, which would only be a bar; the table tells it', async () => {
  const days = [{ day: '2026-03-01', ...NONE, before_fix: 24 }]
  await draw(<HoursTold told={told({ days })} view="picture" isPast={false} />)
  expect(screen.queryByRole('img')).toBeNull()
  expect(screen.getByText('The days are drawn from the second one on.')).toBeTruthy()
  cleanup()
  await draw(<HoursTold told={told({ days })} view="table" isPast={false} />)
  expect(within(screen.getByRole('table')).getAllByRole('row')).toHaveLength(2)
})
