import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import { providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { HostText, visibleText } from '../../../ui/host-text.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'

/** Both accounts of the same thing side by side, and why that may be so. */
export const DisagreementNotes = ({ disagreements }: { disagreements: HostDetail['disagreements'] }) =>
  disagreements.length === 0 ? null : (
    <section aria-labelledby="disagreements" className="border-b border-line px-6 py-4 max-desk:px-4">
      <h3 id="disagreements" className="flex items-center gap-2 text-13">
        <StateGlyph state="drifted" />
        Why do these disagree?
      </h3>
      <ul className="mt-2 grid gap-3">
        {disagreements.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may be about the same subject
          <li key={index} className="rounded-control border border-line px-4 py-3">
            <h4 className="mono text-[12px] font-semibold wrap-anywhere">
              <HostText value={one.subject} max={300} />
            </h4>
            <dl className="mt-1.5 grid gap-x-6 gap-y-2 desk:grid-cols-2">
              <Side who={`What ${visibleText(providerTitle(one.provider), 32)} says`} text={one.says} />
              <Side who="What stands against it" text={one.sysfsSays} />
              <Side who="Why that may be" text={one.why} wide />
            </dl>
          </li>
        ))}
      </ul>
    </section>
  )

const Side = ({ who, text, wide = false }: { who: string; text: string; wide?: boolean }) => (
  <div className={`min-w-0 ${wide ? 'desk:col-span-2' : ''}`}>
    <dt className="text-11 font-medium text-ink-3">{who}</dt>
    <dd className="wrap-anywhere">
      <HostText value={text} max={600} />
    </dd>
  </div>
)
