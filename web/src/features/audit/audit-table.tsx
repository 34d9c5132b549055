// biome-ignore-all lint/a11y/useSemanticElements: a virtual table's rows are placed by hand, which table elements refuse
// biome-ignore-all lint/a11y/useFocusableInteractive: rows of a read-only table take no focus, their links do
import type { AuditRecord } from '@rebootless/shared/contract/audit-api.ts'
import { Link } from '@tanstack/react-router'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { ChevronRight } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { useIsPhone } from '../../ui/use-is-phone.ts'
import { ActorName } from './actor-name.tsx'
import { ResultMark } from './result-mark.tsx'

const ROW = { desk: 36, phone: 76 }
const COMING = 4
const FETCH_AHEAD = 30
const GRID =
  'grid items-center gap-x-4 px-6 grid-cols-[64px_minmax(110px,1fr)_minmax(150px,1.1fr)_minmax(120px,1.2fr)_92px] wide:grid-cols-[64px_minmax(130px,0.9fr)_minmax(170px,1fr)_minmax(150px,1.2fr)_92px_minmax(140px,1.5fr)_130px]'
const HEADS = [
  { word: 'When', wide: false },
  { word: 'Who', wide: false },
  { word: 'What', wide: false },
  { word: 'To what', wide: false },
  { word: 'Result', wide: false },
  { word: 'Why', wide: true },
  { word: 'From where', wide: true },
]

/** The log, newest first; only what is in sight is in the document. A row opens its entry. */
export const AuditTable = ({
  records,
  hasMore,
  onMore,
}: {
  records: readonly AuditRecord[]
  hasMore: boolean
  onMore: () => void
}) => {
  const phone = useIsPhone()
  const body = useRef<HTMLDivElement>(null)
  const rows = useWindowVirtualizer({
    count: records.length + (hasMore ? COMING : 0),
    estimateSize: () => (phone ? ROW.phone : ROW.desk),
    overscan: 12,
    scrollMargin: body.current?.offsetTop ?? 0,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when the height changes, by nothing else
  useEffect(() => rows.measure(), [phone])
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && last >= records.length - FETCH_AHEAD) onMore()
  }, [hasMore, last, records.length, onMore])
  return (
    <div role="table" aria-label="Audit log" aria-rowcount={hasMore ? -1 : records.length + 1}>
      {phone ? null : <TableHead />}
      <div role="rowgroup" ref={body} className="relative" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const record = records[item.index]
          return (
            <div
              key={record?.sequence ?? `coming ${item.index}`}
              role="row"
              aria-rowindex={item.index + 2}
              className="absolute inset-x-0 top-0"
              style={{ height: item.size, transform: `translateY(${item.start - rows.options.scrollMargin}px)` }}
            >
              {!record ? <RowPlaceholder phone={phone} /> : phone ? <Card record={record} /> : <Row record={record} />}
            </div>
          )
        })}
      </div>
    </div>
  )
}

const TableHead = () => (
  <div role="rowgroup" className="sticky top-13 z-[5] border-b border-line bg-sheet">
    <div role="row" aria-rowindex={1} className={`${GRID} h-8 text-11 font-medium text-ink-3`}>
      {HEADS.map(({ word, wide }) => (
        <span key={word} role="columnheader" className={wide ? 'max-wide:hidden' : ''}>
          {word}
        </span>
      ))}
    </div>
  </div>
)

const EntryLink = ({ record: { sequence, entry } }: { record: AuditRecord }) => (
  <Link
    to="/audit"
    search={(before) => ({ ...before, entry: String(sequence) })}
    resetScroll={false}
    data-row-link
    className="mono truncate text-[12px] after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-ink"
  >
    <HostText value={entry.action} max={64} />
  </Link>
)

const Target = ({ target }: { target: AuditRecord['entry']['target'] }) =>
  target === null ? (
    <span aria-hidden className="text-ink-3">
      –
    </span>
  ) : (
    <HostText value={target.name ?? target.id} max={80} />
  )

const Row = ({ record }: { record: AuditRecord }) => {
  const { at, actor, target, result, reason } = record.entry
  return (
    <div
      role="presentation"
      className={`${GRID} relative h-full border-b border-line transition-colors hover:bg-hover`}
    >
      <span role="cell" className="text-12 text-ink-3">
        <TimeAgo at={at} />
      </span>
      <span role="cell" className="truncate font-medium">
        <ActorName actor={actor} />
      </span>
      <span role="cell" className="flex min-w-0">
        <EntryLink record={record} />
      </span>
      <span
        role="cell"
        className="truncate text-ink-2"
        title={target === null ? undefined : visibleText(target.name ?? target.id, 255)}
      >
        <Target target={target} />
      </span>
      <span role="cell" className="flex items-center">
        <ResultMark result={result} />
      </span>
      <span role="cell" className="truncate text-12 text-ink-2 max-wide:hidden">
        {reason === null ? null : <HostText value={reason} max={200} />}
      </span>
      <span role="cell" className="mono truncate text-[12px] text-ink-3 max-wide:hidden">
        {actor.address === null ? null : <HostText value={actor.address} max={64} />}
      </span>
    </div>
  )
}

const Card = ({ record }: { record: AuditRecord }) => {
  const { at, actor, target, result } = record.entry
  return (
    <div role="cell" className="relative flex h-full items-center gap-3 border-b border-line px-4">
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-center gap-2">
          <EntryLink record={record} />
          <ResultMark result={result} />
        </p>
        <p className="truncate text-12 text-ink-2">
          <Target target={target} />
        </p>
        <p className="truncate text-12 text-ink-3">
          <ActorName actor={actor} />
        </p>
      </div>
      <span className="text-12 text-ink-3">
        <TimeAgo at={at} />
      </span>
      <ChevronRight size={16} aria-hidden className="flex-none text-ink-4" />
    </div>
  )
}

const RowPlaceholder = ({ phone }: { phone: boolean }) =>
  phone ? (
    <div role="cell" className="grid h-full content-center gap-2 border-b border-line px-4">
      <Placeholder className="w-40" />
      <Placeholder className="w-56" />
      <Placeholder className="w-24" />
      <span className="sr-only">Loading</span>
    </div>
  ) : (
    <div role="presentation" className={`${GRID} h-full border-b border-line`}>
      {HEADS.map(({ word, wide }) => (
        <span key={word} role="cell" className={wide ? 'max-wide:hidden' : ''}>
          <Placeholder className={word === 'When' ? 'w-8' : 'w-24'} />
        </span>
      ))}
    </div>
  )

/** The table before its first answer, in its final geometry. */
export const AuditTableLoading = () => {
  const phone = useIsPhone()
  return (
    <div role="table" aria-label="Audit log" aria-busy="true">
      {phone ? null : <TableHead />}
      <div role="rowgroup">
        {Array.from({ length: 16 }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: empty rows are all alike
          <div key={index} role="row" style={{ height: phone ? ROW.phone : ROW.desk }}>
            <RowPlaceholder phone={phone} />
          </div>
        ))}
      </div>
    </div>
  )
}
