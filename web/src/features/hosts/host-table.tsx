// biome-ignore-all lint/a11y/useSemanticElements: a virtual table's rows are placed by hand, which table elements refuse
// biome-ignore-all lint/a11y/useFocusableInteractive: rows of a read-only table take no focus, their links do
import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useMemo, useRef } from 'react'
import { Placeholder } from '../../ui/notice.tsx'
import { useIsPhone } from '../../ui/use-is-phone.ts'
import { columnClass, columnsOf, gridOf } from './columns.ts'
import { HostCard, HostRow } from './host-row.tsx'

const ROW = { comfortable: 36, dense: 28, phone: 76 }
/** Rows shown empty while the next page comes. */
const COMING = 6
const FETCH_AHEAD = 30

export interface HostTableProps {
  hosts: readonly HostSummary[]
  total: number
  hasMore: boolean
  onMore: () => void
  sort: string
  onSort: (sort: 'state' | 'name' | 'kernel' | 'lastSeen') => void
  dense: boolean
}

/** Rows of a server-side list; only those in sight are in the document, and the window is what scrolls. */
export const HostTable = ({ hosts, total, hasMore, onMore, sort, onSort, dense }: HostTableProps) => {
  const phone = useIsPhone()
  const body = useRef<HTMLDivElement>(null)
  const height = phone ? ROW.phone : dense ? ROW.dense : ROW.comfortable
  const rows = useWindowVirtualizer({
    count: hosts.length + (hasMore ? COMING : 0),
    estimateSize: () => height,
    overscan: 12,
    scrollMargin: body.current?.offsetTop ?? 0,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when the height changes, by nothing else
  useEffect(() => rows.measure(), [height])
  const withLabels = useMemo(() => hosts.some((host) => Object.keys(host.labels).length > 0), [hosts])
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && last >= hosts.length - FETCH_AHEAD) onMore()
  }, [hasMore, last, hosts.length, onMore])
  return (
    <div role="table" aria-label="Hosts" aria-rowcount={total + 1}>
      {phone ? null : <TableHead sort={sort} onSort={onSort} withLabels={withLabels} />}
      <div role="rowgroup" ref={body} className="relative" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const host = hosts[item.index]
          return (
            <div
              key={host?.id ?? `coming ${item.index}`}
              role="row"
              aria-rowindex={item.index + 2}
              className="absolute inset-x-0 top-0"
              style={{ height: item.size, transform: `translateY(${item.start - rows.options.scrollMargin}px)` }}
            >
              {!host ? (
                <RowPlaceholder phone={phone} withLabels={withLabels} />
              ) : phone ? (
                <HostCard host={host} />
              ) : (
                <HostRow host={host} withLabels={withLabels} />
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

const TableHead = ({ sort, onSort, withLabels }: Pick<HostTableProps, 'sort' | 'onSort'> & { withLabels: boolean }) => {
  const by = sort.replace('-', '')
  const Arrow = sort.startsWith('-') ? ArrowUp : ArrowDown
  return (
    <div role="rowgroup" className="sticky top-13 z-[5] border-b border-line bg-sheet">
      <div role="row" aria-rowindex={1} className={`${gridOf(withLabels)} h-8 text-11 font-medium text-ink-3`}>
        {columnsOf(withLabels).map((column) => {
          const { sort: sorts } = column
          const sorted = sorts === by
          return (
            <span
              key={column.key}
              role="columnheader"
              aria-sort={sorted ? (sort.startsWith('-') ? 'descending' : 'ascending') : undefined}
              className={`${columnClass(column.key)} ${column.right ? 'text-right' : ''}`}
            >
              {sorts ? (
                <button
                  type="button"
                  onClick={() => onSort(sorts)}
                  className={`inline-flex h-7 items-center gap-1 hover:text-ink ${sorted ? 'text-ink' : ''}`}
                >
                  {column.word}
                  {sorted ? <Arrow size={12} aria-hidden /> : null}
                </button>
              ) : (
                column.word
              )}
            </span>
          )
        })}
      </div>
    </div>
  )
}

const RowPlaceholder = ({ phone, withLabels }: { phone: boolean; withLabels: boolean }) =>
  phone ? (
    <div role="cell" className="flex h-full items-center gap-3 border-b border-line px-4">
      <Placeholder className="size-4" />
      <span className="grid flex-1 gap-2">
        <Placeholder className="w-40" />
        <Placeholder className="w-56" />
        <Placeholder className="w-24" />
      </span>
      <span className="sr-only">Loading</span>
    </div>
  ) : (
    <div role="presentation" className={`${gridOf(withLabels)} h-full border-b border-line`}>
      {columnsOf(withLabels).map(({ key }) => (
        <span key={key} role="cell" className={columnClass(key)}>
          <Placeholder className={key === 'lastSeen' ? 'ml-auto w-8' : key === 'name' ? 'w-36' : 'w-20'} />
        </span>
      ))}
    </div>
  )

/** The table before its first answer, in its final geometry. */
export const HostTableLoading = ({ dense }: { dense: boolean }) => {
  const phone = useIsPhone()
  const height = phone ? ROW.phone : dense ? ROW.dense : ROW.comfortable
  return (
    <div role="table" aria-label="Hosts" aria-busy="true">
      {phone ? null : <TableHead sort="" onSort={() => {}} withLabels={false} />}
      <div role="rowgroup">
        {Array.from({ length: 16 }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: empty rows are all alike
          <div key={index} role="row" style={{ height }}>
            <RowPlaceholder phone={phone} withLabels={false} />
          </div>
        ))}
      </div>
    </div>
  )
}
