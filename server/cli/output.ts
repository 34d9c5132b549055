import { printable, printableJson } from '@rebootless/shared/domain/printable.ts'
import { toYaml } from '@rebootless/shared/domain/rollouts/document-yaml.ts'
import { UsageError } from './run-command.ts'

const FORMS = ['text', 'json', 'yaml'] as const
type Form = (typeof FORMS)[number]

export const OUTPUT_OPTIONS = { output: { type: 'string', short: 'o' } } as const
export const OUTPUT_USAGE = '  --output FORM  text, json or yaml; text unless said'

/** @throws UsageError */
export const formOf = (given: string | undefined): Form => {
  const form = FORMS.find((one) => one === (given ?? 'text'))
  if (form === undefined) throw new UsageError(`--output ${given} is none of ${FORMS.join(', ')}`)
  return form
}

/** Prints a value whole for a program, or in lines for a person. What came from hosts reaches a terminal as escapes alone (T04). */
export const show = (form: Form, value: unknown, lines: () => readonly string[]): void => {
  if (form === 'json') console.log(printableJson(value))
  else if (form === 'yaml') showText(toYaml(value))
  else for (const line of lines()) console.log(printable(line))
}

export const showText = (text: string): void => {
  for (const line of text.replace(/\n$/, '').split('\n')) console.log(printable(line))
}

/** Columns under their titles, the last as long as it is. */
export const table = (titles: readonly string[], rows: readonly (readonly string[])[]): string[] => {
  const all = [titles, ...rows.map((row) => row.map(printable))]
  const widths = titles.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all.map((row) =>
    row
      .map((cell, column) => (column === titles.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
