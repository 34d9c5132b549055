import type { ReactNode } from 'react'

/**
 * What our own runbooks are written in, and no more: headings, paragraphs, lists, `code` and blocks of it. Everything else stays the
 * text that it is, so that no mark-up comes from a string.
 */
type Block =
  | { readonly kind: 'heading' | 'paragraph' | 'code'; readonly text: string }
  | { readonly kind: 'bullets' | 'steps'; readonly items: readonly string[] }

const ITEM = /^(?:[-*]|(\d+)\.)\s+(.*)$/

export const runbookBlocks = (markdown: string): Block[] => {
  const blocks: Block[] = []
  for (const [index, part] of markdown.split(/^```.*$/m).entries()) {
    if (index % 2 === 1) {
      blocks.push({ kind: 'code', text: part.replace(/^\n|\n$/g, '') })
      continue
    }
    for (const paragraph of part.split(/\n\s*\n/)) {
      const lines = paragraph
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
      blocks.push(...blocksOf(lines))
    }
  }
  return blocks
}

const blocksOf = (lines: readonly string[]): Block[] => {
  const [first, ...rest] = lines
  if (first === undefined) return []
  const heading = /^#{1,6}\s+(.*)$/.exec(first)?.[1]
  if (heading !== undefined) return [{ kind: 'heading', text: heading }, ...blocksOf(rest)]
  const begun = ITEM.exec(first)
  if (begun === null) {
    const end = rest.findIndex((line) => ITEM.test(line))
    const own = end === -1 ? lines : lines.slice(0, end + 1)
    return [{ kind: 'paragraph', text: own.join(' ') }, ...blocksOf(lines.slice(own.length))]
  }
  const items: string[] = []
  for (const line of lines) {
    const item = ITEM.exec(line)?.[2]
    if (item !== undefined) items.push(item)
    else items.push(`${items.pop() ?? ''} ${line}`)
  }
  return [{ kind: begun[1] === undefined ? 'bullets' : 'steps', items }]
}

/** `code` and **strong** in a line; a link shows its words. */
const inline = (text: string): ReactNode[] =>
  text
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((piece, index) => {
      const key = `${index} ${piece}`
      if (/^`.+`$/.test(piece)) {
        return (
          <code key={key} className="mono rounded-mark bg-sunken px-1 text-12 break-words">
            {piece.slice(1, -1)}
          </code>
        )
      }
      if (/^\*\*.+\*\*$/.test(piece)) return <b key={key}>{piece.slice(2, -2)}</b>
      return piece
    })

export const Runbook = ({ markdown }: { markdown: string }) => (
  <div className="grid max-w-[72ch] gap-3 text-ink-2">
    {runbookBlocks(markdown).map((block, index) => {
      const key = `${index} ${block.kind}`
      switch (block.kind) {
        case 'heading':
          return (
            <h3 key={key} className="mt-2 text-13 font-semibold text-ink first:mt-0">
              {inline(block.text)}
            </h3>
          )
        case 'paragraph':
          return <p key={key}>{inline(block.text)}</p>
        case 'code':
          return (
            <pre key={key} className="mono overflow-x-auto rounded-control bg-sunken p-3 text-12" tabIndex={-1}>
              {block.text}
            </pre>
          )
        default: {
          const List = block.kind === 'steps' ? 'ol' : 'ul'
          return (
            <List key={key} className={`grid gap-1.5 pl-5 ${block.kind === 'steps' ? 'list-decimal' : 'list-disc'}`}>
              {block.items.map((item) => (
                <li key={item}>{inline(item)}</li>
              ))}
            </List>
          )
        }
      }
    })}
  </div>
)
