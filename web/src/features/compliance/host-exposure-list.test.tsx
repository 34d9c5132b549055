// Goal: what a CVE is to a host is told in words with its rule, its source and how sure it is, and a hostile feed's text stays text
// (threat-model T04). Method: rows of the server's shape, by role and name.
import type { HostExposureList } from '@rebootless/shared/contract/cves.ts'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, render, screen, within } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { HostExposureRows } from './host-exposure-list.tsx'
import { ReadFacts } from './read-facts.tsx'

const AT = '2026-11-26T12:00:00.000Z'
const row = (change: {
  cve?: Partial<HostExposureList['items'][number]['cve']>
  verdict?: Partial<HostExposureList['items'][number]['verdict']>
  exposure?: HostExposureList['items'][number]['exposure']
  acceptedUntil?: string
}): HostExposureList['items'][number] => ({
  cve: {
    ...{ id: 'CVE-2024-1086', title: 'nf_tables: use after free', severity: 'high', score: 7.8 },
    ...{ publishedOn: '2024-01-31', knownExploitedOn: null, rejected: false, ...change.cve },
  },
  exposure: change.exposure ?? 'exposed',
  verdict: {
    ...{ status: 'exposed', rule: 'vendor_fixed_version', by: '5.10.209-1', feed: 'Debian', document: 'tracker.json' },
    ...{ why: 'Debian fixed it in 5.10.209-1, and 5.10.205-2 runs.', fixAvailableOn: '2024-02-01', ...change.verdict },
  },
  since: AT,
  acceptedUntil: change.acceptedUntil ?? null,
})

const draw = async (items: HostExposureList['items'], doubts: HostExposureList['doubts'] = []) => {
  const route = createRootRoute({
    component: () => (
      <>
        <HostExposureRows items={items} doubts={doubts} readAt={AT} />
        <ReadFacts evidence={{ readAt: AT, facts: FACTS }} />
      </>
    ),
  })
  render(<RouterProvider router={createRouter({ routeTree: route, history: createMemoryHistory() })} />)
  return await screen.findByRole('list', { name: 'CVEs of this host' })
}
const FACTS = {
  ...{ release: '5.10.0-27-amd64', version: '#1 SMP Debian 5.10.205-2', architecture: 'x86_64' },
  ...{ operatingSystem: { id: 'debian', versionId: '11' }, effectiveKernel: null, livepatches: [] },
  ...{ livepatchPackages: null, installedKernels: ['5.10.0-27-amd64', '5.10.0-28-amd64'] },
}
afterEach(cleanup)

test('why, by which rule, by whose word, by what, and that nothing is in doubt', async () => {
  const text = (await draw([row({})])).textContent ?? ''
  expect(text).toContain('Exposed')
  expect(text).toContain('Debian fixed it in 5.10.209-1, and 5.10.205-2 runs.')
  expect(text).toContain(
    'The vendor names the first version of the package with the fix; the running one is compared with it.',
  )
  expect(text).toContain('Debian, tracker.json; the fix exists since 2024-02-01')
  expect(text).toContain('Nothing of this host is in doubt.')
  expect(screen.getByLabelText('What the agent read').textContent).toContain('Livepatches in effectnone')
})

test('what lowers the certainty is said, and so is an exception', async () => {
  const doubt = { doubt: 'forced', why: 'lp_fix was forced since the last boot.' } as const
  const list = await draw([row({ exposure: 'accepted', acceptedUntil: AT })], [doubt])
  expect(within(list).getByText('lp_fix was forced since the last boot.')).toBeTruthy()
  expect(list.textContent).toContain('An exception accepts it until 26 Nov 2026; without one it would be exposed.')
})

test('a verdict without a feed says whose word it is', async () => {
  const list = await draw([row({ verdict: { rule: 'livepatch_tool', feed: null, document: null } })])
  expect(list.textContent).toContain('By whose wordthe host’s own tool')
})

test('T04 text of a feed stays text, and only https is a link', async () => {
  const hostile = '<img src=x onerror=1>\u202egnp'
  const list = await draw([
    row({ cve: { title: hostile }, verdict: { feed: hostile, document: 'javascript:alert(1)', why: hostile } }),
    row({ cve: { id: 'CVE-2024-1' }, verdict: { document: 'https://security-tracker.debian.org/x' } }),
  ])
  expect(list.querySelector('img')).toBeNull()
  expect(list.innerHTML.includes('\u202e')).toBe(false)
  const links = within(list).getAllByRole('link')
  const addresses = links.map((link) => link.getAttribute('href')).filter((href) => !href?.startsWith('/compliance'))
  expect(addresses).toEqual(['https://security-tracker.debian.org/x'])
})
