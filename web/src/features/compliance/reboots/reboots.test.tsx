// Goal: who looks sees why each host needs a boot, what can wait, and which plans are overdue; who plans sends what the dialog shows; the
// calendar and its table say the same. Method: answers of the server's shape, by role and name; the wire is a function of the test.
import type { RebootDay, RebootDebtHost, RebootDebtList } from '@rebootless/shared/contract/reboot-debt.ts'
import { REBOOT_REASONS } from '@rebootless/shared/domain/reboot-debt/reboot-debt-words.ts'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ChosenBar } from './chosen-bar.tsx'
import { DayTable } from './day-table.tsx'
import { DebtHead, ReasonsPart } from './debt-head.tsx'
import { DebtRows } from './debt-rows.tsx'
import { monthAfter, weeksOf } from './month-days.ts'
import { MonthGrid } from './month-grid.tsx'
import { PlanDialog } from './plan-dialog.tsx'

const ID = '00000000-0000-4000-8000-00000000000'
const host = (number: number, change: Partial<RebootDebtHost> = {}): RebootDebtHost => ({
  ...{ id: `${ID}${number}`, name: `web-${number}`, origin: 'agent', labels: {}, kernelRelease: '6.12.1' },
  ...{ answer: 'yes', coverageUntil: null, plan: null, bootedAt: null, readAt: null },
  reasons: [
    {
      ...{ reason: 'cve_on_disk', answer: 'yes', since: '2026-11-20T00:00:00.000Z', sinceIs: 'told' },
      why: '4 CVEs are open, and an installed kernel that does not run has the fixes.',
      cves: { worst: ['CVE-2024-1', 'CVE-2024-2', 'CVE-2024-3', 'CVE-2024-4'], count: 4 },
    },
  ],
  ...change,
})
const planned = (on: string, overdue: boolean): RebootDebtHost['plan'] => ({
  ...{ id: `${ID}9`, on, owner: 'web team', reason: 'kernel update', setBy: 'ann', setAt: '2026-11-20T00:00:00.000Z' },
  overdue,
})

const draw = async (content: ReactNode) => {
  const route = createRootRoute({ component: () => content })
  const router = createRouter({
    routeTree: route,
    history: createMemoryHistory({ initialEntries: ['/compliance/reboots'] }),
  })
  render(
    <QueryClientProvider client={new QueryClient()}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  )
  await waitFor(() => expect(document.body.textContent).not.toBe(''))
}
beforeEach(() => {
  // jsdom has no dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true
  }
  HTMLDialogElement.prototype.close ??= () => undefined
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

test('each host tells its reasons, since when, its CVEs and its plan; T04 what it says stays text', async () => {
  await draw(
    <DebtRows
      hosts={[
        host(1, { plan: planned('2026-11-24', true) }),
        host(2, {
          ...{ name: '<b>\u202egnp', answer: 'yes_but_covered' },
          reasons: [
            {
              ...{ reason: 'newer_kernel', answer: 'yes_but_covered', since: '2026-11-20T00:00:00.000Z' },
              ...{ sinceIs: 'seen', why: 'A newer kernel, <i>x</i>, is installed.', cves: null },
            },
          ],
        }),
      ]}
      chosen={new Set()}
      onChoose={() => undefined}
    />,
  )
  const list = await screen.findByRole('list', { name: 'Hosts that need a boot' })
  const [first, second] = [...list.children].map((item) => item.textContent ?? '')
  for (const words of [
    'web-1',
    'Reboot needed',
    'CVE fixed on disk',
    'The worst: CVE-2024-1',
    'Tue 24 Nov 2026, overdue',
    'web team',
  ]) {
    expect(first).toContain(words)
  }
  expect(first).not.toContain('at least')
  for (const words of ['Reboot can wait', 'Newer kernel', 'at least', '<i>x</i>', 'no date'])
    expect(second).toContain(words)
  expect(list.querySelector('b, i')).toBeNull()
  expect(list.innerHTML.includes('\u202e')).toBe(false)
})

const LIST: RebootDebtList = {
  sentence: '3 of 9 hosts need a boot.',
  counts: {
    hosts: 9,
    byAnswer: { yes: 3, yes_but_covered: 2, no: 4, unknown: 0 },
    byReason: REBOOT_REASONS.map((reason) => ({
      reason,
      ...(reason === 'newer_kernel' ? { hosts: 5, covered: 2 } : { hosts: reason === 'forced' ? 1 : 0, covered: 0 }),
    })),
    plans: { planned: 2, overdue: 1, unplanned: 1 },
  },
  ...{ items: [], nextCursor: null, total: 5, asOf: '2026-11-27T00:00:00.000Z' },
}

test('numbers lead to their hosts, the one that is shown leads back, and noughts lead nowhere', async () => {
  await draw(
    <>
      <DebtHead list={LIST} asked={{ answer: 'yes' }} />
      <ReasonsPart counts={LIST.counts} asked={{ answer: 'yes' }} />
    </>,
  )
  const link = async (name: string) => (await screen.findByRole('link', { name })).getAttribute('href')
  expect(await link('2 can wait')).toBe('/compliance/reboots?answer=yes_but_covered')
  expect(await link('1 overdue')).toBe('/compliance/reboots?plan=overdue')
  expect(await link('3 needed')).toBe('/compliance/reboots')
  expect(screen.queryByRole('link', { name: /not known/ })).toBeNull()
  const reasons = within(screen.getByRole('list', { name: 'Reasons' })).getAllByRole('listitem')
  expect(reasons.map(({ textContent }) => textContent)).toEqual(['5 × Newer kernel2 can wait', '1 × Forced'])
  expect(await link('1 × Forced')).toBe('/compliance/reboots?reason=forced')
})

test.each([
  ['some of them by name', new Set([`${ID}1`]), 'Plan this one…', { ids: [`${ID}1`] }, 1],
  ['all that the list holds', new Set<string>(), 'Plan all 5…', { filter: 'label.env:prod', reason: 'forced' }, 5],
])('what is meant: %s', async (_name, chosen, button, hosts, count) => {
  const onAct = vi.fn()
  const asked = { filter: 'label.env:prod', reason: 'forced' as const }
  const rows = [host(1, { plan: planned('2026-12-24', false) }), host(2)]
  await draw(
    <ChosenBar
      hosts={rows}
      total={5}
      {...{ asked, chosen, onAct }}
      onChosen={() => undefined}
      onAll={() => undefined}
    />,
  )
  fireEvent.click(await screen.findByRole('button', { name: button }))
  expect(onAct).toHaveBeenLastCalledWith('plan', { hosts, count, owner: chosen.size === 1 ? 'web team' : '' })
  fireEvent.click(screen.getByRole('button', { name: 'Take plans back…' }))
  expect(onAct).toHaveBeenLastCalledWith('cancel', expect.objectContaining({ hosts }))
})

test('whoever only looks chooses no host and plans nothing', async () => {
  await draw(
    <>
      <ChosenBar
        hosts={[host(1)]}
        total={1}
        asked={{}}
        chosen={new Set()}
        onChosen={() => undefined}
        onAct={undefined}
        onAll={undefined}
      />
      <DebtRows hosts={[host(1)]} chosen={new Set()} onChoose={undefined} />
    </>,
  )
  await screen.findByText('web-1')
  expect(screen.queryByRole('checkbox')).toBeNull()
  expect(screen.queryByRole('button')).toBeNull()
})

const answering = (status: number, body: object) => {
  const sent: unknown[] = []
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    sent.push([init.method, path, JSON.parse(String(init.body))])
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } })
  })
  return sent
}
const MEANT = { hosts: { ids: [`${ID}1`] }, count: 1, owner: '' }

test('the dialog says what is missing, then sends day, owner and reason', async () => {
  const sent = answering(200, { hosts: 1 })
  const onDone = vi.fn()
  await draw(<PlanDialog meant={MEANT} act="plan" onDone={onDone} onClose={() => undefined} />)
  const plan = await screen.findByRole('button', { name: 'Plan it' })
  fireEvent.change(screen.getByLabelText('Day'), { target: { value: '2020-01-01' } })
  fireEvent.click(plan)
  expect(sent).toEqual([])
  for (const words of ['That day is over', 'Say who boots them.', 'Say why.'])
    expect(document.body.textContent).toContain(words)
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10)
  fireEvent.change(screen.getByLabelText('Day'), { target: { value: day } })
  fireEvent.change(screen.getByRole('textbox', { name: 'Owner' }), { target: { value: ' web team ' } })
  fireEvent.change(screen.getByRole('textbox', { name: 'Reason' }), { target: { value: 'kernel update' } })
  fireEvent.click(plan)
  await waitFor(() => expect(onDone).toHaveBeenCalledOnce())
  const body = { hosts: MEANT.hosts, plan: { on: day, owner: 'web team' }, reason: 'kernel update' }
  expect(sent).toEqual([['PUT', '/api/v1/reboot-debt/plans', body]])
})

test('plans that are taken back are sent as none, and a refusal is shown where the person acted', async () => {
  const detail = 'None of these hosts has a plan.'
  const sent = answering(409, {
    type: '/problems/action_refused',
    status: 409,
    title: 'Refused',
    detail,
    requestId: 'r-1',
  })
  const onDone = vi.fn()
  await draw(<PlanDialog meant={MEANT} act="cancel" onDone={onDone} onClose={() => undefined} />)
  fireEvent.change(await screen.findByRole('textbox', { name: 'Reason' }), { target: { value: 'sold' } })
  fireEvent.click(screen.getByRole('button', { name: 'Take them back' }))
  expect((await screen.findByRole('alert')).textContent).toContain(detail)
  expect(sent).toMatchObject([['PUT', '/api/v1/reboot-debt/plans', { plan: null, reason: 'sold' }]])
  expect(onDone).not.toHaveBeenCalled()
})

const DAYS: RebootDay[] = [
  { day: '2026-11-24', open: 2, done: 1, coverageEnds: 0 },
  { day: '2026-11-30', open: 3, done: 0, coverageEnds: 4 },
]
test('the month and its table tell the same days, and what is overdue', async () => {
  await draw(
    <>
      <MonthGrid
        weeks={weeksOf('2026-11')}
        month="2026-11"
        today="2026-11-27"
        day={undefined}
        days={DAYS}
        busy={false}
      />
      <DayTable days={DAYS} today="2026-11-27" month="November 2026" />
    </>,
  )
  const links = (await screen.findAllByRole('link')).map((link) => [link.textContent, link.getAttribute('href')])
  expect(links).toEqual([
    ['2 overdue for Tue 24 Nov 2026', '/compliance/reboots?day=2026-11-24'],
    ['3 planned for Mon 30 Nov 2026', '/compliance/reboots?day=2026-11-30'],
    ['Tue 24 Nov 2026', '/compliance/reboots?day=2026-11-24'],
    ['Mon 30 Nov 2026', '/compliance/reboots?day=2026-11-30'],
  ])
  const [, table] = screen.getAllByRole('table')
  const rows = within(table as HTMLElement)
    .getAllByRole('row')
    .map((row) => [...row.children].map(({ textContent }) => textContent))
  expect(rows.slice(1)).toEqual([
    ['Tue 24 Nov 2026', '2 overdue', '1', '0'],
    ['Mon 30 Nov 2026', '3', '0', '4'],
  ])
})

test('months are whole weeks from Monday on, over the ends of years and leap days', () => {
  expect(weeksOf('2026-11').map(([monday]) => monday)).toEqual([
    ...['2026-10-26', '2026-11-02', '2026-11-09', '2026-11-16', '2026-11-23', '2026-11-30'],
  ])
  expect(weeksOf('2027-02').map((week) => [week[0], week.at(-1)])).toEqual([
    ...[
      ['2027-02-01', '2027-02-07'],
      ['2027-02-08', '2027-02-14'],
      ['2027-02-15', '2027-02-21'],
      ['2027-02-22', '2027-02-28'],
    ],
  ])
  expect(weeksOf('2028-02').flat()).toContain('2028-02-29')
  expect([monthAfter('2026-12'), monthAfter('2026-01', -1)]).toEqual(['2027-01', '2025-12'])
})
