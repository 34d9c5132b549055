import { plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { differenceOf, type Row } from './difference.ts'

const MARKS = { same: '', removed: '−', added: '+' } as const
const SAID = { same: '', removed: 'removed: ', added: 'added: ' } as const
const LOOKS = { same: '', removed: 'bg-old-tint', added: 'bg-new-tint' } as const
const WORDS = { same: '', removed: 'bg-old-cell', added: 'bg-new-cell' } as const

/** What one plan has and another has not, line by line. */
export const PlanDiff = ({
  before,
  after,
  beforeName,
  afterName,
}: {
  before: string
  after: string
  beforeName: string
  afterName: string
}) => {
  const { rows, added, removed } = differenceOf(before, after)
  return (
    <div className="grid gap-2">
      <p role="status" className="text-ink-2">
        From <HostText value={beforeName} max={120} /> to <HostText value={afterName} max={120} />:{' '}
        {added + removed === 0
          ? 'both are the same.'
          : `${plural(removed, 'line')} removed, ${plural(added, 'line')} added.`}
      </p>
      {added + removed === 0 ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section aria-label="Difference" tabIndex={0} className="overflow-x-auto rounded-control border border-line-2">
          <table className="mono w-full border-collapse text-[12px] leading-5">
            <caption className="sr-only">Lines that were removed and added</caption>
            <thead className="sr-only">
              <tr>
                <th scope="col">Line before</th>
                <th scope="col">Line after</th>
                <th scope="col">Text</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place
                <DiffRow key={index} row={row} />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  )
}

const NUMBER = 'w-10 px-2 text-right text-ink-3 select-none align-top'

const DiffRow = ({ row }: { row: Row }) =>
  row.kind === 'folded' ? (
    <tr className="bg-sunken">
      <td colSpan={3} className="px-2 text-ink-3">
        {plural(row.lines, 'line')} the same
      </td>
    </tr>
  ) : (
    <tr className={LOOKS[row.kind]}>
      <td className={NUMBER}>{row.before}</td>
      <td className={NUMBER}>{row.after}</td>
      <td className="pr-3 whitespace-pre">
        <span aria-hidden className="inline-block w-4 text-ink-3">
          {MARKS[row.kind]}
        </span>
        <span className="sr-only">{SAID[row.kind]}</span>
        {row.pieces.map(({ text, changed }, index) =>
          changed ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
            <mark key={index} className={`rounded-mark text-ink ${WORDS[row.kind]}`}>
              <HostText value={text} max={1000} />
            </mark>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
            <HostText key={index} value={text} max={1000} />
          ),
        )}
      </td>
    </tr>
  )
