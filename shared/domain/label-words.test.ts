// Goal: what people type becomes labels that the contract takes, or a sentence. Method: a table, and the contract itself.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Labels } from '../contract/labels.ts'
import { parseLabelWords } from './label-words.ts'

test.each([
  ['', {}],
  ['  env:prod,  rack:r1 ', { env: 'prod', rack: 'r1' }],
  ['a:b:c', { a: 'b:c' }],
  ['empty:', { empty: '' }],
])('“%s” is read', (text, labels) => {
  expect(parseLabelWords(text)).toEqual({ ok: true, labels })
})

test.each([
  ['prod', /no colon/],
  [':prod', /no colon/],
  ['Env:prod', /no key/],
  ['__proto__:x', /no key/],
  ['env:a env:b', /twice/],
  [`env:${'x'.repeat(64)}`, /longer/],
])('“%s” is refused', (text, detail) => {
  expect(parseLabelWords(text)).toEqual({ ok: false, detail: expect.stringMatching(detail) })
})

test('whatever is taken, the contract takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
      const read = parseLabelWords(text)
      if (read.ok) expect(Labels.safeParse(read.labels).success).toBe(true)
    }),
  )
})
