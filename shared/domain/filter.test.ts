// Goal: the filter language reads what people type and says what to type instead. Method: tables, and properties by fast-check.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FilterWord, formatFilter, formatFilterWord, matchesPattern, parseFilter } from './filter.ts'

const words = (text: string): FilterWord[] => {
  const result = parseFilter(text)
  if (!result.ok) throw new Error(result.error.detail)
  return result.words
}
const detail = (text: string): string => {
  const result = parseFilter(text)
  return result.ok ? '' : result.error.detail
}

describe('parseFilter', () => {
  test('reads keys, wildcards, alternatives, negation and labels', () => {
    expect(words('state:stalled,failed -label.env:test kernel:6.12*')).toEqual([
      { key: 'state', label: null, patterns: [{ parts: ['stalled'] }, { parts: ['failed'] }], negated: false },
      { key: 'label', label: 'env', patterns: [{ parts: ['test'] }], negated: true },
      { key: 'kernel', label: null, patterns: [{ parts: ['6.12', ''] }], negated: false },
    ])
  })
  test('takes blanks and commas in quotes, and stars behind a backslash', () => {
    expect(words('os:"Debian, GNU*" name:a\\*b')).toEqual([
      { key: 'os', label: null, patterns: [{ parts: ['Debian, GNU', ''] }], negated: false },
      { key: 'name', label: null, patterns: [{ parts: ['a*b'] }], negated: false },
    ])
  })
  test('a word without a key looks for a piece of the name', () => {
    expect(words('web')).toEqual([{ key: 'name', label: null, patterns: [{ parts: ['', 'web', ''] }], negated: false }])
  })
  test('keeps dots and slashes of a label', () => {
    expect(words('label.app.kubernetes.io/name:db')[0]?.label).toBe('app.kubernetes.io/name')
  })
  test.each([
    ['sate:stalled', /no filter key “sate”.*Did you mean state\?.*Known: state, name/],
    ['state:stalld', /no state “stalld”.*Did you mean stalled\?/],
    ['label:prod', /Did you mean label\.KEY\?/],
    ['name.x:prod', /no filter key “name\.x”/],
    ['label.-x:prod', /cannot be a label's key/],
    ['name:', /value is missing/],
    ['name:a,', /value is missing/],
    ['name:"abc', /not closed/],
    ['__proto__:x', /no filter key/],
    ['constructor:x', /no filter key/],
    [Array.from({ length: 21 }, () => 'name:a').join(' '), /at most 20 words/],
  ])('%s is refused with what to write instead', (text, message) => {
    expect(detail(text)).toMatch(message)
  })
  test('says where the mistake is', () => {
    expect(parseFilter('name:a sate:b')).toMatchObject({ ok: false, error: { from: 7, to: 11 } })
  })
  test('never throws, and what parses is written back to what parses to the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'name:state,-*"\\ .labex\t') }), (text) => {
        const result = parseFilter(text)
        if (result.ok) expect(parseFilter(formatFilter(result.words))).toEqual(result)
      }),
      { numRuns: 2000 },
    )
  })
  test('any value can be written as a word that finds it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        const [pattern] = words(formatFilterWord('name', value))[0]?.patterns ?? []
        expect(pattern?.parts).toEqual([value])
      }),
    )
  })
})

test('matchesPattern honours wildcards at either end and between', () => {
  expect(matchesPattern({ parts: ['6.12', ''] }, '6.12.1-amd64')).toBe(true)
  expect(matchesPattern({ parts: ['6.1', 'amd', ''] }, '6.1.0-AMD64')).toBe(true)
  expect(matchesPattern({ parts: ['aa', 'aa'] }, 'aaa')).toBe(false)
  expect(matchesPattern({ parts: ['web'] }, 'web1')).toBe(false)
})
