// Goal: each part of `npm run bench` is there and has its place on the page, and a command line runs what it names. Method: the files of
// the checkout, and the reader of command lines.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { PARTS, readLine } from './parts.ts'
import { withPart } from './report/bench-page.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(`${root}docs/benchmarks.md`, 'utf8')

test.each(Object.entries(PARTS))('%s is a program, and has marks on the page', (part, file) => {
  expect(existsSync(root + file)).toBe(true)
  expect(readFileSync(root + file, 'utf8')).toContain(`startReport('${part}')`)
  expect(withPart(page, part, 'new')).not.toBe(page)
})

describe('a command line', () => {
  test('without words runs all parts', () => {
    expect(readLine([])).toEqual({ parts: Object.keys(PARTS), words: [], keep: false })
  })
  test('names a part, with its own words', () => {
    expect(readLine(['flood', '4', '7'])).toEqual({ parts: ['flood'], words: ['4', '7'], keep: false })
    expect(readLine(['flood', '--keep', '4'])).toEqual({ parts: ['flood'], words: ['4'], keep: true })
  })
  test('of numbers is sizes of simulated fleets', () => {
    expect(readLine(['60,1000', '30'])).toEqual({ parts: ['simulated-fleet'], words: ['60,1000', '30'], keep: false })
  })
  test('with a name that no part has is refused, and one of every object too', () => {
    expect(readLine(['nothing'])).toEqual({ unknown: 'nothing' })
    expect(readLine(['toString'])).toEqual({ unknown: 'toString' })
  })
})
