import type { ExposureAhead, ExposureChange, ExposureTally } from '@rebootless/shared/contract/exposure-change.ts'
import { Link } from '@tanstack/react-router'
import { count, exactTime, plural } from '../../../ui/duration.ts'
import { SeverityMark } from '../../../ui/exposure-mark.tsx'
import { HostText } from '../../../ui/host-text.tsx'

const CVES_SHOWN = 8

/** In one sentence, and by CVE; of one that has ended as the records have it. */
export const ExposureChangeShown = ({ change: { sentence, ahead, done } }: { change: ExposureChange }) => (
  <div className="grid gap-3 px-6 py-4 max-desk:px-4">
    <div className="max-w-[68ch]">
      <h2 className="text-14">Exposures</h2>
      <p className="mt-0.5 text-pretty wrap-anywhere text-ink-2">
        <HostText value={sentence} max={1000} />
      </p>
      {done === null ? null : (
        <p className="mt-1 text-12 text-ink-3">
          From the records of {exactTime(done.from)} and {exactTime(done.to)}: hosts whose livepatches became others.
        </p>
      )}
    </div>
    {done === null ? null : (
      <>
        <Tally title="Closed" tally={done.closed} />
        <Tally title="Opened" tally={done.opened} />
      </>
    )}
    {ahead === null ? null : <Ahead ahead={ahead} />}
  </div>
)

const Ahead = ({ ahead }: { ahead: ExposureAhead }) => (
  <>
    <Tally title="Would close" tally={ahead.closes} />
    <Tally title="Would open" tally={ahead.opens} />
    {ahead.stays.length === 0 ? null : (
      <div>
        <h3 className="text-13 font-medium">
          Stay exposed <span className="font-normal text-ink-3">{plural(ahead.staysTotal, 'host')}</span>
        </h3>
        <ul className="mt-1 grid gap-1.5">
          {ahead.stays.map(({ why, hosts, names }) => (
            <li key={why} className="text-pretty wrap-anywhere text-ink-2">
              <HostText value={why.replace(/\.$/, '')} max={1000} />:{' '}
              <span className="text-ink-3">
                <HostText value={names.join(', ')} max={400} />
                {hosts > names.length ? ` and ${count(hosts - names.length)} more` : ''}
              </span>
            </li>
          ))}
        </ul>
      </div>
    )}
    <ul className="grid gap-0.5 text-12 text-pretty text-ink-3 empty:hidden">
      {ahead.alreadyFixed > 0 ? <li>On {plural(ahead.alreadyFixed, 'host')} nothing that it fixes is open.</li> : null}
      {ahead.undoOpens !== null && ahead.undoOpens.exposures > 0 ? (
        <li>
          Undone, it would leave {plural(ahead.undoOpens.exposures, 'exposure')} open again on{' '}
          {plural(ahead.undoOpens.hosts, 'host')}: what a cumulative livepatch replaced does not come back by itself.
        </li>
      ) : null}
      {ahead.notCounted.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  </>
)

const Tally = ({ title, tally }: { title: string; tally: ExposureTally }) => {
  const shown = tally.cves.slice(0, CVES_SHOWN)
  if (tally.exposures === 0) return null
  return (
    <table className="w-full max-w-130 table-fixed border-collapse">
      <caption className="pb-1 text-left text-13 font-medium">
        {title}{' '}
        <span className="font-normal text-ink-3">
          {plural(tally.exposures, 'exposure')}
          {tally.knownExploited > 0 ? `, ${count(tally.knownExploited)} to what is known to be exploited` : ''}
        </span>
      </caption>
      {/* The same in each table, whatever stands in it. */}
      <colgroup>
        <col className="w-[46%]" />
        <col />
        <col className="w-24" />
      </colgroup>
      <thead className="sr-only">
        <tr>
          <th scope="col">CVE</th>
          <th scope="col">Severity</th>
          <th scope="col">Hosts</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ cve, severity, knownExploited, hosts }) => (
          <tr key={cve} className="border-t border-line">
            <th scope="row" className="py-1.5 pr-3 text-left font-normal">
              <Link to="/compliance/cves/$id" params={{ id: cve }} className="whitespace-nowrap hover:underline">
                {cve}
              </Link>
              {knownExploited ? <span className="block text-12 text-danger-text">known to be exploited</span> : null}
            </th>
            <td className="py-1.5 pr-3 align-top">
              <SeverityMark severity={severity} />
            </td>
            <td className="py-1.5 text-right align-top whitespace-nowrap">{plural(hosts, 'host')}</td>
          </tr>
        ))}
      </tbody>
      {tally.cveCount > shown.length ? (
        <tfoot>
          <tr className="border-t border-line">
            <td colSpan={3} className="py-1.5 text-12 text-ink-3">
              and {plural(tally.cveCount - shown.length, 'more CVE')}
            </td>
          </tr>
        </tfoot>
      ) : null}
    </table>
  )
}
