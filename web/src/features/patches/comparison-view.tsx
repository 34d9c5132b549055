import type { PatchComparison } from '@rebootless/shared/contract/patch-comparison.ts'
import { ArrowRightLeft, Equal, type LucideIcon, Minus, Plus } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../../ui/button.tsx'
import { count, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Section } from '../../ui/section.tsx'
import { type ComparedRow, comparedRows } from './comparison-rows.ts'
import { FindField } from './find-field.tsx'
import { VirtualList } from './virtual-list.tsx'

/** Two modules side by side: what comes of it in a sentence, what the files say, and function by function. */
export const ComparisonView = ({
  comparison,
  find,
  all,
  onChange,
}: {
  comparison: PatchComparison
  find: string
  /** Functions that both have the same too. */
  all: boolean
  onChange: (next: { find?: string; all?: boolean }) => void
}) => (
  <>
    <p className="max-w-[800px] px-6 py-5 text-16 max-desk:px-4">
      <HostText value={comparison.summary} max={700} />
    </p>
    <Functions comparison={comparison} find={find} all={all} onChange={onChange} />
    <Section title="What the files say">
      <Fields comparison={comparison} />
    </Section>
  </>
)

const CHANGES: Readonly<Record<ComparedRow['change'], { word: string; icon: LucideIcon; tone: string }>> = {
  same: { word: 'same', icon: Equal, tone: 'text-ink-3' },
  added: { word: 'added', icon: Plus, tone: 'text-new-text' },
  removed: { word: 'removed', icon: Minus, tone: 'text-old-text' },
  moved: { word: 'moved', icon: ArrowRightLeft, tone: 'text-ink' },
}

const Functions = ({
  comparison: { functions, unread },
  find,
  all,
  onChange,
}: {
  comparison: PatchComparison
  find: string
  all: boolean
  onChange: (next: { find?: string; all?: boolean }) => void
}) => {
  const rows = useMemo(() => comparedRows(functions), [functions])
  const wanted = find.trim().toLowerCase()
  const shown = useMemo(
    () =>
      rows.filter(
        ({ name, change, left, right }) =>
          (all || change !== 'same') &&
          [name, left?.object, right?.object].some((text) => text?.toLowerCase().includes(wanted)),
      ),
    [rows, all, wanted],
  )
  const number = (change: ComparedRow['change']) => rows.filter((row) => row.change === change).length
  return (
    <section aria-labelledby="compared-functions" className="border-t border-b border-line">
      <div className="px-6 pt-5 pb-3 max-desk:px-4">
        <h2 id="compared-functions" className="text-14">
          Functions
        </h2>
        <p className="mt-0.5 text-ink-3">
          {unread === null ? (
            <>
              {count(number('added'))} added, {count(number('removed'))} removed, {count(number('moved'))} in another
              object or by another sympos, {count(number('same'))} the same. Whether their new code is the same, no file
              says.
            </>
          ) : (
            <HostText value={unread} max={700} />
          )}
        </p>
      </div>
      {unread === null ? (
        <>
          <div className="flex flex-wrap items-center gap-3 border-t border-b border-line px-6 py-2.5 max-desk:px-4">
            <FindField label="Function or object" value={find} onChange={(next) => onChange({ find: next })} />
            <Button aria-pressed={all} onClick={() => onChange({ all: !all })} className="aria-pressed:bg-ink/8">
              The same too
            </Button>
            <p role="status" className="text-12 text-ink-3">
              {plural(shown.length, 'function')} shown
            </p>
          </div>
          {shown.length === 0 ? (
            <p className="px-6 py-6 text-ink-2 max-desk:px-4">
              {wanted === '' ? 'Both replace the same functions.' : 'None of those has that in its name.'}
            </p>
          ) : (
            <VirtualList
              label="Compared functions"
              rows={shown.map((row) => ({
                key: `${row.change} ${row.left?.object} ${row.right?.object} ${row.name} ${(row.left ?? row.right)?.sympos}`,
                height: 34,
                content: <FunctionRow row={row} />,
              }))}
            />
          )}
        </>
      ) : null}
    </section>
  )
}

const placeOf = ({ object, sympos }: { object: string; sympos: number }): string =>
  sympos > 1 ? `${object}, sympos ${sympos}` : object

const FunctionRow = ({ row }: { row: ComparedRow }) => {
  const { word, icon: Icon, tone } = CHANGES[row.change]
  const place =
    row.left === null || row.right === null || row.change === 'same'
      ? placeOf(row.left ?? row.right ?? { object: '', sympos: 1 })
      : `${placeOf(row.left)} → ${placeOf(row.right)}`
  return (
    <div className="flex h-full items-center gap-3 border-b border-line px-6 max-desk:px-4">
      <span className={`inline-flex w-22 flex-none items-center gap-1.5 font-medium ${tone}`}>
        <Icon size={14} aria-hidden />
        {word}
      </span>
      <span className="mono min-w-0 flex-1 truncate text-[12px]">
        <HostText value={row.name} max={512} />
      </span>
      <span className="mono max-w-1/2 truncate text-[12px] text-ink-3">
        <HostText value={place} max={200} />
      </span>
    </div>
  )
}

const sideWord = (side: 'both' | 'left' | 'right') =>
  side === 'both' ? 'both' : side === 'left' ? 'the left one only' : 'the right one only'

const Fields = ({ comparison: { fields, left, right, cves, callbacks, states } }: { comparison: PatchComparison }) => {
  const cell = 'border-b border-line py-1.5 pr-4 align-top wrap-anywhere'
  const extra = [
    ...cves.map(({ cve, in: side }) => ({ what: cve, where: sideWord(side) })),
    ...callbacks.map(({ object, callback, in: side }) => ({ what: `${callback} of ${object}`, where: sideWord(side) })),
    ...states.map(({ id, left: one, right: other }) => ({
      what: `state ${id}`,
      where: `${one === null ? 'not on the left' : `version ${one}`}, ${other === null ? 'not on the right' : `version ${other}`}`,
    })),
  ]
  return (
    <div className="grid gap-6">
      <div className="overflow-x-auto">
        <table className="w-full max-w-[960px] border-collapse">
          <thead className="text-11 text-ink-3">
            <tr>
              <th scope="col" className={`${cell} w-36 font-medium`}>
                Field
              </th>
              {[left, right].map((side, index) => (
                <th key={index === 0 ? 'left' : 'right'} scope="col" className={`${cell} font-medium`}>
                  {index === 0 ? 'Left' : 'Right'}: <HostText value={side.name} max={64} />, release{' '}
                  {side.releaseCounter}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <tr key={field.field}>
                <th scope="row" className={`${cell} font-normal text-ink-3`}>
                  <HostText value={field.field} max={32} />
                </th>
                {[field.left, field.right].map((value, index) => (
                  <td
                    key={index === 0 ? 'left' : 'right'}
                    className={`${cell} ${field.same ? 'text-ink-3' : 'font-medium'}`}
                  >
                    {value === null ? 'not shown' : <HostText value={value} max={300} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {extra.length === 0 ? null : (
        <dl aria-label="CVEs, callbacks and states" className="max-w-[560px]">
          {extra.map(({ what, where }) => (
            <div key={what} className="flex justify-between gap-4 border-b border-line py-1.5">
              <dt className="mono min-w-0 text-[12px] wrap-anywhere">
                <HostText value={what} max={120} />
              </dt>
              <dd className="text-12 text-ink-3">{where}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}
