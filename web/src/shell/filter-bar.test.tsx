// Goal: filtering by keyboard alone, and no bad filter in the address. Method: the bar with its address kept in state.
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { describe, expect, test } from 'vitest'
import { FilterBar } from './filter-bar.tsx'
import { completionsOf, splitFilter, withoutWord, withWord } from './filter-words.ts'

const known = new Map([
  ['state', ['stalled', 'patched']],
  ['label.env', ['prod', 'test']],
  ['os', ['Debian GNU/Linux 13']],
])

const Page = ({ first = '' }: { first?: string }) => {
  const [filter, setFilter] = useState(first)
  return (
    <>
      <FilterBar filter={filter} onFilter={setFilter} known={known} />
      <output>{filter}</output>
    </>
  )
}
const bar = () => screen.getByRole('combobox', { name: 'Filter hosts' })
const address = () => screen.getByRole('status').textContent

describe('the filter bar', () => {
  test('completes a key, then a value, with arrow keys and Enter', async () => {
    const user = userEvent.setup()
    render(<Page />)
    await user.type(bar(), 'sta')
    await user.keyboard('{ArrowDown}{Enter}')
    expect(bar()).toHaveProperty('value', 'state:')
    await user.keyboard('{ArrowDown}{Enter}')
    expect(address()).toBe('state:stalled')
    expect(bar()).toHaveProperty('value', '')
  })

  test('says what is wrong with a word, and keeps it out of the address', async () => {
    const user = userEvent.setup()
    render(<Page />)
    await user.type(bar(), 'stat:x{Enter}')
    expect(screen.getByRole('alert').textContent).toMatch(/Did you mean state\?/)
    expect(bar().getAttribute('aria-invalid')).toBe('true')
    expect(address()).toBe('')
  })

  test('a blank ends a word; Backspace takes the last one back for editing', async () => {
    const user = userEvent.setup()
    render(<Page first="state:stalled" />)
    await user.type(bar(), 'label.env:prod ')
    expect(address()).toBe('state:stalled label.env:prod')
    await user.keyboard('{Backspace}')
    expect(address()).toBe('state:stalled')
    expect(bar()).toHaveProperty('value', 'label.env:prod')
  })

  test('each word can be taken out by its button', async () => {
    const user = userEvent.setup()
    render(<Page first="state:stalled label.env:prod" />)
    await user.click(screen.getByRole('button', { name: 'Remove state:stalled' }))
    expect(address()).toBe('label.env:prod')
  })

  test('an address with a bad filter is explained', () => {
    render(<Page first="colour:red" />)
    expect(screen.getByRole('alert').textContent).toMatch(/no filter key/)
  })
})

describe('filter words', () => {
  test('quotes and escapes keep blanks together', () => {
    expect(splitFilter('os:"Debian GNU/Linux 13" name:a\\ b  state:stalled')).toEqual([
      'os:"Debian GNU/Linux 13"',
      'name:a\\ b',
      'state:stalled',
    ])
    expect(withoutWord('a:1 b:"2 3" c:4', 1)).toBe('a:1 c:4')
    expect(withWord('a:1', 'a:1')).toBe('a:1')
  })

  test('a value with blanks is completed in quotes, and a comma begins another value', () => {
    expect(completionsOf('os:deb', known).map(({ text }) => text)).toEqual(['os:"Debian GNU/Linux 13"'])
    expect(completionsOf('-state:stalled,pat', known).map(({ text }) => text)).toEqual(['-state:stalled,patched'])
    expect(completionsOf('env', known)).toMatchObject([{ text: 'label.env:', whole: false }])
  })
})
