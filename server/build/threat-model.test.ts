// Goal: docs/threat-model.md says what the tests prove, and nothing is open but what is said to be. Method: the titles of
// all test files, read as the page's writer reads them.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  judge,
  numbersOf,
  type ProvingTests,
  provingTitles,
  readProvingTests,
  requirementNumbers,
  threatModelPage,
} from './threat-model.ts'
import { OPEN, OPEN_PARTS } from './threat-model-open.ts'

const HOW = 'Write it anew: node --import tsx server/build/write-threat-model.ts'
const root = fileURLToPath(new URL('../..', import.meta.url))

let tests: ProvingTests
beforeAll(async () => {
  tests = await readProvingTests(root)
})

describe('the threat model', () => {
  test('numbers its requirements without a gap', () => {
    expect(requirementNumbers()).toEqual(Array.from({ length: 40 }, (_, n) => `T${String(n + 1).padStart(2, '0')}`))
  })
  test('has a test for every number that is not declared open, and none for those that are', () => {
    const open = Object.entries(OPEN).map(([number, subject]) => `${number} (${subject})`)
    const parts = Object.entries(OPEN_PARTS).map(
      ([number, { part, waitsFor }]) => `\n  ${number} ${part} (${waitsFor})`,
    )
    console.info(
      `Open numbers of the threat model: ${open.join(', ') || 'none'}. Open in part:${parts.join('') || ' none'}`,
    )
    expect(judge(tests)).toEqual({ missing: [], noLongerOpen: [], unknown: [] })
  })
  test('leaves open what belongs to later subjects alone', () => {
    // The list that this began with: a number that has left it does not come back.
    expect(['T32', 'T35', 'T36', 'T37', 'T39']).toEqual(expect.arrayContaining(Object.keys(OPEN)))
    const inPart = ['T01', 'T12', 'T13', 'T14', 'T19', 'T21', 'T28', 'T30', 'T31', 'T34', 'T35', 'T36', 'T37', 'T40']
    expect(inPart).toEqual(expect.arrayContaining(Object.keys(OPEN_PARTS)))
    // Whole or in part, and in part only of what has a test.
    expect(Object.keys(OPEN_PARTS).filter((number) => Object.hasOwn(OPEN, number))).toEqual([])
  })
  test('is written as its page stands', async () => {
    const page = await readFile(`${root}/docs/threat-model.md`, 'utf8')
    expect(page === threatModelPage(tests), HOW).toBe(true)
  })
})

describe('titles', () => {
  test('are found however a test is written', () => {
    const quoted = (quote: string, ...words: string[]) => quote + words.join(' ') + quote
    const text = [
      `test(${quoted("'", 'T90', 'one')}, () => {})`,
      `describe(${quoted('"', 'T91', "T92 it's two")}, () => {})`,
      `test.each([['T93', 1]])(${quoted('`', 'T94', 'of $x')}, () => {})`,
      `// ${quoted("'", 'T95', 'in a comment')}, and (T96) in prose`,
      `test(${quoted("'", 'T90', 'one')}, () => {})`,
    ].join('\n')
    expect(provingTitles(text)).toEqual(['T90 one', "T91 T92 it's two", 'T94 of $x'])
  })
  test('give all numbers that they begin with, and no others', () => {
    const title = (...words: string[]) => words.join(' ')
    expect(numbersOf(title('T01', 'T03', 'over TLS the', 'T05', 'is'))).toEqual(['T01', 'T03'])
    expect(numbersOf(title('T01,', 'T02', 'both'))).toEqual(['T01', 'T02'])
  })
  test('that name a number of their own make the judge speak', () => {
    const open = Object.keys(OPEN)
    const judged = judge(new Map([['a.test.ts', ['T99 x', ...open.map((number) => `${number} y`)]]]))
    expect(judged.unknown).toEqual(['T99'])
    expect(judged.noLongerOpen).toEqual(open)
    expect(judged.missing).toContain('T01')
  })
})
