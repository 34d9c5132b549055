import {
  CAPABILITIES,
  type Capability,
  PROVIDER_DECLARATIONS,
  type Reveals,
} from '@rebootless/shared/domain/provider-declarations.ts'
import { PROVIDER_NAMES } from '@rebootless/shared/domain/words.ts'

const BEGIN = '<!-- capabilities: begin -->'
const END = '<!-- capabilities: end -->'

const WORDS: Readonly<Record<Reveals['by'], string>> = {
  ...{ files: 'files', tool: 'tool', sysfs: 'sysfs', package: 'package', nothing: '–' },
}

/** What each provider declares to know, as a table in Markdown with its notes below. */
export const capabilityTable = (): string => {
  const notes: string[] = []
  const cell = ({ by, note }: Reveals): string => {
    if (note === undefined) return WORDS[by]
    if (!notes.includes(note)) notes.push(note)
    return `${WORDS[by]} <sup>${notes.indexOf(note) + 1}</sup>`
  }
  const capabilities = Object.keys(CAPABILITIES) as Capability[]
  const rows = PROVIDER_NAMES.map((name) => {
    const declaration = PROVIDER_DECLARATIONS[name]
    const title = `**${declaration.title}**, ${declaration.maker}`
    return row([title, ...capabilities.map((capability) => cell(declaration[capability])), declaration.heldAgainst])
  })
  const head = ['System', ...capabilities.map((capability) => CAPABILITIES[capability]), 'Held against']
  return [
    row(head),
    row(head.map(() => '---')),
    ...rows,
    '',
    ...notes.map((note, index) => `${index + 1}. ${note}`),
  ].join('\n')
}

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

/** A text with the table between its two marks. Throws when the marks are not there, once each and in order. */
export const withCapabilityTable = (text: string): string => {
  const [before, between, ...more] = text.split(BEGIN)
  const [, after, ...rest] = between?.split(END) ?? []
  if (before === undefined || after === undefined || more.length + rest.length > 0) {
    throw new Error(`There must be one ${BEGIN} and one ${END} behind it.`)
  }
  return `${before}${BEGIN}\n\n${capabilityTable()}\n\n${END}${after}`
}
