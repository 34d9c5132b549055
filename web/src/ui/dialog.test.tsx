// Goal: a dialog never loses the focus. Method: opened from a button, closed; jsdom lacks modal dialogs, so open is an attribute.
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { beforeAll, expect, test } from 'vitest'
import { Dialog } from './dialog.tsx'

beforeAll(() => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true
  }
  HTMLDialogElement.prototype.close = function () {
    this.open = false
  }
})

const Page = ({ keepOpener }: { keepOpener: boolean }) => {
  const [open, setOpen] = useState(false)
  return (
    <main tabIndex={-1}>
      {open && !keepOpener ? null : (
        <button type="button" onClick={() => setOpen(true)}>
          Open
        </button>
      )}
      {open ? (
        <Dialog label="Sample" onClose={() => setOpen(false)}>
          <button type="button" data-autofocus onClick={() => setOpen(false)}>
            Done
          </button>
        </Dialog>
      ) : null}
    </main>
  )
}

test('the focus goes into the dialog, and back to what opened it', async () => {
  const user = userEvent.setup()
  render(<Page keepOpener />)
  await user.click(screen.getByRole('button', { name: 'Open' }))
  expect(document.activeElement?.textContent).toBe('Done')
  await user.keyboard('{Enter}')
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Open'))
})

test('it goes to the page when what opened it is gone', async () => {
  const user = userEvent.setup()
  render(<Page keepOpener={false} />)
  await user.click(screen.getByRole('button', { name: 'Open' }))
  await user.keyboard('{Enter}')
  await waitFor(() => expect(document.activeElement?.tagName).toBe('MAIN'))
})
