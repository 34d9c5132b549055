// Goal: whoever works by keyboard is never set back to the top of the page. Method: elements that have the focus go.
import { render, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { useKeptFocus } from './use-kept-focus.ts'

const Page = ({ step }: { step: 'list' | 'form' | 'done' }) => {
  useKeptFocus()
  return (
    <main tabIndex={-1}>
      <section aria-label="Keys">
        {step === 'list' ? <button type="button">Register</button> : null}
        {step === 'form' ? <input aria-label="Reason" data-autofocus /> : null}
      </section>
    </main>
  )
}

test('it goes to what the next step begins with, else to the place around', async () => {
  const { rerender } = render(<Page step="list" />)
  screen.getByRole('button').focus()
  rerender(<Page step="form" />)
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Reason' })))
  rerender(<Page step="done" />)
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('region', { name: 'Keys' })))
})

test('whoever is elsewhere stays there', async () => {
  const { rerender } = render(<Page step="list" />)
  screen.getByRole('main').focus()
  rerender(<Page step="form" />)
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(document.activeElement).toBe(screen.getByRole('main'))
})
