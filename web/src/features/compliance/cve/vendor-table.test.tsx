// Goal: what distributions say can be read whole on a phone too, product by its name, status, version and whose word. Method: the
// same statements drawn at both widths; by role and text.
import { cleanup, render, screen, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import type { Said } from './statement-words.ts'

const said: Said<'vendor'> = {
  statement: {
    ...{ kind: 'vendor', cve: 'CVE-2024-1086', product: 'opensuse-leap-micro:5.3', package: 'kernel-default' },
    ...{ status: 'not_affected', reason: 'The code is not there\u202e.', fixedVersion: '5.14.21-1' },
    ...{ advisory: 'SUSE-SU-2024:0515-1', availableOn: '2024-02-15' },
  } as Said<'vendor'>['statement'],
  from: {
    ...{ feed: 'SUSE CSAF', document: 'SUSE-SU-2024:0515-1', publishedOn: '2025-01-20' },
    readAt: '2026-11-27T00:00:00.000Z',
  } as Said<'vendor'>['from'],
}
const WORDS = [
  ...['openSUSE Leap Micro 5.3', 'kernel-default', 'not affected', 'The code is not there\\u202e.', '5.14.21-1'],
  ...['SUSE-SU-2024:0515-1, 2024-02-15', 'SUSE CSAF', '2025-01-20'],
]

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.resetModules()
})

test.each([
  ['a phone: a list', true, 'listitem'],
  ['a desk: a table', false, 'row'],
] as const)('%s', async (_name, matches, role) => {
  vi.stubGlobal('matchMedia', () => ({ matches, addEventListener: () => {}, removeEventListener: () => {} }))
  const { VendorTable } = await import('./vendor-table.tsx')
  render(<VendorTable said={[said]} />)
  const all = within(screen.getByLabelText('Statements of distributions')).getAllByRole(role)
  const text = all.at(-1)?.textContent ?? ''
  for (const word of WORDS) expect(text).toContain(word)
  expect(all).toHaveLength(matches ? 1 : 2)
})
