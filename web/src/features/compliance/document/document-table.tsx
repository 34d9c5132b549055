import type { ReactNode } from 'react'
import { count, plural } from '../../../ui/duration.ts'

export interface DocumentColumn<Row> {
  readonly word: string
  readonly cell: (row: Row) => ReactNode
  readonly right?: true
  readonly mono?: true
}

/** A table of a document: hairlines alone, its columns said again on each page, and no row cut. */
export const DocumentTable = <Row,>({
  caption,
  rows,
  rowKey,
  columns,
}: {
  caption: string
  rows: readonly Row[]
  rowKey: (row: Row) => string
  columns: readonly DocumentColumn<Row>[]
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: on a phone it scrolls sideways, and must be reached by the keyboard
  <section tabIndex={0} aria-label={`${caption}: the table`} className="overflow-x-auto print:overflow-visible">
    <table className="w-full border-collapse text-12 max-desk:min-w-140">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ word, right }) => (
            <th
              key={word}
              scope="col"
              className={`border-b border-ink-3 py-1 pr-3 align-bottom text-11 font-semibold last:pr-0 ${right ? 'text-right' : ''}`}
            >
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)}>
            {columns.map(({ word, cell, right, mono }) => (
              <td
                key={word}
                className={`border-b border-line-2 py-1 pr-3 print:py-0.5 align-top last:pr-0 ${right ? 'text-right whitespace-nowrap' : 'wrap-anywhere'} ${mono ? 'mono text-[11px]' : ''}`}
              >
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)

/**
 * A part of a document; its head never stands alone at the foot of a page. `whole`: it is short enough to stand on one. In blocks,
 * since a browser lays a grid that is cut by a page over what follows it.
 */
export const DocumentPart = ({
  title,
  whole = false,
  children,
}: {
  title: string
  whole?: boolean
  children: ReactNode
}) => (
  <section aria-label={title} className={`space-y-2 ${whole ? '[break-inside:avoid]' : ''}`}>
    <h2 className="text-16">{title}</h2>
    {children}
  </section>
)

/** That a table has not all, and where they are. */
export const More = ({ shown, total, what }: { shown: number; total: number; what: string }) =>
  total > shown ? (
    <p>
      The first {plural(shown, what)} of {count(total)}; the files have all.
    </p>
  ) : null
