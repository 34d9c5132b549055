import type { RebootDebtCounts, RebootDebtList } from '@rebootless/shared/contract/reboot-debt.ts'
import { REASON_WORDS } from '@rebootless/shared/domain/reboot-debt/reason-words.ts'
import { REBOOT_WORDS } from '@rebootless/shared/domain/reboot-words.ts'
import { Link } from '@tanstack/react-router'
import { count } from '../../../ui/duration.ts'
import { Placeholder } from '../../../ui/notice.tsx'
import { PagePart } from '../page-part.tsx'
import { PlaceholderRows } from './debt-rows.tsx'
import { type DebtAsked, narrowedTo } from './queries.ts'

const HEAD = 'px-6 pt-8 pb-6 max-desk:px-4 max-desk:pt-6 max-desk:pb-5'

/** A number that shows its hosts below; one that is shown already takes that back. Nothing is behind a nought. */
const Narrow = ({
  value,
  asked,
  now,
  word,
  tone = '',
}: {
  value: number
  asked: Omit<DebtAsked, 'filter'>
  now: DebtAsked
  word: string
  tone?: string
}) => {
  const isShown = Object.entries(asked).every(([key, one]) => now[key as keyof DebtAsked] === one)
  return value === 0 ? (
    <span className="text-ink-3">0 {word}</span>
  ) : (
    <Link
      to="/compliance/reboots"
      from="/compliance/reboots"
      search={narrowedTo(isShown ? {} : asked)}
      resetScroll={false}
      aria-current={isShown ? 'true' : undefined}
      className={`quiet-link relative current:font-semibold touch:after:absolute touch:after:-inset-x-2 touch:after:-inset-y-3 ${tone}`}
    >
      {count(value)} {word}
    </Link>
  )
}

/** The answer, before any number. */
export const DebtHead = ({ list: { sentence, counts }, asked }: { list: RebootDebtList; asked: DebtAsked }) => {
  const { byAnswer, plans } = counts
  const word = (answer: keyof typeof REBOOT_WORDS) => REBOOT_WORDS[answer].word.toLowerCase()
  return (
    <section aria-label="In one sentence" className={HEAD}>
      <p className="max-w-[34em] text-28 leading-9! font-semibold tracking-tight text-balance max-desk:text-20 max-desk:leading-7!">
        {sentence}
      </p>
      {counts.hosts === 0 ? null : (
        <ul className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-ink-2 touch:gap-y-4">
          {(['yes', 'yes_but_covered', 'unknown', 'no'] as const).map((answer) => (
            <li key={answer}>
              <Narrow value={byAnswer[answer]} asked={{ answer }} now={asked} word={word(answer)} />
            </li>
          ))}
          <li>
            <Narrow value={plans.planned} asked={{ plan: 'planned' }} now={asked} word="with a date" />
          </li>
          <li>
            <Narrow value={plans.overdue} asked={{ plan: 'overdue' }} now={asked} word="overdue" tone="text-old-text" />
          </li>
          <li>
            <Narrow
              value={plans.unplanned}
              asked={{ plan: 'none', answer: 'yes' }}
              now={asked}
              word="needed and without a date"
            />
          </li>
        </ul>
      )}
    </section>
  )
}

/** Why, most hosts first; a bar is as long as its hosts are many, and pale where they can wait. */
export const ReasonsPart = ({ counts, asked }: { counts: RebootDebtCounts; asked: DebtAsked }) => {
  const rows = counts.byReason.filter(({ hosts }) => hosts > 0).sort((left, right) => right.hosts - left.hosts)
  const most = Math.max(1, ...rows.map(({ hosts }) => hosts))
  return (
    <PagePart title="Why" note="a host counts in each of its reasons">
      {rows.length === 0 ? (
        <p className="py-2">Nothing asks for a boot of any of these hosts.</p>
      ) : (
        <ul aria-label="Reasons" className="mt-2 grid gap-y-1">
          {rows.map(({ reason, hosts, covered }) => (
            <li
              key={reason}
              title={REASON_WORDS[reason].meaning}
              className="grid grid-cols-[minmax(0,1fr)_36%] items-center gap-x-4 desk:grid-cols-[minmax(0,1fr)_34%_96px] py-1 touch:min-h-11"
            >
              <Narrow value={hosts} asked={{ reason }} now={asked} word={`× ${REASON_WORDS[reason].word}`} />
              <span aria-hidden className="flex h-2 gap-px overflow-hidden rounded-[2px]">
                <i className="bg-old-fill" style={{ width: `${((hosts - covered) / most) * 100}%` }} />
                <i className="bg-old-cell" style={{ width: `${(covered / most) * 100}%` }} />
              </span>
              <span className="text-12 text-ink-3 max-desk:col-span-2 max-desk:empty:hidden desk:text-right">
                {covered === 0 ? '' : covered === hosts ? 'all can wait' : `${count(covered)} can wait`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </PagePart>
  )
}

/** Before the first answer, in its final geometry. */
export const DebtLoading = () => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      The hosts that need a boot are loading.
    </p>
    <div className={`${HEAD} grid grid-cols-[minmax(0,1fr)] gap-4`}>
      <Placeholder className="h-7 w-[30em]" />
      <Placeholder className="w-[36em]" />
    </div>
    <div className="grid divide-line border-y border-line max-desk:divide-y desk:grid-cols-2 desk:divide-x">
      {['why', 'when'].map((part) => (
        <div key={part} className="px-6 py-4 max-desk:px-4">
          <div aria-hidden className="h-96 animate-shimmer rounded-mark bg-sunken" />
        </div>
      ))}
    </div>
    <PlaceholderRows />
  </div>
)
