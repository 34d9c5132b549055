import type { BenchRow, Budget, Spread } from './bench-row.ts'
import type { Machine } from './machine.ts'

/** The result of one part, as it is kept. */
export interface BenchResult {
  readonly part: string
  /** What has to hold, in a sentence, where that is no number of the rows. */
  readonly promise?: string
  /** How to run it again. */
  readonly command: string
  readonly takenAt: string
  readonly commit: string
  readonly machine: Machine
  /** Average number of running processes over a minute, when it began and when it ended. */
  readonly load: { readonly before: number; readonly after: number }
  /** Of what was measured, by name. */
  readonly versions: Readonly<Record<string, string>>
  readonly rows: readonly BenchRow[]
  /** Sentences: what the rows do not say. */
  readonly notes: readonly string[]
}

export const figure = (value: number): string => {
  if (Number.isInteger(value)) return value.toLocaleString('en')
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
}

const spread = ({ median, p99 }: Spread, unit: string): string =>
  `${[median, ...(p99 === null ? [] : [p99])].map(figure).join(', ')}${unit === '' ? '' : ` ${unit}`}`

const asked = (budget: Budget, unit: string): string => {
  if (budget.of === 'ratio') return `ratio at most ${figure(budget.atMost)}`
  const [word, limit] = 'atLeast' in budget ? ['at least', budget.atLeast] : ['at most', budget.atMost]
  return `${budget.of === 'p99' ? 'p99 ' : ''}${word} ${figure(limit)}${unit === '' ? '' : ` ${unit}`}`
}

/** The cells of a row, in the order of the table. */
export const rowCells = ({ what, unit, ours, beside, ratio, budget, met }: BenchRow): string[] => [
  what,
  ours.count === 0 ? 'not measured' : spread(ours, unit),
  beside === null ? '' : `${spread(beside, unit)} (${beside.name})`,
  ratio === null ? '' : figure(ratio),
  budget === null ? '' : `${asked(budget, unit)}: ${met ? 'met' : 'NOT met'}`,
]

const cell = (text: string) => text.replaceAll('|', '\\|')
const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`

/** What a run says of itself, as Markdown. */
export const resultText = (result: BenchResult): string => {
  const { promise, takenAt, commit, machine, load, versions, rows, notes } = result
  const { processor, cores, memoryBytes } = machine
  const memory = `${(memoryBytes / 2 ** 30).toFixed(0)} GiB`
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    ...(promise === undefined ? [] : [`Promised: ${promise}`, '']),
    `${takenAt.slice(0, 10)}, commit ${commit}, ${names.join(', ')}; ${processor}, ${cores} cores, ${memory}; load of ` +
      `${figure(load.before)} at the start and ${figure(load.after)} at the end.`,
    '',
    line(['', 'median, p99', 'beside it', 'ratio', 'asked for']),
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => line(rowCells(row))),
    ...notes.flatMap((note) => ['', note]),
  ].join('\n')
}

const begin = (part: string) => `<!-- bench ${part}: written by its run -->`
const end = (part: string) => `<!-- bench ${part}: end -->`

/**
 * A page in which the text of one part stands anew between its marks; all else stays.
 * @throws Error when the page has no such marks
 */
export const withPart = (page: string, part: string, text: string): string => {
  const [from, to] = [page.indexOf(begin(part)), page.indexOf(end(part))]
  if (from < 0 || to < from) throw new Error(`the page has no marks of the part ${part}`)
  return `${page.slice(0, from + begin(part).length)}\n${text}\n${page.slice(to)}`
}
