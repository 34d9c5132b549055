import { count } from '../../../ui/duration.ts'
import { HostText } from '../../../ui/host-text.tsx'
import { judgedByWords } from '../judged-by.ts'
import { daysWords, methodSentences } from '../sla-words.ts'
import { type DocumentData, inEights } from './document-data.ts'
import { DocumentPart } from './document-table.tsx'

/** By which rules and which policy the numbers were counted. */
export const MethodPart = ({ data: { policy, summary, gains } }: { data: DocumentData }) => (
  <DocumentPart title="Method">
    <ul className="list-disc space-y-1 pl-4">
      {methodSentences(policy.spec).map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
      <li>{judgedByWords(summary.judgedBy)}</li>
      <li>Days to mend: {daysWords(policy.spec)}.</li>
      {policy.spec.overrides.map((one) => (
        <li key={one.name}>
          <HostText value={one.name} max={64} />, for{' '}
          <code className="mono">
            <HostText value={one.hosts} max={300} />
          </code>
          : {daysWords(one)}.
        </li>
      ))}
      <li>
        Numbers were counted by version {count(summary.policyVersion)} of the policy
        {policy.setBy === null ? '' : `; the one above was set by ${policy.setBy}`}.
      </li>
      {gains.method.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  </DocumentPart>
)

/** The hash of the data, and room for a name. `hash` undefined: being reckoned; null: this browser cannot. */
export const SignaturePart = ({ hash }: { hash: string | null | undefined }) => (
  <section aria-label="Signature of the data" className="space-y-1 border-t border-ink pt-3 [break-inside:avoid]">
    <h2 className="text-12">Signature of the data</h2>
    <p className="mono text-[11px] wrap-anywhere">
      {hash === undefined
        ? 'being reckoned'
        : hash === null
          ? 'SHA-256 is not there: browsers reckon it on pages by HTTPS alone.'
          : `SHA-256 ${inEights(hash)}`}
    </p>
    <p className="text-ink-2">
      Of the data from which this document was made, as its JSON file has them: whoever has the file compares by{' '}
      <code className="mono">sha256sum</code>. What was judged is kept and never changed, so the same day asked again
      gives the same numbers.
    </p>
    <p className="mt-8 grid grid-cols-2 gap-10 text-ink-3">
      <span className="border-t border-ink-3 pt-1">Date, name</span>
      <span className="border-t border-ink-3 pt-1">Signature</span>
    </p>
  </section>
)
