import type { DryRunResult as Result } from '@rebootless/shared/contract/dry-run.ts'
import { roughSpan } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-sentence.ts'
import type { ReactNode } from 'react'
import { count, exactTime, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { AtRisk } from './at-risk.tsx'
import { Basis } from './basis.tsx'
import { WaveRanges } from './wave-ranges.tsx'

/** What came of a dry run: the sentence first, then wave by wave, who is at risk, what it waits for, and what it rests on. */
export const DryRunResult = ({ result, again }: { result: Result; again: ReactNode }) => (
  <div>
    <div className="px-6 pb-4 max-desk:px-4">
      <p className="max-w-[72ch] text-16 text-pretty">
        <HostText value={result.sentence} max={1000} />
      </p>
      <p className="mt-1.5 text-12 text-ink-3">
        Simulated {plural(result.runs, 'time')} from {exactTime(result.beginsAt)}, seed{' '}
        <code className="mono text-ink-2 select-all">{result.seed}</code>. What is simulated is no promise.
      </p>
      {again}
    </div>
    {result.hosts.going === 0 ? null : (
      <>
        <WaveRanges waves={result.waves} />
        <AtRisk result={result} />
        <Waits waits={result.waits} />
      </>
    )}
    <Others others={result.others} total={result.hosts.others} />
    <Basis method={result.method} assumptions={result.assumptions} />
  </div>
)

const Waits = ({ waits }: { waits: Result['waits'] }) =>
  waits.length === 0 ? null : (
    <section aria-labelledby="dry-run-waits" className="border-t border-line px-6 py-4 max-desk:px-4">
      <h3 id="dry-run-waits" className="text-13">
        What it waits for
      </h3>
      <ul className="mt-2 grid gap-2">
        {waits.map(({ kind, wave, text, seconds }) => (
          <li key={`${kind} ${wave} ${text}`} className="grid grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4">
            <span className="text-pretty wrap-anywhere text-ink-2">
              <HostText value={text} max={1000} />
            </span>
            <span className="text-12 text-ink-3">{seconds === null ? 'not counted' : roughSpan(seconds.p50)}</span>
          </li>
        ))}
      </ul>
    </section>
  )

/** Folded: the preview tells of each. */
const Others = ({ others, total }: { others: Result['others']; total: number }) =>
  others.length === 0 ? null : (
    <details className="group border-t border-line px-6 py-2 max-desk:px-4">
      <summary className="flex min-h-9 list-none items-center gap-2 text-12 touch:min-h-11">
        <span aria-hidden className="text-ink-3 transition-transform group-open:rotate-90">
          ›
        </span>
        <span className="font-medium">Hosts in no wave, and why</span>
        <span className="ml-auto text-ink-3">{count(total)}</span>
      </summary>
      <ul className="grid gap-2 pt-1 pb-4 pl-4">
        {others.map(({ why, hosts, names }) => (
          <li key={why} className="text-pretty text-ink-2">
            <HostText value={why} max={700} />{' '}
            <span className="text-ink-3">
              {plural(hosts, 'host')}: <HostText value={names.join(', ')} max={200} />
              {hosts > names.length ? ' …' : ''}
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
