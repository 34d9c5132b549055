// Goal: a page that was open while the server was replaced comes back by itself, once. Method: a server that answers or not.
import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { isMissingPart, OtherVersion } from './other-version.tsx'

afterEach(() => {
  sessionStorage.clear()
  vi.unstubAllGlobals()
})

test.each([
  'Failed to fetch dynamically imported module: https://fleet.example/assets/freeze-band-D2EPY.js',
  'error loading dynamically imported module: https://fleet.example/assets/freeze-band-D2EPY.js',
  'Importing a module script failed.',
])('%s', (message) => {
  expect(isMissingPart(new TypeError(message))).toBe(true)
  expect(isMissingPart(new TypeError('x is not a function'))).toBe(false)
})

test('it is loaded anew when the server answers, and not again at once', async () => {
  vi.stubGlobal('fetch', async () => new Response('{}'))
  const load = vi.fn()
  render(<OtherVersion load={load} />).unmount()
  render(<OtherVersion load={load} />)
  await waitFor(() => expect(load).toHaveBeenCalledOnce())
  const again = vi.fn()
  render(<OtherVersion load={again} />)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(again).not.toHaveBeenCalled()
  const [, button] = screen.getAllByRole('button', { name: 'Load the page anew' })
  if (button) await userEvent.click(button)
  expect(again).toHaveBeenCalledOnce()
})

test('while the server does not answer the page stays, and says so', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('Failed to fetch')
  })
  const load = vi.fn()
  render(<OtherVersion load={load} />)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(load).not.toHaveBeenCalled()
  expect(screen.getByText(/does not answer, or it is of another version/)).toBeTruthy()
})
