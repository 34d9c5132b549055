// biome-ignore-all lint/a11y/useSemanticElements: one roving stop stands for thousands of links; a fieldset is for forms
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { HOST_STATE_WORDS } from '@rebootless/shared/domain/state-words.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, lazy, memo, Suspense, useRef, useState } from 'react'
import { visibleText } from '../../ui/host-text.tsx'
import { StateShape } from '../../ui/state-glyph.tsx'

const CellPopover = lazy(() => import('./cell-popover.tsx').then((module) => ({ default: module.CellPopover })))

const CELL = 16
/** Cells that are drawn anew together when one of them changes. */
const CHUNK = 200
const MOVES: Readonly<Record<string, (columns: number) => number>> = {
  ArrowRight: () => 1,
  ArrowLeft: () => -1,
  ArrowDown: (columns) => columns,
  ArrowUp: (columns) => -columns,
}

/** Health is pale, trouble saturated: a patched host is a pale cell, everything else its glyph. */
const CellShape = ({ state }: { state: HostState }) =>
  state === 'patched' ? (
    <rect x="1" y="1" width="14" height="14" rx="2.5" fill="var(--new-cell)" />
  ) : (
    <StateShape state={state} />
  )

const labelOf = (host: HostSummary) =>
  [
    visibleText(host.name, 80),
    HOST_STATE_WORDS[host.state].word.toLowerCase(),
    ...(host.origin === 'agent' ? [] : [host.origin]),
  ].join(', ')

interface ChunkOfCells {
  hosts: readonly HostSummary[]
  /** Of the cell that the tab key reaches; null: it is in another chunk. */
  stop: number | null
  /** Where the first stands in its group. */
  from: number
  on: {
    open(host: HostSummary): void
    show(host: HostSummary | null, element: Element): void
    reach(index: number): void
  }
}

const Chunk = memo(
  ({ hosts, stop, from, on }: ChunkOfCells) =>
    hosts.map((host, index) => (
      <span
        key={host.id}
        role="link"
        tabIndex={index === stop ? 0 : -1}
        aria-label={labelOf(host)}
        className="block size-4 cursor-pointer rounded-mark hover:outline-2 hover:outline-ink focus-visible:outline-offset-0 max-desk:size-5"
        onClick={() => on.open(host)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') on.open(host)
        }}
        onMouseEnter={(event) => on.show(host, event.currentTarget)}
        onMouseLeave={(event) => on.show(null, event.currentTarget)}
        onFocus={(event) => {
          on.reach(from + index)
          if (event.currentTarget.matches(':focus-visible')) on.show(host, event.currentTarget)
        }}
        onBlur={(event) => on.show(null, event.currentTarget)}
      >
        <svg viewBox="0 0 16 16" className="size-full" aria-hidden="true">
          <CellShape state={host.state} />
        </svg>
      </span>
    )),
  // What `on` does is the same at each drawing.
  (before, after) =>
    before.stop === after.stop &&
    before.from === after.from &&
    before.hosts.length === after.hosts.length &&
    before.hosts.every((host, index) => host === after.hosts[index]),
)

/** The hosts of one group. One stop of the tab key; arrows move within, Enter opens. */
export const Cells = ({ name, hosts }: { name: string; hosts: readonly HostSummary[] }) => {
  const [current, setCurrent] = useState(0)
  const [shown, setShown] = useState<{ host: HostSummary; cell: DOMRect } | null>(null)
  const box = useRef<HTMLDivElement>(null)
  const navigate = useNavigate()
  const open = (host: HostSummary) => void navigate({ to: '/hosts/$id', params: { id: host.id } })
  const show = (host: HostSummary | null, element: Element) =>
    setShown(host ? { host, cell: element.getBoundingClientRect() } : null)
  const onKey = (event: KeyboardEvent) => {
    const columns = Math.max(1, Math.floor((box.current?.clientWidth ?? CELL) / CELL))
    const step = MOVES[event.key]?.(columns)
    if (event.key === 'Escape') setShown(null)
    if (step === undefined) return
    event.preventDefault()
    const next = Math.min(hosts.length - 1, Math.max(0, current + step))
    setCurrent(next)
    box.current?.querySelectorAll<HTMLElement>('[role=link]')[next]?.focus()
  }
  return (
    <div
      ref={box}
      role="group"
      aria-label={visibleText(name) || 'All hosts'}
      className="flex flex-wrap"
      onKeyDown={onKey}
    >
      {Array.from({ length: Math.ceil(hosts.length / CHUNK) }, (_, chunk) => {
        const from = chunk * CHUNK
        const stop = Math.min(current, hosts.length - 1) - from
        return (
          <Chunk
            key={from}
            hosts={hosts.slice(from, from + CHUNK)}
            stop={stop >= 0 && stop < CHUNK ? stop : null}
            from={from}
            on={{ open, show, reach: setCurrent }}
          />
        )
      })}
      <Suspense>{shown ? <CellPopover host={shown.host} cell={shown.cell} /> : null}</Suspense>
    </div>
  )
}
