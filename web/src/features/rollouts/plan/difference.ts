import { diffLines, diffWordsWithSpace } from 'diff'

/** A piece of a line; `changed`: the other text has another one there. */
export interface Piece {
  readonly text: string
  readonly changed: boolean
}
export type Row =
  | {
      readonly kind: 'same' | 'removed' | 'added'
      readonly before: number | null
      readonly after: number | null
      readonly pieces: readonly Piece[]
    }
  | { readonly kind: 'folded'; readonly lines: number }

export interface Difference {
  readonly rows: readonly Row[]
  readonly added: number
  readonly removed: number
}

/** Lines that are the same are kept as far from a change. */
const CONTEXT = 3
/** Past it two texts are taken for all different, so that two large ones do not hold the page up. */
const EDITS_MAX = 5000

type Line = Exclude<Row, { kind: 'folded' }>

const linesOf = (text: string): string[] => (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
const whole = (text: string): Piece[] => [{ text, changed: false }]

/** Which words of two lines, one in the place of the other, differ; where next to nothing is common, the lines as they are. */
const piecesOf = (removed: string, added: string): [Piece[], Piece[]] => {
  const parts = diffWordsWithSpace(removed, added)
  const common = parts.filter((part) => !part.added && !part.removed && part.value.trim() !== '')
  if (common.length === 0) return [whole(removed), whole(added)]
  const of = (side: 'added' | 'removed'): Piece[] =>
    parts
      .filter((part) => part[side] || !(part.added || part.removed))
      .map((part) => ({ text: part.value, changed: part[side] }))
  return [of('removed'), of('added')]
}

/** What a text became: line by line, with the words that differ, and long stretches of the same folded. */
export const differenceOf = (before: string, after: string): Difference => {
  const parts = diffLines(before, after, { maxEditLength: EDITS_MAX }) ?? [
    { value: before, added: false, removed: true, count: 0 },
    { value: after, added: true, removed: false, count: 0 },
  ]
  const lines: Line[] = []
  let [left, right] = [0, 0]
  parts.forEach((part, index) => {
    if (part.value === '') return
    const texts = linesOf(part.value)
    const next = parts[index + 1]
    const previous = parts[index - 1]
    const against = part.removed && next?.added ? next : part.added && previous?.removed ? previous : null
    const others = against === null ? [] : linesOf(against.value)
    texts.forEach((text, place) => {
      const other = others.length === texts.length ? others[place] : undefined
      if (part.removed) {
        left += 1
        const pieces = other === undefined ? whole(text) : piecesOf(text, other)[0]
        lines.push({ kind: 'removed', before: left, after: null, pieces })
      } else if (part.added) {
        right += 1
        const pieces = other === undefined ? whole(text) : piecesOf(other, text)[1]
        lines.push({ kind: 'added', before: null, after: right, pieces })
      } else {
        left += 1
        right += 1
        lines.push({ kind: 'same', before: left, after: right, pieces: whole(text) })
      }
    })
  })
  const count = (kind: Line['kind']) => lines.filter((line) => line.kind === kind).length
  return { rows: folded(lines), added: count('added'), removed: count('removed') }
}

const folded = (lines: readonly Line[]): Row[] => {
  const near = new Set<number>()
  lines.forEach((line, index) => {
    if (line.kind === 'same') return
    for (let at = index - CONTEXT; at <= index + CONTEXT; at += 1) near.add(at)
  })
  const rows: Row[] = []
  lines.forEach((line, index) => {
    if (near.has(index)) {
      rows.push(line)
      return
    }
    const last = rows.at(-1)
    if (last?.kind === 'folded') rows[rows.length - 1] = { kind: 'folded', lines: last.lines + 1 }
    else rows.push({ kind: 'folded', lines: 1 })
  })
  return rows
}
