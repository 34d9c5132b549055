// Goal: a sequence of two keys reaches its action however often the page is drawn between them. Method: keys pressed on a page of its own.
import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, test, vi } from 'vitest'
import { type KeyActions, useKeys } from './keys.ts'

const Page = ({ actions }: { readonly actions: KeyActions }) => {
  useKeys(actions)
  return <input aria-label="Words" />
}

describe('keys of a page', () => {
  test('a render between two keys neither forgets the first nor calls the action of before', async () => {
    const before = vi.fn()
    const after = vi.fn()
    const { rerender } = render(<Page actions={{ 'g a': before }} />)
    await userEvent.keyboard('g')
    rerender(<Page actions={{ 'g a': after }} />)
    await userEvent.keyboard('a')
    expect(before).not.toHaveBeenCalled()
    expect(after).toHaveBeenCalledOnce()
  })

  test('nothing happens while somebody types into a field', async () => {
    const action = vi.fn()
    const { getByRole } = render(<Page actions={{ 'g a': action, '/': action }} />)
    await userEvent.type(getByRole('textbox'), 'ga/')
    expect(action).not.toHaveBeenCalled()
  })
})
