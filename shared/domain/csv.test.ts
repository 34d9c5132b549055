// Goal: what is written as CSV is read back as it was, and no cell is a formula. Method: a small reader of RFC 4180 over
// generated texts, in which the characters that matter are frequent.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvRow } from './csv.ts'

/** RFC 4180, §2: fields in quotes, doubled quotes within, rows end with CRLF. */
const readCsv = (text: string): string[][] => {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    let field = ''
    if (text[at] === '"') {
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
        if (text[at] === '"') at += 1
        if (at >= text.length) throw new Error('a quote is not closed')
        field += text[at]
      }
      at += 1
    } else {
      while (at < text.length && text[at] !== ',' && text[at] !== '\r') field += text[at++]
    }
    row.push(field)
    if (text[at] === ',') at += 1
    else if (text.startsWith('\r\n', at)) {
      rows.push(row)
      row = []
      at += 2
    } else throw new Error(`neither a comma nor a line end at ${at}`)
  }
  return rows
}

const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', "'", ',', ';', 'a', '1', ' ', '\0') }),
  fc.string({ unit: 'binary' }),
)

test('T13 rows are read back as they were written, and no cell begins as a formula does', () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 5 }), (rows) => {
      const read = readCsv(rows.map((row) => csvRow(row)).join(''))
      for (const text of read.flat()) expect(text).not.toMatch(/^[=+\-@\t\r]/)
      const unmarked = read.map((row) => row.map((text) => text.replace(/^'(?=[=+\-@\t\r])/, '')))
      const written = rows.map((row) =>
        row.map((text) => text.replaceAll('\0', '\uFFFD').replace(/^'(?=[=+\-@\t\r])/, '')),
      )
      expect(unmarked).toEqual(written)
    }),
  )
})

test('numbers stay numbers, and nothing is an empty text', () => {
  expect(csvRow([-3, null, 'x'])).toBe('-3,"","x"\r\n')
  expect(csvRow(['=1+1', '-3'])).toBe('"\'=1+1","\'-3"\r\n')
})
