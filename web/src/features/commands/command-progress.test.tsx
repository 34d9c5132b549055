// Goal: from each moment of a command's life one sees what was, what is and what to do, and the host's own words do no harm.
// Method: the life rendered at each moment, read as text.
import type { AuthorisationSummary, CommandView } from '@rebootless/shared/contract/commands-api.ts'
import { COMMAND_REFUSALS } from '@rebootless/shared/domain/command-refusals.ts'
import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { CommandProgress } from './command-progress.tsx'
import { refusalWords } from './remedies.ts'

const AT = '2026-11-20T10:00:00.000Z'
const authorisation: AuthorisationSummary = {
  id: '00000000-0000-4000-8000-000000000001',
  sha256: 'a'.repeat(64),
  state: 'approved',
  stateReason: '',
  action: 'disable',
  patch: 'lp_fix',
  provider: null,
  hostCount: 1,
  hostName: 'db-07',
  reason: 'it breaks the mount',
  requestedBy: 'ada',
  requestedAt: AT,
  expiresAt: AT,
  approvals: [],
  approvalsNeeded: 0,
}
const command: CommandView = {
  id: '00000000-0000-4000-8000-000000000002',
  authorisationId: authorisation.id,
  part: 'action',
  action: 'disable',
  patch: 'lp_fix',
  provider: null,
  hostId: '00000000-0000-4000-8000-000000000003',
  hostName: 'db-07',
  state: 'waiting',
  waitingFor: null,
  notBefore: AT,
  createdAt: AT,
  issuedAt: null,
  sentAt: null,
  startedAt: null,
  endedAt: null,
  code: null,
  detail: null,
  requestedBy: 'ada',
  rollout: null,
}
const shown = (change: Partial<CommandView>): HTMLElement => {
  render(<CommandProgress authorisation={authorisation} command={{ ...command, ...change }} />)
  return screen.getByRole('list', { name: 'How far it is' })
}
const current = (list: HTMLElement) => list.querySelector('[aria-current="step"]')?.textContent

test.each([
  ['what it waits for', { waitingFor: 'The agent is not connected.' }, /^SentThe agent is not connected\.$/],
  ['that it was sent', { state: 'sent', sentAt: AT }, /^Begun on the hostThe host has yet to answer\.$/],
  ['what the host is at', { state: 'sent', sentAt: AT, startedAt: AT, detail: '3 tasks to go' }, /^Done3 tasks to go$/],
] as const)('the present step says %s', (_, change, text) => {
  expect(current(shown(change))).toMatch(text)
})

test('what was done is past, and no step is present', () => {
  const list = shown({ state: 'done', sentAt: AT, startedAt: AT, endedAt: AT, detail: 'lp_fix is out.' })
  expect(current(list)).toBeUndefined()
  expect(list.textContent).toMatch(/Done.*lp_fix is out\.$/)
})

test('a refusal says what was checked, what the host found, what to do, and the code', () => {
  const list = shown({
    state: 'refused',
    sentAt: AT,
    startedAt: AT,
    endedAt: AT,
    code: 'hours',
    detail: 'It is 14:00 there.',
  })
  expect(current(list)).toBeUndefined()
  expect(list.textContent).toContain(COMMAND_REFUSALS.hours)
  expect(list.textContent).toContain('It is 14:00 there.')
  expect(list.textContent).not.toContain('Begun')
  expect(list.textContent).toContain('What to do: Ask anew within')
  expect(list.textContent).toContain('Code hours')
})

test('an errno of the kernel stands with the host’s own words', () => {
  const list = shown({ state: 'failed', sentAt: AT, startedAt: AT, endedAt: AT, code: 'EBUSY', detail: 'Wait for it.' })
  expect(list.textContent).toMatch(/Failed.*Wait for it\..*Code EBUSY/)
})

test('T04 markup, terminal escapes and right-to-left marks of a host are shown as text', () => {
  const list = shown({
    state: 'refused',
    endedAt: AT,
    code: '<b>__proto__</b>',
    detail: '<img src=x onerror=alert(1)>\u001b[2J\u202eevil',
  })
  expect(list.querySelector('img, b b')).toBeNull()
  expect(list.textContent).toContain('<img src=x onerror=alert(1)>\\x1b[2J\\u202eevil')
  expect(list.textContent).toContain('<b>__proto__</b>')
})

test.each(['__proto__', 'constructor', 'toString', 'EBUSY'])('%s is no code of a refusal', (code) => {
  expect(refusalWords(code)).toBeNull()
})
