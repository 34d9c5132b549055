// Goal: README's table of capabilities is what the providers declare. Method: it is generated again and compared.
import { readFile } from 'node:fs/promises'
import { PROVIDER_DECLARATIONS } from '@rebootless/shared/domain/provider-declarations.ts'
import { PROVIDER_NAMES } from '@rebootless/shared/domain/words.ts'
import { expect, test } from 'vitest'
import { capabilityTable, withCapabilityTable } from './capability-table.ts'

const HOW = 'Write it anew: node --import tsx server/build/write-capability-table.ts'

test('README has the table that the declarations give', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  expect(withCapabilityTable(readme) === readme, HOW).toBe(true)
})

test('each system has a row, each row as many cells, and each note its number', () => {
  const [table = '', notes = ''] = capabilityTable().split('\n\n')
  const [head = '', , ...rows] = table.split('\n')
  expect(rows.map((row) => /\*\*(.*?)\*\*/.exec(row)?.[1])).toEqual(
    PROVIDER_NAMES.map((name) => PROVIDER_DECLARATIONS[name].title),
  )
  const cells = (line: string) => line.split(' | ').length
  expect(rows.map(cells)).toEqual(rows.map(() => cells(head)))
  const numbers = [...table.matchAll(/<sup>(\d+)<\/sup>/g)].map(([, number]) => Number(number))
  expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(notes.split('\n').map((_, index) => index + 1))
})

test('a text whose marks are not as they should be is refused', () => {
  const [begin, end] = ['<!-- capabilities: begin -->', '<!-- capabilities: end -->']
  for (const text of ['', begin, end, end + begin, begin + begin + end, begin + end + end]) {
    expect(() => withCapabilityTable(text)).toThrow('There must be one')
  }
  expect(withCapabilityTable(`a${begin}old${end}b`)).toBe(`a${begin}\n\n${capabilityTable()}\n\n${end}b`)
})
