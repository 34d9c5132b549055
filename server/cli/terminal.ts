const CONTROL_C = '\u0003'
/** Of a line that is typed unseen: Enter, and what a terminal in raw mode makes no signal of. */
const ENDS = ['\r', '\n', '\u0004', CONTROL_C]
const BACKSPACES = ['\u007f', '\b']
const LINE_CHARACTERS_MAX = 64 * 1024 * 1024

/** Questions go to standard error, answers come from standard input: a person's, or lines that a script pipes in. */
export interface Terminal {
  /** The next line; empty at the end of the input. */
  line(question?: string): Promise<string>
  /** The same, of which a screen shows nothing. */
  secret(question: string): Promise<string>
}

export const createTerminal = (input: NodeJS.ReadStream = process.stdin): Terminal => {
  let held = ''
  let ended = false
  input.setEncoding('utf8')

  const more = () =>
    new Promise<void>((resolve) => {
      const settle = () => {
        input.off('data', heard).off('end', closed).off('error', closed)
        input.pause()
        resolve()
      }
      const heard = (piece: string) => {
        held += piece
        settle()
      }
      const closed = () => {
        ended = true
        settle()
      }
      input.on('data', heard).on('end', closed).on('error', closed)
      input.resume()
    })

  const line = async (question = ''): Promise<string> => {
    if (question !== '') process.stderr.write(question)
    for (;;) {
      const end = held.search(/[\r\n]/)
      if (end >= 0) {
        const found = held.slice(0, end)
        held = held.slice(held.startsWith('\r\n', end) ? end + 2 : end + 1)
        return found
      }
      if (ended || held.length > LINE_CHARACTERS_MAX) {
        const rest = held
        held = ''
        return rest
      }
      await more()
    }
  }

  const secret = async (question: string): Promise<string> => {
    if (!input.isTTY) return line(question)
    const endOf = () => [...held].findIndex((character) => ENDS.includes(character))
    input.setRawMode(true)
    try {
      process.stderr.write(question)
      while (!ended && endOf() < 0) await more()
    } finally {
      input.setRawMode(false)
    }
    process.stderr.write('\n')
    const characters = [...held]
    const end = endOf() < 0 ? characters.length : endOf()
    held = characters.slice(end + 1).join('')
    if (characters[end] === CONTROL_C) process.exit(130)
    const typed: string[] = []
    for (const character of characters.slice(0, end)) {
      if (BACKSPACES.includes(character)) typed.pop()
      else typed.push(character)
    }
    return typed.join('')
  }
  return { line, secret }
}
