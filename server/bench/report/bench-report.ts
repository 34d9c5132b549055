import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BenchResult, resultText, rowCells, withPart } from './bench-page.ts'
import { type BenchRow, benchRow, type Measured } from './bench-row.ts'
import { commitOf, loadNow, thisMachine } from './machine.ts'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')

export interface BenchReport {
  /** Prints it, and keeps it for the result. */
  row(measured: Measured): BenchRow
  /** A sentence that the rows do not say. */
  note(sentence: string): void
  version(name: string, version: string): void
  /**
   * Writes docs/benchmarks/PART.json and the part's place in docs/benchmarks.md, when the run is to be kept.
   * @returns whether all budgets were met
   */
  end(): Promise<boolean>
}

/**
 * The result of a part, from its beginning. A run is kept when it is the one that everybody runs, without numbers of its own, or when
 * `--keep` asks for it.
 */
export const startReport = (part: string): BenchReport => {
  const rows: BenchRow[] = []
  const notes: string[] = []
  const versions: Record<string, string> = { Node: process.versions.node }
  const before = loadNow()
  const takenAt = new Date().toISOString()
  const numbers = process.argv.slice(2)
  return {
    row(measured) {
      const row = benchRow(measured)
      rows.push(row)
      const [what = '', ...cells] = rowCells(row)
      console.log(`${what.padEnd(46)} ${cells.filter((text) => text !== '').join('; ')}`)
      return row
    },
    note(sentence) {
      notes.push(sentence)
      console.log(sentence)
    },
    version(name, version) {
      versions[name] = version
    },
    async end() {
      const result: BenchResult = {
        ...{ part, command: ['npm run bench --', part, ...numbers].join(' '), takenAt, commit: commitOf(root) },
        ...{ machine: thisMachine(), load: { before, after: loadNow() }, versions, rows, notes },
      }
      if (numbers.length === 0 || process.env.REBOOTLESS_BENCH_KEEP === '1') await keep(result)
      return rows.every(({ met }) => met !== false)
    },
  }
}

const keep = async (result: BenchResult): Promise<void> => {
  const folder = path.join(root, 'docs/benchmarks')
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, `${result.part}.json`), `${JSON.stringify(result, null, 2)}\n`)
  const page = path.join(root, 'docs/benchmarks.md')
  await writeFile(page, withPart(await readFile(page, 'utf8'), result.part, resultText(result)))
}
