/** Larger ones are shown as all taken away and all put in: their plan would take longer than anybody waits. */
const CELLS_MAX = 4_000_000
const CONTEXT = 3

type Line = { readonly mark: ' ' | '-' | '+'; readonly text: string }

/** What leads from one text to another, line by line, with three lines around each change; empty: they are the same. */
export const lineDiff = (before: string, after: string): string[] => {
  const [a, b] = [before.split('\n'), after.split('\n')]
  let head = 0
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1
  const same = (lines: readonly string[]): Line[] => lines.map((text) => ({ mark: ' ', text }))
  const changed = between(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  if (changed.length === 0) return []
  return nearChanges([...same(a.slice(0, head)), ...changed, ...same(a.slice(a.length - tail))])
}

/** By the longest common subsequence. */
const between = (a: readonly string[], b: readonly string[]): Line[] => {
  const taken = a.map((text): Line => ({ mark: '-', text }))
  const put = b.map((text): Line => ({ mark: '+', text }))
  if (a.length === 0 || b.length === 0 || a.length * b.length > CELLS_MAX) return [...taken, ...put]
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0
  for (let row = a.length - 1; row >= 0; row -= 1) {
    for (let column = b.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        a[row] === b[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1))
    }
  }
  const lines: Line[] = []
  let [row, column] = [0, 0]
  while (row < a.length || column < b.length) {
    if (row < a.length && a[row] === b[column]) {
      lines.push({ mark: ' ', text: a[row] ?? '' })
      row += 1
      column += 1
    } else if (column >= b.length || (row < a.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ mark: '-', text: a[row] ?? '' })
      row += 1
    } else {
      lines.push({ mark: '+', text: b[column] ?? '' })
      column += 1
    }
  }
  return lines
}

const nearChanges = (lines: readonly Line[]): string[] => {
  const near = (index: number) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== ' ')
  const shown: string[] = []
  for (const [index, { mark, text }] of lines.entries()) {
    if (near(index)) shown.push(`${mark} ${text}`.trimEnd())
    else if (shown.length > 0 && shown.at(-1) !== '  …') shown.push('  …')
  }
  return shown.at(-1) === '  …' ? shown.slice(0, -1) : shown
}
