// Goal: the tab says what a system says, what it keeps to itself, and who contradicts whom. Method: one host whose report
// has everything, drawn and read as a person would; the raw files from the cache.
import type { HostDetail, HostRaw } from '@rebootless/shared/contract/host.ts'
import type { ProviderPatch } from '@rebootless/shared/contract/provider.ts'
import { absentProvider, type ProviderFindings, providerReport } from '@rebootless/shared/domain/provider-report.ts'
import type { ProviderName } from '@rebootless/shared/domain/words.ts'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, test } from 'vitest'
import { queryKeys } from '../../../api/query-keys.ts'
import ProviderTab from './provider-tab.tsx'

const AT = '2026-11-24T23:54:24.120Z'
const patch = (facts: Partial<ProviderPatch>): ProviderPatch => ({
  ...{
    id: 'a1b2c3d4',
    name: 'CVE-2025-38477: Use-after-free in QFQ.',
    version: null,
    target: 'kernel',
    state: 'applied',
  },
  ...{ stateText: null, cves: ['CVE-2025-38477'], livepatch: null, atNextBoot: null, protects: true, withdrawn: false },
  ...facts,
})
const many = Array.from({ length: 30 }, (_, index) => `CVE-2025-${40_000 + index}`)

const host = (findings: Partial<ProviderFindings>, facts: Partial<HostDetail> = {}, name: ProviderName = 'ksplice') =>
  ({
    ...{
      id: 'h1',
      kernelRelease: '5.15.0-300.el9uek.x86_64',
      kernel: {},
      disagreements: [],
      distribution: null,
      stack: [],
    },
    providers: [name, 'livepatch'],
    rebootNeed: { answer: 'unknown', reason: 'Nothing tells.' },
    providerReports: [
      providerReport('livepatch', { detail: 'No livepatch is in.' }),
      providerReport(name, { detail: 'Two updates are in.', active: true, ...findings }),
    ],
    ...facts,
  }) as unknown as HostDetail

const draw = (given: HostDetail, files: HostRaw['files'] = []) => {
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } } })
  cache.setQueryData<HostRaw>(queryKeys.hostRaw('h1'), { files, readAt: AT, asOf: AT })
  render(
    <QueryClientProvider client={cache}>
      <ProviderTab host={given} />
    </QueryClientProvider>,
  )
  const [first = document.body] = screen.getAllByRole('article')
  return within(first)
}
afterEach(cleanup)
const part = (article: ReturnType<typeof within>, name: string) => within(article.getByRole('group', { name }))

describe('the provider tab', () => {
  test('the system that does the work comes first, with effective and running kernel, coverage and access', () => {
    const article = draw(
      host({
        ...{
          version: '1.2.80',
          effectiveKernel: '5.15.0-318.el9uek',
          coverage: 'supported',
          coverageUntil: '2027-03-31',
        },
        ...{ access: 'expired', accessDetail: 'Your subscription has expired.', checkedAt: AT },
      }),
    )
    expect(article.getByRole('heading', { level: 3 }).textContent).toBe('Ksplice (Uptrack)')
    for (const text of [
      '5.15.0-318.el9uek',
      '5.15.0-300.el9uek.x86_64',
      'supported, until 31 Mar 2027',
      'expired',
      'Your subscription has expired.',
    ])
      expect(article.getByText(text)).toBeTruthy()
  })

  test('patches bear their marks; what is patched in programs stands apart', () => {
    const article = draw(
      host({
        patches: [
          patch({}),
          patch({ id: 'e1', name: 'Enablement update.', cves: [], protects: false, atNextBoot: true }),
          patch({ id: 'w1', name: 'Withdrawn one.', withdrawn: true, cves: ['CVE-2025-1111'] }),
          patch({ id: 'u1', name: 'glibc', target: 'user_space', cves: ['CVE-2025-2222'] }),
        ],
      }),
    )
    const kernel = part(article, 'Patches of the kernel')
    expect(kernel.getByText('3 patches, 3 in effect, 2 CVEs fixed')).toBeTruthy()
    expect(kernel.getByText('fixes nothing')).toBeTruthy()
    expect(kernel.getByText('withdrawn')).toBeTruthy()
    expect(kernel.getByText('comes back with the next boot', { exact: false })).toBeTruthy()
    expect(kernel.queryByText('CVE-2025-2222')).toBeNull()
    expect(part(article, 'Patches of running programs').getByText('CVE-2025-2222')).toBeTruthy()
  })

  test('a long list of CVEs is folded until asked for', async () => {
    const article = draw(host({ patches: [patch({ cves: many })] }, {}, 'kernelcare'))
    expect(article.queryByText('CVE-2025-40029')).toBeNull()
    await userEvent.setup().click(article.getByRole('button', { name: 'Show 18 more CVEs' }))
    expect(article.getByText('CVE-2025-40029')).toBeTruthy()
  })

  test('what is offered is an ordered list in which an id may come twice', () => {
    const step = { id: 'iw8wjvh1', name: 'CVE-2025-38477: QFQ.', cves: [] }
    const article = draw(
      host({
        steps: [
          { action: 'remove', ...step },
          { action: 'install', ...step },
        ],
      }),
    )
    const offered = part(article, 'Offered')
    expect(offered.getByText('2 steps in this order, 1 removal among them')).toBeTruthy()
    expect(offered.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
      '1Removeiw8wjvh1 CVE-2025-38477: QFQ.',
      '2Installiw8wjvh1 CVE-2025-38477: QFQ.',
    ])
  })

  test.each([
    [{ steps: [] }, 'Nothing: '],
    [{ behind: true }, 'Newer patches exist.'],
    [{ behind: false }, 'Nothing: '],
    [{}, 'Not known: '],
  ] as const)('unknown is not said to be nothing: %j', (findings, begins) => {
    const article = draw(host(findings as Partial<ProviderFindings>))
    expect(part(article, 'Offered').getByRole('paragraph').textContent).toMatch(new RegExp(`^${begins}`))
  })

  test.each([
    ['klp', {}, 'Not known: this host has no stored answer of the vendor.'],
    ['kernelcare', { troubles: [{ source: 'kcarectl', code: 5, text: 'no' }] }, 'what went wrong stands above.'],
    ['canonical', { checkedAt: AT, inProgress: true }, 'Not known: the tool does not say it now.'],
    ['kpatch', {}, 'Not known: this host has no stored answer of the vendor.'],
  ] as const)('why it is not known what %s offers', (name, findings, words) => {
    const article = draw(host(findings as unknown as Partial<ProviderFindings>, {}, name))
    expect(part(article, 'Offered').getByText(words, { exact: false })).toBeTruthy()
  })

  test('a step tells the CVEs that its name does not', () => {
    const steps = [
      { action: 'install', id: 'kernel-livepatch-1.0', name: 'kernel-livepatch-1.0', cves: ['CVE-2023-1'] },
    ]
    expect(part(draw(host({ steps } as ProviderFindings)), 'Offered').getByText('CVE-2023-1')).toBeTruthy()
  })

  test('what goes in is counted apart, and what is on disk alone does not come back', () => {
    const kernel = part(
      draw(
        host({
          patches: [
            patch({ state: 'patching' }),
            patch({ id: 'kpatch_2', name: 'kpatch_2', livepatch: 'kpatch_2', state: 'not_loaded', atNextBoot: true }),
          ],
        }),
      ),
      'Patches of the kernel',
    )
    expect(kernel.getByText('2 patches, 0 in effect, 1 going in, 0 CVEs fixed')).toBeTruthy()
    expect(kernel.getByText('loads with the next boot')).toBeTruthy()
    expect(kernel.queryByText(/comes back|livepatch kpatch_2/)).toBeNull()
  })

  test('patches that could not be read are not said to be none', () => {
    expect(part(draw(host({ patches: null })), 'Patches').getByText(/could not be read/)).toBeTruthy()
  })

  test('says what the system does not reveal, by its declaration', () => {
    const hidden = part(draw(host({})), 'What this system does not reveal')
    expect(hidden.getByText('Functions replaced')).toBeTruthy()
    expect(hidden.getByText('Ksplice does not say which functions an update replaces.')).toBeTruthy()
  })

  test('two accounts that disagree stand side by side with why', () => {
    draw(
      host(
        {},
        {
          disagreements: [
            {
              provider: 'kpatch',
              subject: 'kpatch_1',
              says: 'It is loaded.',
              sysfsSays: 'It is not there.',
              why: 'Somebody unloaded it.',
            },
          ],
        },
      ),
    )
    const note = within(screen.getByRole('region', { name: 'Why do these disagree?' }))
    for (const text of ['What kpatch says', 'It is loaded.', 'It is not there.', 'Somebody unloaded it.'])
      expect(note.getByText(text)).toBeTruthy()
  })

  test('T04 what the tool printed is there word for word, with command and exit code, and as text', () => {
    const printed = 'Installed updates:\n\u001b[31m<img src=x>\u202e\n'
    const file = { content: printed, errno: null, truncated: false, provider: 'ksplice' }
    const article = draw(host({ troubles: [{ source: 'uptrack-show', code: 1, text: 'no\u001b[0m' }] }), [
      { ...file, path: '/usr/sbin/uptrack-show --available', exitCode: 1 },
      { ...file, path: '/proc/version', provider: 'kernelcare' },
    ])
    const words = part(article, 'What it said, word for word')
    expect(words.getByText('/usr/sbin/uptrack-show --available')).toBeTruthy()
    expect(words.getByText(/exit code 1/)).toBeTruthy()
    expect(words.queryByText('/proc/version')).toBeNull()
    expect(document.querySelector('pre')?.textContent).toBe('Installed updates:\n\\x1b[31m<img src=x>\\u202e\n')
    expect(document.querySelector('img')).toBeNull()
    expect(part(article, 'What went wrong').getByText('exit code 1')).toBeTruthy()
  })

  test('a host without any system says what was looked for, and what of it is not there', () => {
    const absent = absentProvider('livepatch', '/sys/kernel/livepatch is missing.')
    const cache = new QueryClient()
    render(
      <QueryClientProvider client={cache}>
        <ProviderTab host={host({}, { providers: [], providerReports: [absent] })} />
      </QueryClientProvider>,
    )
    expect(screen.getByRole('heading', { name: 'No live patching system was found' })).toBeTruthy()
    expect(screen.getByText('/sys/kernel/livepatch is missing.')).toBeTruthy()
  })
})
