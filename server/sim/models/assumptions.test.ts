// Goal: what a model takes for true is told once, in the code, and docs/models tells the same. Method: each assumption
// must stand in its system's page as a row of the last table, in order, and the table hold nothing else.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ASSUMPTIONS } from './assumptions.ts'
import { type Assumption, SYSTEMS, type System } from './model.ts'

const pageOf = (system: System): string =>
  readFileSync(new URL(`../../../docs/models/${system.replace('_', '-')}.md`, import.meta.url), 'utf8')

const rowOf = ({ says, value, basis, source }: Assumption): string =>
  `| ${says} | ${value ?? '–'} | ${basis} | ${source} |`

/** Rows of the table under the last heading, without its head. */
const lastTable = (page: string): readonly string[] =>
  (page.split('\n## Assumptions\n')[1] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)

describe.each(SYSTEMS)('%s', (system) => {
  test('has its assumptions on its page, row by row', () => {
    expect(lastTable(pageOf(system))).toEqual(ASSUMPTIONS[system].map(rowOf))
  })

  test('says of each what it is and where it is from', () => {
    expect(ASSUMPTIONS[system].length).toBeGreaterThan(0)
    for (const assumption of ASSUMPTIONS[system]) {
      expect(assumption.system).toBe(system)
      expect(assumption.source.length).toBeGreaterThan(10)
    }
  })
})
