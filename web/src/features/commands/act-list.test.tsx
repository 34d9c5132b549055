// Goal: what can be done comes first, and what cannot says why, once where one reason holds for all. Method: by role and name.
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { ActList } from './act-list.tsx'
import type { PossibleAction } from './act-words.ts'

const act = (change: Partial<PossibleAction>): PossibleAction => ({
  action: 'refresh',
  patch: null,
  target: null,
  provider: null,
  refusal: null,
  waitsFor: null,
  approvals: 0,
  dangerous: false,
  ...change,
})
const shown = (actions: PossibleAction[]) => {
  const onChoose = vi.fn()
  render(<ActList actions={actions} onChoose={onChoose} />)
  return onChoose
}

test('what can be done stands before what cannot, and is chosen', async () => {
  const force = act({ action: 'force', refusal: 'No transition is running.' })
  const disable = act({ action: 'disable', patch: 'lp_fix', approvals: 2, waitsFor: 'The agent is not connected.' })
  const onChoose = shown([force, disable])
  const [first, second] = screen.getAllByRole('button')
  expect(first?.textContent).toBe('Disable lp_fixtwo approvers; The agent is not connected.')
  expect(second?.textContent).toBe('Force the transitionNo transition is running.')
  expect(second?.hasAttribute('disabled')).toBe(true)
  if (first) await userEvent.click(first)
  expect(onChoose.mock.calls).toEqual([[disable]])
})

test('one reason for all is said once', () => {
  const refusal = 'The host is in quarantine: it is seen, and not commanded.'
  shown([act({ refusal }), act({ action: 'load', refusal }), act({ action: 'force', refusal })])
  expect(screen.getAllByText(refusal)).toHaveLength(1)
  for (const button of screen.getAllByRole('button')) expect(button.hasAttribute('disabled')).toBe(true)
})

test('T04 a livepatch’s name is text', () => {
  shown([act({ action: 'disable', patch: '<b>x</b>\u202e' })])
  expect(screen.getByRole('button').textContent).toBe('Disable <b>x</b>\\u202e')
})
