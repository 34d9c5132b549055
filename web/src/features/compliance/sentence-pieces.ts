/** A piece of the summary's sentence; `tone`: the good number, or the number of those that are not. */
interface SentencePiece {
  readonly text: string
  readonly tone: 'new' | 'old' | null
}

const GAP = '\u00a0'
const SHARE = /^\d+(\.\d+)? %/
const EXPOSED = /\b[1-9][\d,]* exposed\b/

/** The sentence as the server says it, its two numbers apart, so that the page may colour them; a unit stays with its number. */
export const sentencePieces = (sentence: string): SentencePiece[] => {
  const share = SHARE.exec(sentence)?.[0] ?? ''
  const rest = sentence.slice(share.length)
  const exposed = EXPOSED.exec(rest)
  const pieces: SentencePiece[] = [
    { text: share.replace(' %', `${GAP}%`), tone: 'new' },
    ...(exposed === null
      ? [{ text: rest, tone: null }]
      : [
          { text: rest.slice(0, exposed.index), tone: null },
          { text: exposed[0].replace(' ', GAP), tone: 'old' as const },
          { text: rest.slice(exposed.index + exposed[0].length), tone: null },
        ]),
  ]
  return pieces.filter(({ text }) => text !== '')
}
