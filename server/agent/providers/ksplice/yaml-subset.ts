import { YamlCursor, YamlError, type YamlLine } from './yaml-cursor.ts'
import { parseFlow } from './yaml-flow.ts'

/** Every scalar is its text, whatever YAML would make of it: an update's ID such as `12345678` or `1e234567` stays one. */
export type YamlValue = string | null | readonly YamlValue[] | YamlMap
export type YamlMap = ReadonlyMap<string, YamlValue>

export const YAML_DEPTH_MAX = 16

/**
 * The part of YAML 1.1 that Uptrack writes with PyYAML's safe dumper: block and flow collections, plain, quoted and block
 * scalars. Anchors and tags are passed over and an alias is null, so that nothing grows; a key over several lines
 * (`?`) and anything else throws YamlError. A reader of our own because the library that was tried, yaml 2.9.1, needs
 * minutes for a quarter of a megabyte of some texts (`? ? ? …`), and an agent must not be held up by a file.
 */
export const parseYaml = (text: string): YamlValue => {
  const cursor = new YamlCursor(text)
  const value = parseBlock(cursor, -1, 0)
  if (cursor.peek() !== null) throw new YamlError('There is text after the end of the document.')
  return value
}

const parseBlock = (cursor: YamlCursor, outer: number, depth: number): YamlValue => {
  if (depth > YAML_DEPTH_MAX) throw new YamlError('It is nested too deeply.')
  passProperties(cursor)
  const line = cursor.peek()
  if (line === null || line.indent <= outer) return null
  if (isEntry(line)) return parseSequence(cursor, line.indent, depth)
  if (keyOf(line.text) !== null) return parseMapping(cursor, line.indent, depth)
  return parseScalar(cursor, outer, depth)
}

const isEntry = ({ text }: YamlLine) => text === '-' || text.startsWith('- ')

const parseSequence = (cursor: YamlCursor, indent: number, depth: number): YamlValue[] => {
  const values: YamlValue[] = []
  for (let line = cursor.peek(); line !== null && line.indent === indent && isEntry(line); line = cursor.peek()) {
    cursor.advance(1)
    values.push(parseBlock(cursor, indent, depth + 1))
  }
  return values
}

const parseMapping = (cursor: YamlCursor, indent: number, depth: number): YamlMap => {
  const map = new Map<string, YamlValue>()
  for (let line = cursor.peek(); line !== null && line.indent === indent; line = cursor.peek()) {
    const key = keyOf(line.text)
    if (key === null) throw new YamlError('A key is missing.')
    cursor.advance(key.length)
    map.set(key.name, parseValue(cursor, indent, depth))
  }
  return map
}

const parseValue = (cursor: YamlCursor, indent: number, depth: number): YamlValue => {
  passProperties(cursor)
  const line = cursor.peek()
  if (line !== null && !line.whole) return parseScalar(cursor, indent, depth)
  // A list under a key may stand as far left as the key.
  if (line !== null && line.indent === indent && isEntry(line)) return parseSequence(cursor, indent, depth + 1)
  return parseBlock(cursor, indent, depth + 1)
}

/** `key:` at the beginning of a line; `length` is to what follows the colon. */
const keyOf = (text: string): { readonly name: string; readonly length: number } | null => {
  const quoted = /^(?:'((?:[^']|'')*)'|"([^"\\]*)")[ ]?:(?= |$)/.exec(text)
  if (quoted !== null) return { name: (quoted[1] ?? quoted[2] ?? '').replaceAll("''", "'"), length: quoted[0].length }
  if (/^['"[{|>*?@`%]/.test(text)) return null
  const plain = text.endsWith(':') && !text.includes(': ') ? text.length - 1 : text.indexOf(': ')
  return plain <= 0 ? null : { name: text.slice(0, plain).trimEnd(), length: plain + 1 }
}

/** Anchors (`&id001`) and tags (`!!timestamp`). */
const passProperties = (cursor: YamlCursor): void => {
  for (let line = cursor.peek(); line !== null; line = cursor.peek()) {
    const property = /^[&!][^ ,[\]{}]*(?= |$)/.exec(line.text)
    if (property === null) return
    cursor.advance(property[0].length)
  }
}

const parseScalar = (cursor: YamlCursor, outer: number, depth: number): YamlValue => {
  const line = cursor.peek()
  if (line === null) return null
  cursor.skip()
  const [first = ''] = line.text
  if ('[{"\''.includes(first)) return parseFlow(line.text, () => cursor.takeContinuation(outer), YAML_DEPTH_MAX - depth)
  if ('|>'.includes(first)) return blockScalar(cursor, line.text, outer)
  if (first === '*') return null
  if ('?@`%'.includes(first)) throw new YamlError(`A value begins with ${first}.`)
  const lines = [line.text]
  for (let more = cursor.takeContinuation(outer); more !== null; more = cursor.takeContinuation(outer)) lines.push(more)
  const text = foldLines(lines)
  return text === 'null' || text === '~' ? null : text
}

/** Lines of a scalar put together: one break is a blank, more are one fewer. */
export const foldLines = (lines: readonly string[]): string => {
  const parts: string[] = []
  let breaks = 0
  for (const line of lines) {
    const text = line.trim()
    if (text === '' && parts.length > 0) breaks += 1
    if (text === '') continue
    if (parts.length > 0) parts.push(breaks > 0 ? '\n'.repeat(breaks) : ' ')
    parts.push(text)
    breaks = 0
  }
  return parts.join('')
}

const blockScalar = (cursor: YamlCursor, header: string, outer: number): string => {
  if (!/^[|>](?:[-+]?[1-9]?|[1-9][-+])$/.test(header)) throw new YamlError('A block scalar has an unknown header.')
  const lines: string[] = []
  for (let more = cursor.takeContinuation(outer); more !== null; more = cursor.takeContinuation(outer)) lines.push(more)
  if (header.startsWith('>')) return foldLines(lines)
  const indent = Math.max(0, lines.find((line) => line.trim() !== '')?.search(/\S/) ?? 0)
  return lines
    .map((line) => line.slice(indent))
    .join('\n')
    .trimEnd()
}
