// Goal: an approver reads all that he signs. Method: an authorisation with a hostile value in every field, held against
// the fields of the contract.
import { expect, test } from 'vitest'
import { Authorisation } from '../contract/command.ts'
import { authorisationText } from './authorisation-text.ts'

const HOST = '5f0c1d6e-0000-4000-8000-000000000001'
const authorisation = Authorisation.parse({
  version: 1,
  id: '5f0c1d6e-0000-4000-8000-000000000000',
  action: 'load',
  patch: 'lp_\u202efix',
  artefact: { sha256: 'a'.repeat(64), size: 4096, releaseCounter: 7 },
  kernel: { release: '6.12\u001b[2J', buildId: 'b1' },
  provider: 'ksplice',
  target: 'unpatching',
  blockingTasks: [{ tid: 4711, name: 'evil\nHosts, 0 in all' }],
  hosts: [{ id: HOST, notBefore: '2026-11-26T12:00:00.000Z' }],
  expiresAt: '2026-11-27T12:00:00.000Z',
  rollout: '5f0c1d6e-0000-4000-8000-000000000002',
  downgrade: true,
  reversal: true,
  reason: 'CVE-2026-1\r\nfixed',
  requestedBy: 'op\u0007',
  requestedAt: '2026-11-26T11:59:00.000Z',
})

test('T04 T23 every field of the payload is said once, and no character of it paints on a screen', () => {
  const fields = authorisationText(authorisation)
  expect(fields.map(({ field }) => field).sort()).toEqual(Object.keys(Authorisation.shape).sort())
  const text = fields.flatMap(({ title, values }) => [title, ...values]).join('\n')
  for (const said of [
    'a'.repeat(64),
    '4096 bytes',
    'Release counter 7',
    'Build id b1',
    'unpatching: the one',
    '4711',
    HOST,
    '2026-11-26T12:00:00.000Z',
    '2026-11-27T12:00:00.000Z',
    '2026-11-26T11:59:00.000Z',
    'ksplice',
    authorisation.id,
    authorisation.rollout ?? '',
  ]) {
    expect(text).toContain(said)
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/)
  expect(fields.flatMap(({ values }) => values).every((value) => !value.includes('\n'))).toBe(true)
})

test('T23 each field changes the text: two that differ are never read alike', () => {
  const before = JSON.stringify(authorisationText(authorisation))
  const others: Partial<Authorisation>[] = [
    { action: 'enable' },
    { patch: null },
    { artefact: null },
    { kernel: null },
    { provider: null },
    { hosts: [] },
    { target: 'patching' },
    { target: null },
    { blockingTasks: [] },
    { expiresAt: '2026-11-28T12:00:00.000Z' },
    { rollout: null },
    { downgrade: false },
    { reversal: false },
    { reason: 'x' },
    { requestedBy: 'x' },
    { requestedAt: '2026-11-26T11:58:00.000Z' },
    { id: HOST },
  ]
  for (const other of others) {
    expect(JSON.stringify(authorisationText({ ...authorisation, ...other }))).not.toBe(before)
  }
})
