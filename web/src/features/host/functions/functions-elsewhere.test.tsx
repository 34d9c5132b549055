// Goal: a system that keeps its functions to itself is said to, and an empty map never reads as "nothing is replaced".
// Method: reports of such systems, drawn.
import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { ProviderPatch } from '@rebootless/shared/contract/provider.ts'
import { type ProviderFindings, providerReport } from '@rebootless/shared/domain/provider-report.ts'
import type { ProviderName } from '@rebootless/shared/domain/words.ts'
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { elsewhere, FunctionsElsewhere } from './functions-elsewhere.tsx'

const own = { id: 'p1', name: 'p1', target: 'kernel', state: 'applied', livepatch: null } as ProviderPatch
const objects = [{ name: 'vmlinux', patched: true, functions: [{ name: 'cmdline_proc_show', sympos: 1 }] }]
const host = (name: ProviderName, findings: Partial<ProviderFindings>) =>
  ({
    providers: [name],
    stack: [],
    providerReports: [providerReport(name, { detail: '', ...findings })],
  }) as unknown as HostDetail
const draw = (given: HostDetail) => render(<FunctionsElsewhere host={given} />)
afterEach(cleanup)

test.each(['ksplice', 'kernelcare'] as const)('%s does not show its functions, and why is said', (name) => {
  draw(host(name, { patches: [own, own] }))
  expect(screen.getByRole('heading').textContent).toMatch(/does not show its functions$/)
  expect(screen.getByText(/does not say which functions/).textContent).toMatch(/2 patches in this kernel/)
})

test('kGraft names its functions by files of its own', () => {
  draw(host('kgraft', { patches: [{ ...own, objects }] }))
  expect(screen.getByRole('heading', { name: 'Functions that kGraft replaces' })).toBeTruthy()
  expect(screen.getByText('cmdline_proc_show')).toBeTruthy()
})

test.each([
  ['nothing is in', host('ksplice', { patches: [] })],
  [
    'a tool of livepatches does not name its module, and sysfs shows none',
    { ...host('canonical', { patches: [own] }), providers: ['canonical', 'livepatch'] },
  ],
  ['its patches are livepatches, which the map shows', host('kpatch', { patches: [{ ...own, livepatch: 'p1' }] })],
])('the map stays where %s', (_, given) => {
  expect(elsewhere(given)).toEqual([])
})

test('patches that could not be read are not said to be none', () => {
  draw(host('ksplice', { patches: null }))
  expect(screen.getByText(/could not be read/)).toBeTruthy()
})
