// Goal: a wave's transitions can be read and heard: what is left, what blocks it and on which hosts, and why there is no
// estimate. Method: answers of the server put into the cache, by role and name.
import type { BlockingGroup, WaveTransition as Transition } from '@rebootless/shared/contract/rollout-transition.ts'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, test } from 'vitest'
import { rolloutTransitionQuery } from '../queries.ts'
import type { TransitionView } from './transition-view.ts'
import { WaveTransition } from './wave-transition.tsx'

const ROLLOUT = '00000000-0000-4000-8000-000000000001'
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()
const group = (change: Partial<BlockingGroup> = {}): BlockingGroup => ({
  ...{ key: 'k1', comm: 'rsync', isFamily: false, kernelThread: false, unit: 'backup.service' },
  ...{ wchan: 'rpc_wait', heldFunction: 'nfs4_open', reason: 'killable_sleep', explanation: 'It waits for a server.' },
  stack: [{ function: 'nfs4_open', offset: '0x1/0x2', module: 'nfsv4', held: true }],
  advice: [{ action: 'wait', recommended: true, possible: true, text: 'It ends when the server answers.' }],
  ...{ hostCount: 2, taskCount: 3, since: ago(125), filter: 'state:stalled blocking:rsync' },
  hosts: [
    { id: '00000000-0000-4000-8000-00000000000a', name: 'web-1', since: ago(125) },
    { id: '00000000-0000-4000-8000-00000000000b', name: 'web-2', since: ago(65) },
  ],
  ...change,
})
const answer = (change: Partial<Transition> = {}): Transition => ({
  target: 'patching',
  hosts: { total: 10, waiting: 4, inTransition: 3, stalled: 2, notHeard: 0, done: 3, others: 0 },
  tasks: { total: 900, left: 41 },
  points: [
    { at: ago(3), tasksLeft: 900, hostsInTransition: 3 },
    { at: ago(2), tasksLeft: 41, hostsInTransition: 3 },
    { at: ago(1), tasksLeft: 41, hostsInTransition: 3 },
    { at: ago(0), tasksLeft: 41, hostsInTransition: 3 },
  ],
  ...{ tasksPerSecond: 12, hostsPerMinute: null },
  estimate: { earliest: null, latest: null, hosts: 0, unknownHosts: 7, condition: 'No estimate for 2 hosts stalled.' },
  ...{ sentence: '3 hosts in transition.', blocking: [group()], blockingGroupTotal: 1, stalledHostsRead: 2 },
  asOf: ago(0),
  ...change,
})
/** Stands for the page, whose address holds how it is shown. */
const Shown = ({ begun }: { begun: TransitionView }) => {
  const [search, setSearch] = useState(begun)
  const change = (next: TransitionView) => setSearch((before) => ({ ...before, ...next }))
  return <WaveTransition rolloutId={ROLLOUT} wave={1} onChange={change} {...search} />
}
const shown = async (transition: Transition, begun: TransitionView = {}) => {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  client.setQueryData(rolloutTransitionQuery(ROLLOUT, 1).queryKey, transition)
  const route = createRootRoute({ component: () => <Shown begun={begun} /> })
  const router = createRouter({ routeTree: route, history: createMemoryHistory() })
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  )
  await screen.findByRole('heading', { name: 'Transitions of wave 2' })
}

test('figures, the reason for no estimate, and the cause with its hosts', async () => {
  await shown(answer())
  const figures = screen.getByRole('complementary', { name: 'Figures of the transitions' })
  expect(figures.textContent).toMatch(/41 of 900 tasks.*Stalled2.*Done3 of 10.*12 a second.*no estimate/)
  expect(screen.getByText('No estimate for 2 hosts stalled.')).toBeTruthy()
  const row = screen.getByRole('button', {
    name: /rsync\s*backup\.service\s*nfs4_open\s*2\s*hosts\s*3\s*tasks\s*2.min/,
  })
  expect(row.getAttribute('aria-expanded')).toBe('true')
  expect(screen.getByRole('link', { name: 'web-2' }).getAttribute('href')).toBe(
    '/hosts/00000000-0000-4000-8000-00000000000b?tab=transition',
  )
})

test('a cause folds, and stays folded', async () => {
  await shown(answer())
  await userEvent.setup().click(screen.getByRole('button', { name: /rsync/ }))
  expect(screen.getByRole('button', { name: /rsync/ }).getAttribute('aria-expanded')).toBe('false')
  expect(screen.queryByText('It waits for a server.')).toBeNull()
})

test('an address that names a cause opens it, and one that is gone leaves the first open', async () => {
  const both = answer({ blocking: [group(), group({ key: 'k2', comm: 'postgres' })] })
  const isOpen = (name: RegExp) => screen.getByRole('button', { name }).getAttribute('aria-expanded')
  await shown(both, { cause: 'k2' })
  expect([isOpen(/rsync/), isOpen(/postgres/)]).toEqual(['false', 'true'])
  cleanup()
  await shown(both, { cause: 'k3' })
  expect([isOpen(/rsync/), isOpen(/postgres/)]).toEqual(['true', 'false'])
})

test('the table says what the curve shows', async () => {
  await shown(answer())
  await userEvent.setup().click(screen.getByRole('radio', { name: 'Table' }))
  const rows = within(screen.getByRole('table')).getAllByRole('row').slice(1)
  expect(rows.map((row) => within(row).getAllByRole('cell')[2]?.textContent)).toEqual(['900', '41', '41'])
})

test('nothing seen says so, and where more was found than is shown that is said', async () => {
  await shown(answer({ points: [], hosts: { ...answer().hosts, inTransition: 0, stalled: 0 }, blocking: [] }))
  expect(screen.getByText(/None was seen/)).toBeTruthy()
})

test('of very many stalled hosts it says how many were read', async () => {
  await shown(answer({ hosts: { ...answer().hosts, stalled: 5000 }, stalledHostsRead: 250, blockingGroupTotal: 70 }))
  expect(screen.getByText(/70 causes, the first 1 shown, of the 250 hosts that wait longest, of 5,000/)).toBeTruthy()
})

test('T04 names of hosts, tasks and units are text', async () => {
  await shown(answer({ blocking: [group({ comm: '<b>x\u202e', unit: '<i>', stack: null })] }))
  expect(screen.getByRole('button', { name: /<b>x\\u202e\s*<i>/ })).toBeTruthy()
  expect(screen.getByText(/The stack could not be read/)).toBeTruthy()
})
