import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BenchResult, resultText, rowCells, withPart } from './bench-page.ts'
import { type BenchRow, benchRow, type Measured } from './bench-row.ts'
import { commitOf, loadNow, thisMachine } from './machine.ts'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')

/** Where results are kept, and by which command they come. */
export interface ReportPlace {
  /** From the root of the checkout. */
  readonly page: string
  readonly folder: string
  readonly command: string
  readonly numbers: readonly string[]
  readonly isKept: boolean
  /** Of the part: what has to hold. */
  readonly promise?: string
}

const benchPlace = (): ReportPlace => {
  const numbers = process.argv.slice(2)
  const isKept = numbers.length === 0 || process.env.REBOOTLESS_BENCH_KEEP === '1'
  return { page: 'docs/benchmarks.md', folder: 'docs/benchmarks', command: 'npm run bench --', numbers, isKept }
}

export interface BenchReport {
  /** Prints it, and keeps it for the result. */
  row(measured: Measured): BenchRow
  /** A sentence that the rows do not say. */
  note(sentence: string): void
  version(name: string, version: string): void
  /**
   * Writes PART.json into the folder and the part's text into the page, when the run is to be kept.
   * @returns whether all budgets were met
   */
  end(): Promise<boolean>
}

/**
 * The result of a part, from its beginning. A run is kept when it is the one that everybody runs, without numbers of its own, or when
 * `--keep` asks for it.
 */
export const startReport = (part: string, place: ReportPlace = benchPlace()): BenchReport => {
  const rows: BenchRow[] = []
  const notes: string[] = []
  const versions: Record<string, string> = { Node: process.versions.node }
  const before = loadNow()
  const takenAt = new Date().toISOString()
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
        ...(place.promise !== undefined && { promise: place.promise }),
        ...{ part, command: [place.command, part, ...place.numbers].join(' '), takenAt, commit: commitOf(root) },
        ...{ machine: thisMachine(), load: { before, after: loadNow() }, versions, rows, notes },
      }
      if (place.isKept) await keep(place, result)
      return rows.every(({ met }) => met !== false)
    },
  }
}

const keep = async (place: ReportPlace, result: BenchResult): Promise<void> => {
  const folder = path.join(root, place.folder)
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, `${result.part}.json`), `${JSON.stringify(result, null, 2)}\n`)
  const page = path.join(root, place.page)
  await writeFile(page, withPart(await readFile(page, 'utf8'), result.part, resultText(result)))
}
