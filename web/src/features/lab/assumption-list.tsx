import type { Assumption, System } from '@rebootless/server/sim/models/model.ts'
import { BASIS_WORDS, SYSTEM_ORDER, systemName } from './lab-words.ts'
import type { RunsBySystem } from './run-facts.ts'

/** What the models take for true, with where it is from; what nobody says is marked. */
export const AssumptionList = ({ runs, chosen }: { runs: RunsBySystem; chosen: System | null }) => (
  <section aria-labelledby="assumptions" className="border-t border-line">
    <div className="px-6 pt-4 pb-2 max-desk:px-4">
      <h2 id="assumptions" className="text-13">
        What the models assume
      </h2>
      <p className="mt-1 max-w-[68ch] text-12 text-pretty text-ink-3">
        Each number with its source. The same, and what is not modelled, stands in the checkout under{' '}
        <code className="mono">docs/models</code>, one page a system.
      </p>
    </div>
    <div className="gap-8 px-6 pb-6 max-desk:px-4 desk:columns-2 wide:columns-3">
      {SYSTEM_ORDER.map((system) => {
        const assumptions = runs.get(system)?.run.assumptions ?? []
        const assumed = assumptions.filter(({ basis }) => basis === 'assumed').length
        return (
          <details
            // Chosen anew, it opens; after that it is the reader's.
            key={`${system} ${system === chosen}`}
            open={system === chosen}
            className="group break-inside-avoid border-b border-line"
          >
            <summary className="flex min-h-9 list-none items-center gap-2 text-12 touch:min-h-11">
              <span aria-hidden className="text-ink-3 transition-transform group-open:rotate-90">
                ›
              </span>
              <span className="font-medium">{systemName(system)}</span>
              <span className="ml-auto text-ink-3">
                {assumptions.length === 0 ? '' : assumptions.length}
                {assumed > 0 ? `, of which ${assumed} nobody says` : ''}
              </span>
            </summary>
            <ul className="grid gap-2.5 pt-1 pb-4 pl-4 text-12">
              {assumptions.map((one) => (
                <AssumptionEntry key={`${one.says} ${one.value ?? ''}`} assumption={one} />
              ))}
            </ul>
          </details>
        )
      })}
    </div>
  </section>
)

const AssumptionEntry = ({ assumption: { says, value, basis, source } }: { assumption: Assumption }) => (
  <li className="text-pretty">
    <span className="text-ink">{says}</span>
    {value === undefined ? null : <b className="font-semibold">: {value}</b>}
    <span className="mt-0.5 block break-words text-ink-3">
      {basis === 'assumed' ? (
        <span className="mr-1.5 rounded-mark border border-line-2 px-1 font-medium text-ink">{BASIS_WORDS[basis]}</span>
      ) : (
        `${BASIS_WORDS[basis]}: `
      )}
      {source}
    </span>
  </li>
)
