import type { DryRunRange, DryRunResult } from '@rebootless/shared/contract/dry-run.ts'
import { roughSpan } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-sentence.ts'
import { count, plural } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'

type Wave = DryRunResult['waves'][number]

/** Each wave on one line of time: where it lies in the middle run, and how early and late its end is in the others. */
export const WaveRanges = ({ waves }: { waves: readonly Wave[] }) => {
  const until = Math.max(1, ...waves.map(({ ends }) => ends?.p90 ?? 0))
  return (
    <div className="border-t border-line px-6 py-4 max-desk:px-4">
      <table className="w-full border-collapse @max-md:block">
        <caption className="pb-2 text-left text-13 font-semibold @max-md:block">When each wave would be done</caption>
        <thead className="text-11 text-ink-3 @max-md:sr-only">
          <tr>
            <th scope="col" className="w-[1%] pr-4 pb-1 text-left font-medium whitespace-nowrap">
              Wave
            </th>
            <th scope="col" className="pb-1 text-left font-medium">
              From the beginning
            </th>
            <th scope="col" className="w-[1%] pb-1 pl-4 text-right font-medium whitespace-nowrap">
              Done after
            </th>
            <th scope="col" className="w-[1%] pb-1 pl-4 text-right font-medium whitespace-nowrap">
              Stalls
            </th>
          </tr>
        </thead>
        <tbody className="@max-md:grid @max-md:gap-3">
          {waves.map((wave, index) => (
            <tr
              // Two waves may be called alike.
              // biome-ignore lint/suspicious/noArrayIndexKey: a result does not change
              key={index}
              className="@max-md:grid @max-md:grid-cols-[minmax(0,1fr)_auto] @max-md:gap-x-3"
            >
              <th scope="row" className="max-w-44 py-1 pr-4 text-left font-medium @max-md:p-0">
                <span className="block truncate">
                  <HostText value={wave.name} max={60} />
                </span>
                <span className="block text-12 font-normal whitespace-nowrap text-ink-3">
                  {plural(wave.hosts, 'host')}
                </span>
              </th>
              <td className="w-full py-1 @max-md:order-last @max-md:col-span-2 @max-md:mt-1.5 @max-md:p-0">
                <RangeBar wave={wave} until={until} />
              </td>
              <td className="py-1 pl-4 text-right whitespace-nowrap @max-md:p-0">
                {wave.ends === null ? (
                  <span className="text-ink-3">not done</span>
                ) : (
                  <>
                    <span className="block">{roughSpan(wave.ends.p50)}</span>
                    <span className="block text-12 text-ink-3">{rangeText(wave.ends)}</span>
                  </>
                )}
              </td>
              <td className="py-1 pl-4 text-right whitespace-nowrap @max-md:sr-only">{stallText(wave.stalls)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const rangeText = ({ p10, p90 }: DryRunRange): string => {
  const [least, most] = [roughSpan(p10), roughSpan(p90)]
  return least === most ? 'in each run' : `${least} to ${most}`
}

const stallText = ({ p10, p90 }: DryRunRange): string =>
  p90 === 0 ? 'none' : p10 === p90 ? count(p90) : `${count(p10)} to ${count(p90)}`

const RangeBar = ({ wave: { begins, ends, stalls }, until }: { wave: Wave; until: number }) => {
  const at = (seconds: number) => `${(100 * seconds) / until}%`
  if (begins === null) return <div aria-hidden className="h-4 rounded-[1.5px] bg-sunken" />
  const end = ends ?? { p10: until, p50: until, p90: until }
  return (
    <div aria-hidden className="relative h-4 rounded-[1.5px] bg-sunken">
      <i
        className={`absolute inset-y-0 min-w-0.5 rounded-[1.5px] ${stalls.p50 >= 1 ? 'bg-old-fill' : 'bg-ink-3'}`}
        style={{ left: at(begins.p50), width: at(Math.max(0, end.p50 - begins.p50)) }}
      />
      <i
        className="absolute top-1/2 h-px -translate-y-1/2 border-t-2 border-dotted border-line-3"
        style={{ left: at(end.p50), width: at(Math.max(0, end.p90 - end.p50)) }}
      />
      <i className="absolute inset-y-0.5 w-px bg-line-3" style={{ left: at(end.p90) }} />
      {end.p10 < end.p50 ? <i className="absolute inset-y-0.5 w-px bg-sheet" style={{ left: at(end.p10) }} /> : null}
    </div>
  )
}
