import type { ComplianceGains, TimeToPatch } from '@rebootless/shared/contract/compliance-gains.ts'
import { lengthWord } from '@rebootless/shared/domain/gains/gains-sentence.ts'
import type { ReactNode } from 'react'
import { count } from '../../../ui/duration.ts'
import { SeverityMark } from '../../../ui/exposure-mark.tsx'

const MEASURES = [
  { key: 'fromFix', word: 'With a fix at hand' },
  { key: 'fromPublication', word: 'Since the publication' },
] as const
const WAYS = [
  { key: 'live', word: 'By livepatch', fill: 'bg-new-fill' },
  { key: 'window', word: 'Monthly reboot', fill: 'bg-none-fill' },
] as const

/** Mean times as they were, and as a monthly reboot would have had them, on one scale. The table says the same, and medians. */
export const TimeBars = ({ all }: { all: TimeToPatch }) => {
  const longest = Math.max(...MEASURES.flatMap(({ key }) => WAYS.map((way) => all[key][way.key].mean)))
  return (
    <div className="grid gap-x-8 gap-y-4 desk:grid-cols-2">
      {MEASURES.map(({ key, word }) => (
        <figure key={key} aria-label={`Mean time to patch, ${word.toLowerCase()}`}>
          <figcaption className="text-12 font-medium text-ink-2">{word}</figcaption>
          <ul className="mt-1.5 grid gap-1">
            {WAYS.map((way) => {
              const { mean } = all[key][way.key]
              return (
                <li key={way.key} className="grid grid-cols-[96px_minmax(0,1fr)_72px] items-center gap-2 text-12">
                  <span className="text-ink-3">{way.word}</span>
                  <span aria-hidden className="block h-3 rounded-mark bg-sunken print:border print:border-line-2">
                    <span
                      className={`block h-full min-w-0.5 rounded-mark ${way.fill}`}
                      style={{ width: `${longest === 0 ? 0 : (mean / longest) * 100}%` }}
                    />
                  </span>
                  <b className="text-right font-semibold">{lengthWord(mean)}</b>
                </li>
              )
            })}
          </ul>
        </figure>
      ))}
    </div>
  )
}

const HEAD = 'border-b border-line py-1.5 text-11 font-medium text-ink-3'
const CELL = 'border-b border-line py-1 pl-3 text-right whitespace-nowrap'

/** Every severity, mean above median. */
export const TimesTable = ({ times: { all, bySeverity } }: { times: ComplianceGains['timeToPatch'] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
  <section tabIndex={0} aria-label="Time to patch by severity" className="overflow-x-auto">
    <table className="w-full min-w-[560px] border-collapse text-12">
      <caption className="sr-only">Time to patch by severity: mean, and median below it</caption>
      <thead>
        <tr>
          <th scope="col" rowSpan={2} className={`${HEAD} text-left align-bottom`}>
            Severity
          </th>
          <th scope="col" rowSpan={2} className={`${HEAD} pl-3 text-right align-bottom`}>
            Fixed
          </th>
          {MEASURES.map(({ key, word }) => (
            <th
              key={key}
              scope="colgroup"
              colSpan={2}
              className="pt-1.5 pl-3 text-right text-11 font-medium text-ink-2"
            >
              <span className="block border-b border-line pb-1">{word}</span>
            </th>
          ))}
        </tr>
        <tr>
          {MEASURES.flatMap(({ key }) =>
            WAYS.map((way) => (
              <th key={`${key} ${way.key}`} scope="col" className={`${HEAD} pl-3 text-right`}>
                {way.word}
              </th>
            )),
          )}
        </tr>
      </thead>
      <tbody>
        {bySeverity.map(({ severity, ...time }) => (
          <TimesRow key={severity} word={<SeverityMark severity={severity} />} time={time} />
        ))}
        {all === null || bySeverity.length < 2 ? null : <TimesRow word="All" time={all} />}
      </tbody>
    </table>
    <p className="mt-1 text-11 text-ink-3">Means, with the medians below them.</p>
  </section>
)

const TimesRow = ({ word, time }: { word: ReactNode; time: TimeToPatch }) => (
  <tr>
    <th scope="row" className="border-b border-line py-1 text-left font-normal">
      {word}
    </th>
    <td className={CELL}>{count(time.exposures)}</td>
    {MEASURES.flatMap(({ key }) =>
      WAYS.map((way) => (
        <td key={`${key} ${way.key}`} className={CELL}>
          {lengthWord(time[key][way.key].mean)}
          <span className="block text-11 text-ink-3">{lengthWord(time[key][way.key].median)}</span>
        </td>
      )),
    )}
  </tr>
)
