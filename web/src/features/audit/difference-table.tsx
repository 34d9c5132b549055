import type { AuditEntry } from '@rebootless/shared/contract/audit.ts'
import { HostText } from '../../ui/host-text.tsx'
import { type Difference, differenceOf } from './difference.ts'

/** What an act changed: each field before and after, by sign and by word, so that no colour is needed. */
export const DifferenceTable = ({ entry: { before, after } }: { entry: AuditEntry }) => {
  const { changed, alike } = differenceOf(before, after)
  if (changed.length + alike.length === 0) return <p className="text-12 text-ink-3">Nothing was noted of its fields.</p>
  return (
    <dl className="grid gap-2">
      {[...changed, ...alike].map((one) => (
        <div key={one.name} className="rounded-control border border-line px-3 py-2">
          <dt className="mono text-[12px] text-ink-3">
            <HostText value={one.name} max={120} />
          </dt>
          <Sides one={one} />
        </div>
      ))}
    </dl>
  )
}

const Sides = ({ one: { before, after } }: { one: Difference }) =>
  before === after ? (
    <dd className="text-ink-3">
      <Value text={after ?? ''} />
      <span className="ml-2 text-12">not changed</span>
    </dd>
  ) : (
    <>
      {before === null ? null : <Side sign="−" word="before" text={before} struck />}
      {after === null ? null : <Side sign="+" word="after" text={after} />}
    </>
  )

const Side = ({ sign, word, text, struck = false }: { sign: string; word: string; text: string; struck?: boolean }) => (
  <dd className={`flex items-baseline gap-2 ${struck ? 'text-ink-3 line-through decoration-line-3' : 'font-medium'}`}>
    <span aria-hidden className="mono inline-block w-3 flex-none text-center no-underline">
      {sign}
    </span>
    <span className="sr-only">{word}: </span>
    <Value text={text} />
  </dd>
)

const Value = ({ text }: { text: string }) => (
  <span className="mono min-w-0 text-[12px] wrap-anywhere">
    {text === '' ? (
      <span className="font-sans text-ink-3 no-underline">empty</span>
    ) : (
      <HostText value={text} max={2000} />
    )}
  </span>
)
