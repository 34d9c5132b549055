// biome-ignore-all lint/a11y/useSemanticElements: a virtual table's rows are placed by hand, which table elements refuse
// biome-ignore-all lint/a11y/useFocusableInteractive: rows of a read-only table take no focus, their links do
import { Link } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { Button } from '../../../ui/button.tsx'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { Placeholder } from '../../../ui/notice.tsx'
import { TimeAgo } from '../../../ui/time-ago.tsx'
import { useIsPhone } from '../../../ui/use-is-phone.ts'
import { StageMark } from '../phase-mark.tsx'
import type { RolloutHost } from './rollout-hosts.ts'

const ROW = { desk: 36, phone: 92 }
const GRID = 'grid grid-cols-[150px_minmax(140px,1fr)_64px_minmax(0,2fr)_64px_92px] items-center gap-x-3 px-6'
const COLUMNS = ['Stage', 'Host', 'Wave', 'Why', 'For', ''] as const

/** What the cells show, in words. Only rows in sight are in the document. */
export const HostRows = ({
  hosts,
  onExclude,
}: {
  hosts: readonly RolloutHost[]
  /** Null: nobody can be left out now, or not by whoever looks. */
  onExclude: ((host: RolloutHost) => void) | null
}) => {
  const phone = useIsPhone()
  const body = useRef<HTMLDivElement>(null)
  const height = phone ? ROW.phone : ROW.desk
  const rows = useWindowVirtualizer({
    count: hosts.length,
    estimateSize: () => height,
    overscan: 12,
    scrollMargin: body.current?.offsetTop ?? 0,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when the height changes, by nothing else
  useEffect(() => rows.measure(), [height])
  return (
    <div role="table" aria-label="Hosts of the rollout" aria-rowcount={hosts.length + 1}>
      <div role="rowgroup" className={phone ? 'sr-only' : 'border-b border-line'}>
        <div role="row" aria-rowindex={1} className={`${GRID} h-8 text-11 font-medium text-ink-3`}>
          {COLUMNS.map((column) => (
            <span key={column} role="columnheader">
              {column === '' ? <span className="sr-only">Acts</span> : column}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" ref={body} className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const host = hosts[item.index]
          if (!host) return null
          return (
            <div
              key={host.id}
              role="row"
              aria-rowindex={item.index + 2}
              className={`absolute inset-x-0 top-0 border-b border-line transition-colors hover:bg-hover ${phone ? 'grid grid-cols-[minmax(0,1fr)_auto] content-center gap-x-3 px-4' : GRID}`}
              style={{ height: item.size, transform: `translateY(${item.start - rows.options.scrollMargin}px)` }}
            >
              <Cells host={host} phone={phone} onExclude={onExclude} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

const Cells = ({
  host,
  phone,
  onExclude,
}: {
  host: RolloutHost
  phone: boolean
  onExclude: ((host: RolloutHost) => void) | null
}) => {
  const why = <HostText value={host.why ?? ''} max={300} />
  return (
    <>
      <span role="cell" className="flex items-center">
        <StageMark stage={host.stage} />
      </span>
      <span role="cell" className={`min-w-0 ${phone ? 'order-first' : ''}`}>
        <Link
          to="/hosts/$id"
          params={{ id: host.id }}
          data-row-link
          className="block truncate font-medium hover:underline"
        >
          <HostText value={host.name} max={80} />
        </Link>
      </span>
      <span role="cell" className="text-12 text-ink-3">
        {host.wave === null ? 'none' : `${phone ? 'wave ' : ''}${host.wave + 1}`}
      </span>
      <span
        role="cell"
        title={host.why === null ? undefined : visibleText(host.why, 1000)}
        className={`min-w-0 text-12 text-ink-2 ${phone ? 'line-clamp-2' : 'truncate'}`}
      >
        {why}
      </span>
      <span role="cell" className={`text-12 text-ink-3 ${phone ? 'sr-only' : ''}`}>
        <TimeAgo at={host.since} />
      </span>
      <span role="cell" className={phone ? '' : 'text-right'}>
        {onExclude === null || host.stage === 'left out' ? null : (
          <Button
            aria-haspopup="dialog"
            aria-label={`Leave ${visibleText(host.name, 80)} out`}
            className="border-transparent! bg-transparent! font-normal! text-ink-3 hover:text-ink hover:underline max-desk:-ml-2.5"
            onClick={() => onExclude(host)}
          >
            Leave out…
          </Button>
        )}
      </span>
    </>
  )
}

/** Before the first answer, in its final geometry. */
export const HostRowsLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The hosts are loading.
    </p>
    {['w-40', 'w-56', 'w-48', 'w-44', 'w-52', 'w-36'].map((width) => (
      <div key={width} className="flex h-9 items-center gap-8 border-b border-line px-6 max-desk:px-4">
        <Placeholder className="w-24" />
        <Placeholder className={width} />
      </div>
    ))}
  </div>
)
