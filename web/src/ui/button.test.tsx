// Goal: a button that cannot be pressed keeps the focus and lets nothing through. Method: by role and name, with the keyboard.
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { Button } from './button.tsx'

const form = (disabled: boolean, onSubmit: () => void) => (
  <form
    onSubmit={(event) => {
      event.preventDefault()
      onSubmit()
    }}
  >
    <input aria-label="Reason" />
    <Button type="submit" disabled={disabled}>
      Send
    </Button>
  </form>
)

test('it stays where the focus is while an answer is waited for', async () => {
  const { rerender } = render(form(false, vi.fn()))
  screen.getByRole('button').focus()
  rerender(form(true, vi.fn()))
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Send' }))
  expect(screen.getByRole('button').getAttribute('aria-disabled')).toBe('true')
})

test('neither a press nor Enter in the form gets through', async () => {
  const onSubmit = vi.fn()
  const { rerender } = render(form(true, onSubmit))
  await userEvent.click(screen.getByRole('button'))
  await userEvent.type(screen.getByRole('textbox'), 'because{Enter}')
  expect(onSubmit).not.toHaveBeenCalled()
  rerender(form(false, onSubmit))
  await userEvent.type(screen.getByRole('textbox'), '{Enter}')
  expect(onSubmit).toHaveBeenCalledOnce()
})
