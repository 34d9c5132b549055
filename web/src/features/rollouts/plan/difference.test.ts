// Goal: a difference shows each change once, by line and by word, and hides nothing that differs. Method: examples, and a
// property over any two texts.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differenceOf, type Row } from './difference.ts'

const written = (rows: readonly Row[]) =>
  rows.map((row) =>
    row.kind === 'folded'
      ? `… ${row.lines}`
      : `${{ same: ' ', removed: '-', added: '+' }[row.kind]}${row.pieces.map(({ text, changed }) => (changed ? `[${text}]` : text)).join('')}`,
  )

test('a changed line is shown with the words that changed, and what is far from it is folded', () => {
  const before = ['a: 1', 'b: 2', 'c: 3', 'd: 4', 'soakSeconds: 600', 'e: 5', 'f: 6', ''].join('\n')
  const after = before.replace('600', '1200')
  expect(written(differenceOf(before, after).rows)).toEqual([
    ...['… 1', ' b: 2', ' c: 3', ' d: 4', '-soakSeconds: [600]', '+soakSeconds: [1200]', ' e: 5', ' f: 6'],
  ])
})

test('the same text twice is folded to one row', () => {
  expect(differenceOf('a\nb\n', 'a\nb\n')).toEqual({ rows: [{ kind: 'folded', lines: 2 }], added: 0, removed: 0 })
})

test('from any text to any other: what is kept and added is the one, what is kept and removed the other', () => {
  const text = fc.array(fc.constantFrom('a: 1', 'b: 2', '  c: 3', 'd: x y', ''), { maxLength: 12 })
  fc.assert(
    fc.property(text, text, (left, right) => {
      const { rows, added, removed } = differenceOf(left.join('\n'), right.join('\n'))
      expect(rows.filter((row) => row.kind === 'added')).toHaveLength(added)
      expect(rows.filter((row) => row.kind === 'removed')).toHaveLength(removed)
      for (const row of rows) {
        if (row.kind === 'folded') continue
        const said = row.pieces.map((piece) => piece.text).join('')
        if (row.before !== null) expect(said).toBe(left[row.before - 1] ?? '')
        if (row.after !== null) expect(said).toBe(right[row.after - 1] ?? '')
      }
    }),
  )
})
