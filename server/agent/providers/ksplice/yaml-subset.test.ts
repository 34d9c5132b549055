// Goal: what PyYAML's safe dumper writes is read as it was meant, and any other text ends soon, in a value or a YamlError.
// Method: texts by hand against plain data; seeded rubbish; long texts of one repeated piece, by the count of what they give.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { YamlError } from './yaml-cursor.ts'
import { parseYaml, type YamlValue } from './yaml-subset.ts'

const plain = (value: YamlValue): unknown =>
  value instanceof Map
    ? Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]))
    : Array.isArray(value)
      ? value.map(plain)
      : value

const read = (text: string) => plain(parseYaml(text))

describe('what the dumper writes', () => {
  test('block collections, also a list as far left as its key', () => {
    expect(read('%YAML 1.1\n---\na:\n- x\n-\n  y\n- k: v\n  l:\n    - 1\nb:\n  c: d\ne:\nf: null\n...\nrest')).toEqual({
      ...{ a: ['x', 'y', { k: 'v', l: ['1'] }], b: { c: 'd' }, e: null, f: null },
    })
  })

  test('flow collections over lines', () => {
    expect(read("a: {b: c, 'd': [e, 1, ''], f: {},\n  g: h i\n    j, k: }\nl: []")).toEqual({
      ...{ a: { b: 'c', d: ['e', '1', ''], f: {}, g: 'h i j', k: null }, l: [] },
    })
  })

  test('quoted scalars, folded, with escapes', () => {
    expect(read("a: 'it''s\n  one\n\n  two'")).toEqual({ a: "it's one\ntwo" })
    expect(read('a: "x\\n\\x41BC\\u00e9\\\n  \\ y \\"z\\""')).toEqual({ a: 'x\nABCé y "z"' })
  })

  test('plain scalars over lines, block scalars', () => {
    expect(read('a: one\n  two\n\n  three\nb: |\n  x\n   y\nc: >-\n  p\n  q')).toEqual({
      ...{ a: 'one two\nthree', b: 'x\n y', c: 'p q' },
    })
  })

  test('a value stays text whatever it looks like', () => {
    expect(read('- 12345678\n- 1e234567\n- yes\n- 2026-11-26 08:30:01.5\n- 0x1\n- a: b:c')).toEqual([
      ...['12345678', '1e234567', 'yes', '2026-11-26 08:30:01.5', '0x1', { a: 'b:c' }],
    ])
  })

  test('anchors and tags are passed over, an alias is nothing, a key called __proto__ is one', () => {
    expect(read('a: &id001\n- !!str x\nb: *id001\nc: [&x y, *x]')).toEqual({ a: ['x'], b: null, c: ['y', null] })
    expect((parseYaml('__proto__: x') as ReadonlyMap<string, unknown>).get('__proto__')).toBe('x')
  })
})

test.each([
  ...['? a\n: b', 'a: "open', "a: 'open", 'a: [b', 'a: {b: c', 'a: [b]]', 'a: {b c}', 'a: @x', 'a: |99\n x'],
  ...['a: b\nc', '- a\nb: c', 'a: "\\xzz"', 'a: {[b]: c}'],
])('not read: %j', (text) => {
  expect(() => parseYaml(text)).toThrow(YamlError)
})

test.each([
  '- ',
  '[',
  '{a: ',
  'a:\n ',
  '? ',
  '"',
  "'",
  '&a ',
  '!t ',
  '*',
  ': ',
  ',',
  ']',
  '#\n',
  '\t',
  'a: &b ',
  '"\\\n',
])('a megabyte of %j ends', (piece) => {
  try {
    expect(JSON.stringify(read(piece.repeat(1_000_000 / piece.length))).length).toBeLessThan(8_000_000)
  } catch (error) {
    expect(error).toBeInstanceOf(YamlError)
  }
})

test('any text ends in a value or a YamlError', () => {
  const piece = fc.constantFrom(...'abc:-[]{}\'"|>&*!?#, \n\\', '\n  ', ': ', '- ', '---\n', '...\n', '\u2028')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      try {
        parseYaml(pieces.join(''))
      } catch (error) {
        expect(error).toBeInstanceOf(YamlError)
      }
    }),
    { numRuns: 3000 },
  )
})
