import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useRef } from 'react'

export interface VirtualRow {
  readonly key: string
  readonly height: number
  readonly content: ReactNode
}

/** A long list of which only what is in sight is in the document; the window is what scrolls. */
export const VirtualList = ({ label, rows }: { label: string; rows: readonly VirtualRow[] }) => {
  const list = useRef<HTMLUListElement>(null)
  const shown = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => rows[index]?.height ?? 0,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 20,
    scrollMargin: list.current?.offsetTop ?? 0,
  })
  return (
    <ul ref={list} aria-label={label} className="relative" style={{ height: shown.getTotalSize() }}>
      {shown.getVirtualItems().map(({ index, key, start, size }) => (
        <li
          key={key}
          aria-posinset={index + 1}
          aria-setsize={rows.length}
          className="absolute inset-x-0 top-0"
          style={{ height: size, transform: `translateY(${start - shown.options.scrollMargin}px)` }}
        >
          {rows[index]?.content}
        </li>
      ))}
    </ul>
  )
}
