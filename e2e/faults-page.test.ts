// Goal: each fault that is made has its place on the page, and none is only written of. Method: the files of the checkout.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { withPart } from '@rebootless/server/bench/report/bench-page.ts'
import { expect, test } from 'vitest'
import { FAULTS } from './faults/fault.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const page = readFileSync(`${root}docs/reliability.md`, 'utf8')
const files = readdirSync(`${root}e2e/faults`).filter((name) => name.endsWith('.test.ts'))
const texts = files.map((name) => readFileSync(`${root}e2e/faults/${name}`, 'utf8'))

test.each(FAULTS)('%s is made by one test, and has marks on the page', (name) => {
  expect(texts.filter((text) => text.includes(`test('${name}'`))).toHaveLength(1)
  expect(withPart(page, name, 'new')).not.toBe(page)
})

test('the page tells of no other', () => {
  expect([...page.matchAll(/<!-- bench (\S+): end -->/g)].map(([, name]) => name)).toEqual([...FAULTS])
})
