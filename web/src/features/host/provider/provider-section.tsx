import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { declarationOf } from '@rebootless/shared/domain/provider-facts.ts'
import { useId } from 'react'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'
import { NotRevealed } from './not-revealed.tsx'
import { OfferedSteps } from './offered-steps.tsx'
import { ProviderFacts } from './provider-facts.tsx'
import { ProviderPatches } from './provider-patches.tsx'
import { ProviderBlockers, ProviderTroubles } from './provider-troubles.tsx'
import { inUseWords } from './provider-words.ts'
import { Verbatim } from './verbatim.tsx'

/** All that one system tells of this host. The kernel's own livepatch has tabs of its own, and no vendor. */
export const ProviderSection = ({ report, host }: { report: ProviderReport; host: HostDetail }) => {
  const declaration = declarationOf(report.name)
  const own = report.name === 'livepatch'
  const heading = useId()
  const about = [
    declaration?.maker ?? '',
    report.version === null ? (own ? '' : 'version not known') : `version ${visibleText(report.version, 64)}`,
  ].filter((part) => part !== '')
  return (
    <article aria-labelledby={heading} className="border-b border-line px-6 pt-4 pb-6 max-desk:px-4">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h3 id={heading} className="text-16 wrap-anywhere">
          <HostText value={declaration?.title ?? report.name} max={64} />
        </h3>
        <span className="min-w-0 text-12 wrap-anywhere text-ink-3">
          {about.join(', ')}
          {own && report.active === null ? null : (
            <span className={report.active === false ? 'font-medium text-old-text' : ''}>
              {about.length > 0 ? ', ' : ''}
              {inUseWords(report.active)}
            </span>
          )}
        </span>
        {report.inProgress ? (
          <span className="inline-flex items-center gap-1.5 self-center font-medium text-new-text">
            <StateGlyph state="patching" />
            At work now
          </span>
        ) : null}
      </div>
      <p className="mt-1 wrap-anywhere text-ink-2">
        <HostText value={report.detail} max={300} />
      </p>
      {own && report.patches === null ? (
        <p className="mt-1 text-ink-3">What it shows stands under Patches, Transition and Functions.</p>
      ) : (
        <>
          <ProviderFacts report={report} host={host} />
          <ProviderTroubles report={report} />
          <ProviderBlockers report={report} />
          <OfferedSteps report={report} />
          <ProviderPatches report={report} />
        </>
      )}
      <NotRevealed name={report.name} />
      {own ? null : <Verbatim id={host.id} name={report.name} />}
    </article>
  )
}
