// Goal: who looks at reports sees when each is due, where it goes and what became of it, and the form sends what it shows and nothing
// that a channel cannot take. Method: rows of the server's shape, by role and name.
import type { Channel } from '@rebootless/shared/contract/channels.ts'
import type { Report } from '@rebootless/shared/contract/reports.ts'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { ReportForm } from './report-form.tsx'
import { ReportRows } from './report-list.tsx'
import { scheduleText } from './report-words.ts'

const ID = '00000000-0000-4000-8000-00000000000a'
const channel = (kind: Channel['kind'], name: string): Channel => ({
  ...{
    id: `${ID.slice(0, -2)}${name.length}0`,
    kind,
    name,
    address: 'https://hook.example',
    hasToken: false,
    mail: null,
  },
  ...{ events: { decisions: 'all', auditHeads: null }, scope: null, user: null, pages: null, enabled: true },
  ...{
    offBecause: null,
    publicKey: null,
    createdBy: 'ann',
    createdAt: '2026-11-26T12:00:00.000Z',
    waiting: 0,
    dead: 0,
  },
  ...{ lastDeliveredAt: null, failing: null },
})
const MAIL = channel('smtp', 'the team')
const SLACK = channel('slack', 'ops')
const GRAFANA = channel('grafana', 'graphs of us')
const report = (change: Partial<Report> = {}): Report => ({
  ...{ id: ID, name: 'Weekly', filter: '', attachCsv: true, enabled: true, createdBy: 'ann' },
  schedule: { kind: 'weekly', weekday: 1, hour: 8, timeZone: 'Europe/Berlin' },
  channel: { id: MAIL.id, name: MAIL.name, kind: 'smtp', enabled: true },
  ...{ createdAt: '2026-11-26T12:00:00.000Z', nextAt: '2026-11-30T07:00:00.000Z', last: null, ...change },
})

const draw = async (content: ReactNode) => {
  const route = createRootRoute({ component: () => content })
  render(<RouterProvider router={createRouter({ routeTree: route, history: createMemoryHistory() })} />)
}
afterEach(cleanup)

test.each([
  [{ kind: 'weekly', weekday: 7, hour: 0, timeZone: 'UTC' }, 'Sundays at 00:00 UTC'],
  [{ kind: 'monthly', day: 1, hour: 8, timeZone: 'UTC' }, 'The 1st of each month at 08:00 UTC'],
  [{ kind: 'monthly', day: 12, hour: 8, timeZone: 'Asia/Tokyo' }, 'The 12th of each month at 08:00 in Asia/Tokyo'],
  [{ kind: 'monthly', day: 31, hour: 8, timeZone: 'UTC' }, 'The 31st of each month at 08:00 UTC'],
] as const)('%o is in words', (schedule, text) => expect(scheduleText(schedule)).toBe(text))

test('a report tells when, where to and what became of the last; T04 what it holds stays text', async () => {
  const last = {
    at: '2026-11-23T09:00:00.000Z',
    period: '2026-W48',
    state: 'not sent',
    detail: 'The channel is off.',
  } as const
  await draw(
    <ReportRows
      reports={[
        report({ last: { ...last, lateSince: '2026-11-23T07:00:00.000Z' } }),
        report({ id: `${ID.slice(0, -1)}b`, name: '<b>\u202egnp', channel: null, nextAt: null }),
      ]}
    />,
  )
  const list = await screen.findByRole('list', { name: 'Reports' })
  const [first, second] = [...list.children].map((item) => item.textContent ?? '')
  for (const words of [
    'Mondays at 08:00 in Europe/Berlin',
    'the team',
    'Mail',
    'with CSV',
    'Not sent',
    'for 2026-W48, late',
  ]) {
    expect(first).toContain(words)
  }
  expect(first).toContain('The channel is off.')
  expect(second).toContain('its channel was deleted')
  expect(second).toContain('off')
  expect(list.querySelector('b')).toBeNull()
  expect(list.innerHTML.includes('\u202e')).toBe(false)
})

test('the form offers channels that take reports, a file with mail alone, and says what is missing', async () => {
  const onSend = vi.fn()
  const props = { channels: [MAIL, SLACK, GRAFANA], act: 'Add the report', pending: false, error: null, onSend }
  await draw(<ReportForm report={null} {...props} />)
  const field = await screen.findByRole('combobox', { name: 'Channel' })
  expect([...field.children].map(({ textContent }) => textContent)).toEqual([
    ...['Choose one', 'the team, Mail', 'ops, Slack'],
  ])
  const add = screen.getByRole('button', { name: 'Add the report' })
  fireEvent.click(add)
  expect(onSend).not.toHaveBeenCalled()
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Name' }))
  expect(screen.getByText('Choose where it goes.')).toBeTruthy()

  fireEvent.change(screen.getByRole('textbox', { name: 'Name' }), { target: { value: ' Weekly ' } })
  fireEvent.change(screen.getByRole('textbox', { name: 'Time zone' }), { target: { value: 'Europe/Berlin' } })
  fireEvent.change(field, { target: { value: MAIL.id } })
  fireEvent.click(screen.getByRole('checkbox', { name: /Attach what is open/ }))
  fireEvent.change(field, { target: { value: SLACK.id } })
  expect(screen.queryByRole('checkbox')).toBeNull()
  fireEvent.click(screen.getByRole('radio', { name: 'Every month' }))
  fireEvent.change(screen.getByRole('combobox', { name: 'Day' }), { target: { value: '31' } })
  fireEvent.click(add)
  expect(onSend).toHaveBeenCalledWith({
    ...{ name: 'Weekly', filter: '', channelId: SLACK.id, attachCsv: false },
    schedule: { kind: 'monthly', day: 31, hour: 8, timeZone: 'Europe/Berlin' },
  })
})
