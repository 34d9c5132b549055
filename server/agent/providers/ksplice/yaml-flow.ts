import { YamlError } from './yaml-cursor.ts'
import type { YamlValue } from './yaml-subset.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '0': '\0', a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r', e: '\x1b', ' ': ' ', '"': '"' },
  ...{ '/': '/', '\\': '\\', N: '\u0085', _: '\u00a0', L: '\u2028', P: '\u2029' },
}
const HEX_DIGITS: Readonly<Record<string, RegExp>> = {
  ...{ x: /[0-9A-Fa-f]{2}/y, u: /[0-9A-Fa-f]{4}/y, U: /[0-9A-Fa-f]{8}/y },
}

/**
 * A flow collection or a quoted scalar that begins at the start of `line` and may go on in lines that `more` gives, up to
 * null. Throws YamlError for what is left open, or when text follows.
 */
export const parseFlow = (line: string, more: () => string | null, depthMax: number): YamlValue => {
  const scanner = new FlowScanner(line, more)
  const value = flowNode(scanner, depthMax)
  scanner.end()
  return value
}

class FlowScanner {
  #line: string
  #at = 0
  readonly #more: () => string | null

  constructor(line: string, more: () => string | null) {
    this.#line = line
    this.#more = more
  }

  /** The next character on this line; '' at its end. */
  get here(): string {
    return this.#line.charAt(this.#at)
  }

  get following(): string {
    return this.#line.charAt(this.#at + 1)
  }

  step(characters = 1): void {
    this.#at += characters
  }

  nextLine(): void {
    const line = this.#more()
    if (line === null) throw new YamlError('It ends in the middle of a value.')
    this.#line = line
    this.#at = 0
  }

  /** Past blanks and line breaks to the next character. */
  skipBlanks(): void {
    for (;;) {
      while (this.here === ' ' || this.here === '\t') this.step()
      if (this.here !== '') return
      this.nextLine()
    }
  }

  /** The longest text from here that matches a sticky expression. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#line)?.[0] ?? ''
    this.#at += text.length
    return text
  }

  end(): void {
    const rest = this.#line.slice(this.#at).trim()
    if (rest !== '' && !rest.startsWith('#')) throw new YamlError('Text follows a value.')
  }
}

const flowNode = (scanner: FlowScanner, depthLeft: number): YamlValue => {
  if (depthLeft <= 0) throw new YamlError('It is nested too deeply.')
  for (;;) {
    scanner.skipBlanks()
    if (scanner.here === '&' || scanner.here === '!') scanner.take(/[^ \t,[\]{}]+/y)
    else break
  }
  if (scanner.here === '[') return flowSequence(scanner, depthLeft)
  if (scanner.here === '{') return flowMapping(scanner, depthLeft)
  if (scanner.here === "'") return singleQuoted(scanner)
  if (scanner.here === '"') return doubleQuoted(scanner)
  return flowPlain(scanner)
}

const flowSequence = (scanner: FlowScanner, depthLeft: number): YamlValue[] => {
  const values: YamlValue[] = []
  scanner.step()
  for (;;) {
    scanner.skipBlanks()
    if (scanner.here === ']') break
    values.push(flowNode(scanner, depthLeft - 1))
    if (!separated(scanner, ']')) break
  }
  scanner.step()
  return values
}

const flowMapping = (scanner: FlowScanner, depthLeft: number): YamlValue => {
  const map = new Map<string, YamlValue>()
  scanner.step()
  for (;;) {
    scanner.skipBlanks()
    if (scanner.here === '}') break
    const key = flowNode(scanner, depthLeft - 1)
    if (typeof key !== 'string') throw new YamlError('A key is no text.')
    scanner.skipBlanks()
    if (scanner.here !== ':') throw new YamlError('A key has no value.')
    scanner.step()
    scanner.skipBlanks()
    map.set(key, ',}'.includes(scanner.here) ? null : flowNode(scanner, depthLeft - 1))
    if (!separated(scanner, '}')) break
  }
  scanner.step()
  return map
}

/** True when another entry may follow, false at the end of the collection. */
const separated = (scanner: FlowScanner, close: string): boolean => {
  scanner.skipBlanks()
  if (scanner.here === close) return false
  if (scanner.here !== ',') throw new YamlError('A comma is missing.')
  scanner.step()
  return true
}

const flowPlain = (scanner: FlowScanner): YamlValue => {
  const parts: string[] = []
  for (;;) {
    const text = scanner.take(/(?:[^,[\]{}:]|:(?=[^ \t,[\]{}]))+/y).trim()
    if (text !== '') parts.push(text)
    if (scanner.here !== '') break
    scanner.nextLine()
  }
  const text = parts.join(' ')
  if (text === '') throw new YamlError('A value is missing.')
  return text === 'null' || text === '~' || text.startsWith('*') ? null : text
}

const singleQuoted = (scanner: FlowScanner): string => {
  const parts: string[] = []
  scanner.step()
  for (;;) {
    parts.push(scanner.take(/[^']+/y))
    if (scanner.here === "'" && scanner.following === "'") {
      parts.push("'")
      scanner.step(2)
    } else if (scanner.here === "'") {
      scanner.step()
      return parts.join('')
    } else breakLine(scanner, parts)
  }
}

const doubleQuoted = (scanner: FlowScanner): string => {
  const parts: string[] = []
  scanner.step()
  for (;;) {
    parts.push(scanner.take(/[^"\\]+/y))
    if (scanner.here === '"') {
      scanner.step()
      return parts.join('')
    }
    if (scanner.here === '') breakLine(scanner, parts)
    else escaped(scanner, parts)
  }
}

const escaped = (scanner: FlowScanner, parts: string[]): void => {
  scanner.step()
  const letter = scanner.here
  if (letter === '') {
    // An escaped break joins the lines; what the next begins with is not part of it.
    scanner.nextLine()
    scanner.take(/[ \t]+/y)
    return
  }
  scanner.step()
  const digits = HEX_DIGITS[letter]
  if (digits === undefined) {
    parts.push(ESCAPES[letter] ?? letter)
    return
  }
  const code = Number.parseInt(scanner.take(digits), 16)
  if (!(code <= 0x10ffff)) throw new YamlError('An escape names no character.')
  parts.push(String.fromCodePoint(code))
}

/** One break in a quoted scalar is a blank, more are one fewer. */
const breakLine = (scanner: FlowScanner, parts: string[]): void => {
  parts.push((parts.pop() ?? '').trimEnd())
  let breaks = 0
  do {
    scanner.nextLine()
    scanner.take(/[ \t]+/y)
    breaks += 1
  } while (scanner.here === '')
  parts.push(breaks === 1 ? ' ' : '\n'.repeat(breaks - 1))
}
