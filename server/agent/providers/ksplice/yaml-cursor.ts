/** A text that is not in the part of YAML that is read here. */
export class YamlError extends Error {}

/** One line without its indentation. */
export interface YamlLine {
  readonly indent: number
  readonly text: string
  /** False for what is left of a line whose beginning was taken. */
  readonly whole: boolean
}

/** Reads lines one after the other; what was read is never looked at again, so the whole takes as long as the text is. */
export class YamlCursor {
  readonly #lines: readonly string[]
  #next: number
  readonly #end: number
  /** What is left of the current line after an indicator such as `- ` was taken off. */
  #rest: YamlLine | null = null

  constructor(text: string) {
    this.#lines = text.split(/\r\n|[\n\r\u0085\u2028\u2029]/)
    const start = this.#lines.indexOf('---')
    this.#next = start + 1
    const end = this.#lines.indexOf('...', this.#next)
    this.#end = end < 0 ? this.#lines.length : end
  }

  /** The next line that is neither empty nor a comment; null at the end. */
  peek(): YamlLine | null {
    if (this.#rest !== null) return this.#rest
    for (; this.#next < this.#end; this.#next += 1) {
      const line = this.#lines[this.#next] ?? ''
      const text = line.trimStart()
      if (text !== '' && !text.startsWith('#')) {
        this.#rest = { indent: line.length - text.length, text: text.trimEnd(), whole: true }
        this.#next += 1
        return this.#rest
      }
    }
    return null
  }

  skip(): void {
    this.#rest = null
  }

  /** Leaves of the current line what stands after its first `characters`; nothing when only blanks do. */
  advance(characters: number): void {
    const line = this.#rest
    if (line === null) return
    const after = line.text.slice(characters)
    const text = after.trimStart()
    this.#rest =
      text === '' || text.startsWith('#')
        ? null
        : { indent: line.indent + characters + after.length - text.length, text, whole: false }
  }

  /** The next line as it stands, empty ones and comments too, if it continues a scalar: deeper than `indent`, or empty. */
  takeContinuation(indent: number): string | null {
    const line = this.#next < this.#end ? this.#lines[this.#next] : undefined
    if (line === undefined) return null
    const text = line.trimStart()
    if (text !== '' && line.length - text.length <= indent) return null
    this.#next += 1
    return line
  }
}
