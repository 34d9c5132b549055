import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { declarationOf, providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { PROVIDER_NAMES } from '@rebootless/shared/domain/words.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { Notice } from '../../../ui/notice.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'
import { presentReports } from '../provider-reports.ts'
import { DisagreementNotes } from './disagreement-notes.tsx'
import { DistributionList } from './distribution-list.tsx'
import { ProviderSection } from './provider-section.tsx'

/** Each live patching system on this host: what it says, what it keeps to itself, and where two accounts part. */
export default function ProviderTab({ host }: { host: HostDetail }) {
  const present = presentReports(host)
  const absent = host.providerReports.filter((report) => !report.present)
  // Agents that look for other systems read the distribution as well.
  const others =
    host.distribution === null
      ? []
      : PROVIDER_NAMES.filter((known) => !host.providerReports.some(({ name }) => name === known))
  return (
    <div className="grid desk:grid-cols-[minmax(0,1fr)_340px]">
      <div className="min-w-0">
        <DisagreementNotes disagreements={host.disagreements} />
        {present.length === 0 ? (
          <Notice mark={<StateGlyph state="unsupported" size={20} />} title="No live patching system was found">
            {host.kernel === null ? (
              <p>The agent has not read this host yet.</p>
            ) : (
              <p>One that is installed appears here when the agent next looks for it, within a minute or two.</p>
            )}
          </Notice>
        ) : (
          present.map((report) => <ProviderSection key={report.name} report={report} host={host} />)
        )}
        {absent.length === 0 && others.length === 0 ? null : (
          <section aria-labelledby="absent" className="px-6 py-4 max-desk:px-4">
            <h3 id="absent" className="text-13">
              Looked for, and not there
            </h3>
            <ul className="mt-1">
              {absent.map(({ name, detail }) => (
                <li key={name} className="wrap-anywhere text-ink-3">
                  <span className="font-medium text-ink-2">
                    <HostText value={declarationOf(name)?.title ?? name} max={64} />
                  </span>
                  : <HostText value={detail} max={300} />
                </li>
              ))}
              {others.length === 0 ? null : (
                <li className="text-ink-3">
                  <span className="font-medium text-ink-2">{others.map(providerTitle).join(', ')}</span>: not installed,
                  as far as the agent sees.
                </li>
              )}
            </ul>
          </section>
        )}
      </div>
      <aside aria-label="Reboot and distribution" className="border-line max-desk:border-t desk:border-l">
        <DistributionList host={host} />
      </aside>
    </div>
  )
}
