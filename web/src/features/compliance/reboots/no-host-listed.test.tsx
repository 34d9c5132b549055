// Goal: an empty list of boots says why it is empty and how it is widened, and never calls it a mismatch when no host needs one; a
// CVE in a reason leads to its page. Method: drawn by itself; by role, name and text.
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { CveText } from '../cve-text.tsx'
import { ChosenBar } from './chosen-bar.tsx'
import { NoHostListed } from './no-host-listed.tsx'

const draw = async (content: ReactNode) => {
  const route = createRootRoute({ component: () => <main>{content}</main> })
  render(<RouterProvider router={createRouter({ routeTree: route, history: createMemoryHistory() })} />)
  return await screen.findByRole('main')
}
afterEach(cleanup)

const FILTER = 'name:web-1'

test.each([
  ['no host needs a boot', {}, 9, 'No host needs a boot', /^A host comes here/, []],
  [
    'none that the filter matches needs one',
    ...([{ filter: FILTER }, 1, 'No host needs a boot', /^None of those that the filter matches/] as const),
    ['Clear the filter'],
  ],
  [
    'the filter matches no host',
    { filter: FILTER },
    0,
    'No host matches',
    /matches the filter\.$/,
    ['Clear the filter'],
  ],
  ['no host is there', {}, 0, 'No host to tell of', /^Once an agent has read/, []],
  [
    'it is narrowed',
    ...([{ reason: 'cve_without_livepatch', plan: 'overdue' }, 9, 'No host matches'] as const),
    ...([/narrowed to: CVE without livepatch, overdue\.$/, ['Show all']] as const),
  ],
  [
    'it is narrowed and filtered',
    ...([{ filter: FILTER, reason: 'forced' }, 9, 'No host matches'] as const),
    ...([/narrowed to: forced; and by the filter\.$/, ['Show all', 'Clear the filter']] as const),
  ],
] as const)('%s', async (_name, asked, hosts, title, text, buttons) => {
  const onAll = vi.fn()
  const onEveryHost = vi.fn()
  await draw(<NoHostListed {...{ asked, hosts, onAll, onEveryHost }} />)
  expect(screen.getByRole('heading').textContent).toBe(title)
  expect(screen.getByText(text)).toBeTruthy()
  expect(screen.queryAllByRole('button').map(({ textContent }) => textContent)).toEqual(buttons)
  for (const button of screen.queryAllByRole('button')) fireEvent.click(button)
  expect([onAll.mock.calls.length, onEveryHost.mock.calls.length]).toEqual([
    buttons.some((word) => word === 'Show all') ? 1 : 0,
    buttons.some((word) => word === 'Clear the filter') ? 1 : 0,
  ])
})

test('the bar over an empty list leaves it to the list to say how it is widened', async () => {
  const bar = { hosts: [], chosen: new Set<string>(), onChosen: vi.fn(), onAct: undefined, onAll: vi.fn() }
  await draw(
    <>
      <ChosenBar {...bar} total={0} asked={{ reason: 'forced' }} />
      <ChosenBar {...bar} total={3} asked={{ reason: 'newer_kernel' }} />
    </>,
  )
  expect(screen.getAllByRole('status').map(({ textContent }) => textContent)).toEqual([
    '0 hosts: forced',
    '3 hosts: newer kernel',
  ])
  expect(screen.getAllByRole('button')).toHaveLength(1)
})

test('each CVE of a sentence leads to its page; what only looks like one, and what a host says, stay text', async () => {
  const said = 'The worst: CVE-2024-1086, CVE-2023-0266. XCVE-2024-10, CVE-2024-1 \u202e<b>x</b>'
  const main = await draw(<CveText value={said} max={500} />)
  expect(screen.getAllByRole('link').map((link) => link.getAttribute('href'))).toEqual([
    '/compliance/cves/CVE-2024-1086',
    '/compliance/cves/CVE-2023-0266',
  ])
  expect(main.textContent).toBe(said.replace('\u202e', '\\u202e'))
  expect(main.querySelector('b')).toBeNull()
})
