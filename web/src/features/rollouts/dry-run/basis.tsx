import type { DryRunAssumption, DryRunResult } from '@rebootless/shared/contract/dry-run.ts'

const BASES = {
  published: 'published',
  source: 'read in the source',
  inferred: 'inferred',
  assumed: 'assumed',
  measured: 'measured',
} as const

/** How it was reckoned, and what it takes for true, folded: each number with its source. */
export const Basis = ({ method, assumptions }: Pick<DryRunResult, 'method' | 'assumptions'>) => {
  const assumed = assumptions.filter(({ basis }) => basis === 'assumed').length
  return (
    <div className="border-t border-line px-6 py-2 max-desk:px-4">
      <details className="group">
        <summary className="flex min-h-9 list-none items-center gap-2 text-12 touch:min-h-11">
          <span aria-hidden className="text-ink-3 transition-transform group-open:rotate-90">
            ›
          </span>
          <span className="font-medium">How it was simulated, and what it assumes</span>
          <span className="ml-auto text-right text-ink-3">
            {assumptions.length}, of which {assumed} nobody measured
          </span>
        </summary>
        <div className="grid max-w-[72ch] gap-2 pt-1 pb-3 pl-4 text-12 text-pretty text-ink-2">
          {method.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
        <ul className="gap-8 pb-4 pl-4 text-12 @2xl:columns-2">
          {assumptions.map((one) => (
            <Entry key={`${one.says} ${one.value ?? ''}`} one={one} />
          ))}
        </ul>
      </details>
    </div>
  )
}

const Entry = ({ one: { says, value, basis, source } }: { one: DryRunAssumption }) => (
  <li className="mb-2.5 break-inside-avoid text-pretty">
    <span className="text-ink">{says}</span>
    {value === undefined ? null : <b className="font-semibold">: {value}</b>}
    <span className="mt-0.5 block wrap-anywhere text-ink-3">
      {BASES[basis]}
      {source === 'ours' ? ', by us' : `: ${source}`}
    </span>
  </li>
)
