// biome-ignore-all lint/a11y/useSemanticElements: one stop of the tab key stands for thousands of cells on a canvas
// biome-ignore-all lint/a11y/useFocusableInteractive: the cell that is pointed at is told of by aria-activedescendant
import { type KeyboardEvent, type MouseEvent, useId, useRef, useState } from 'react'
import { visibleText } from '../../../ui/host-text.tsx'
import { useWidth } from '../../../ui/use-width.ts'
import { STAGE_WORDS } from '../stage-words.ts'
import { HostTip } from './host-tip.tsx'
import type { RolloutHost } from './rollout-hosts.ts'
import { useCellCanvas } from './use-cell-canvas.ts'

const moveBy = (key: string, at: number, columns: number, count: number): number | null => {
  switch (key) {
    case 'ArrowRight':
      return at + 1
    case 'ArrowLeft':
      return at - 1
    case 'ArrowDown':
      return at + columns
    case 'ArrowUp':
      return at - columns
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return null
  }
}

/** The hosts of one wave, a cell each. Arrows move among them, Enter opens one; the table says the same. */
export const WaveCells = ({
  name,
  hosts,
  pitch,
  onOpen,
}: {
  name: string
  hosts: readonly RolloutHost[]
  pitch: number
  onOpen: (id: string) => void
}) => {
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const width = useWidth(box)
  const columns = Math.max(1, Math.floor(width / pitch))
  const height = Math.ceil(hosts.length / columns) * pitch
  const [current, setCurrent] = useState(0)
  const [shown, setShown] = useState<number | null>(null)
  useCellCanvas(canvas, { hosts, pitch, width })
  const pointed = hosts[Math.min(shown ?? current, hosts.length - 1)]
  const at = (event: MouseEvent<HTMLElement>): number | null => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    const column = Math.floor((event.clientX - left) / pitch)
    const index = Math.floor((event.clientY - top) / pitch) * columns + column
    return column >= 0 && column < columns && index >= 0 && index < hosts.length ? index : null
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setShown(null)
    if ((event.key === 'Enter' || event.key === ' ') && pointed) {
      event.preventDefault()
      onOpen(pointed.id)
    }
    const next = moveBy(event.key, current, columns, hosts.length)
    if (next === null) return
    event.preventDefault()
    const place = Math.min(hosts.length - 1, Math.max(0, next))
    setCurrent(place)
    setShown(place)
  }
  const cell = (index: number): DOMRect => {
    const { left, top } = box.current?.getBoundingClientRect() ?? { left: 0, top: 0 }
    return new DOMRect(left + (index % columns) * pitch, top + Math.floor(index / columns) * pitch, pitch, pitch)
  }
  const shownHost = shown === null ? undefined : hosts[shown]
  return (
    <div
      ref={box}
      role="listbox"
      tabIndex={0}
      aria-label={`Hosts of ${visibleText(name, 60)}`}
      aria-activedescendant={pointed ? id : undefined}
      className="relative cursor-pointer rounded-mark focus-visible:outline-offset-2"
      style={{ height }}
      onKeyDown={onKey}
      onFocus={(event) => {
        if (event.currentTarget.matches(':focus-visible')) setShown(current)
      }}
      onBlur={() => setShown(null)}
      onMouseMove={(event) => setShown(at(event))}
      onMouseLeave={() => setShown(null)}
      onClick={(event) => {
        const index = at(event)
        const host = index === null ? undefined : hosts[index]
        if (host) onOpen(host.id)
      }}
    >
      <canvas ref={canvas} aria-hidden className="block" style={{ width, height }} />
      {pointed ? (
        <span
          id={id}
          role="option"
          aria-selected={shown !== null}
          aria-posinset={hosts.indexOf(pointed) + 1}
          aria-setsize={hosts.length}
          className="sr-only"
        >
          {visibleText(pointed.name, 80)}, {STAGE_WORDS[pointed.stage].word}
          {pointed.why === null ? '' : `: ${visibleText(pointed.why, 200)}`}
        </span>
      ) : null}
      {shown !== null && shownHost ? (
        <>
          <i
            aria-hidden
            className="pointer-events-none absolute rounded-[2px] outline-2 outline-ink"
            style={{
              left: (shown % columns) * pitch - 1,
              top: Math.floor(shown / columns) * pitch - 1,
              width: pitch,
              height: pitch,
            }}
          />
          <HostTip host={shownHost} cell={cell(shown)} />
        </>
      ) : null}
    </div>
  )
}
