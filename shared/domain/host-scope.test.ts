// Goal: a scope holds words on labels alone, and who writes another is told what to write. Method: examples.
import { expect, test } from 'vitest'
import { parseScope } from './host-scope.ts'

const refusalOf = (text: string): string | null => {
  const read = parseScope(text)
  return read.ok ? null : read.detail
}

test('words on labels are a scope', () => {
  expect(refusalOf('label.env:staging -label.team:web')).toBeNull()
})

test.each([
  ['env:staging', 'write label.env:staging.'],
  ['label.env:staging -team:web*', 'write label.env:staging -label.team:web*.'],
])('labels as people write them elsewhere are no scope: %s', (text, advice) => {
  expect(refusalOf(text)).toBe(`A scope says label. before each key: ${advice}`)
})

test.each(['state:stalled', 'web-1', 'label.env:staging state:stalled'])('%s selects by more than labels', (text) => {
  expect(refusalOf(text)).toContain('by their labels alone')
})

test('what is no filter at all is refused in the words of the filter', () => {
  expect(refusalOf('env:"staging')).not.toContain('label. before')
})
