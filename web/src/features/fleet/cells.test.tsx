// Goal: thousands of cells are one stop of the tab key, whichever chunk they are drawn in, and a change draws its own chunk alone.
// Method: links in the document; the state of one host changes, and cells of other chunks stay the same elements with the same props.
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { act, render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { Cells } from './cells.tsx'

const drawn = vi.fn()
vi.mock('@tanstack/react-router', () => ({ useNavigate: () => () => undefined }))
vi.mock('../../ui/state-glyph.tsx', () => ({
  StateShape: ({ state }: { state: string }) => {
    drawn(state)
    return null
  },
}))
vi.mock('./cell-popover.tsx', () => ({ CellPopover: () => null }))

const host = (n: number) => ({ id: `h${n}`, name: `host-${n}`, state: 'exposed', origin: 'agent' }) as HostSummary
const hosts = Array.from({ length: 450 }, (_, n) => host(n))
/** Not by role, which takes seconds for so many. */
const cells = () => [...document.querySelectorAll<HTMLElement>('[role=link]')]
const stops = () => cells().filter(({ tabIndex }) => tabIndex === 0)

test('the arrows go from one chunk to the next, and take the stop with them', async () => {
  render(<Cells name="6.1" hosts={hosts} />)
  expect(cells()).toHaveLength(450)
  expect(stops().map((cell) => cell.getAttribute('aria-label'))).toEqual(['host-0, exposed'])
  act(() => cells()[199]?.focus())
  await userEvent.keyboard('{ArrowRight}')
  expect(document.activeElement).toBe(cells()[200])
  expect(stops()).toEqual([document.activeElement])
})

test('a host that changes draws its chunk and no other', () => {
  const { rerender } = render(<Cells name="6.1" hosts={hosts} />)
  drawn.mockClear()
  const changed = hosts.map((one, n) => (n === 420 ? ({ ...one, state: 'stalled' } as HostSummary) : one))
  rerender(<Cells name="6.1" hosts={changed} />)
  expect(drawn).toHaveBeenCalledWith('stalled')
  expect(drawn).toHaveBeenCalledTimes(50)
})
