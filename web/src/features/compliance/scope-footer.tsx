import type { ComplianceSummary } from '@rebootless/shared/contract/compliance.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { count, exactTime, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { judgedByWords } from './judged-by.ts'
import { slaPolicyQuery } from './queries.ts'
import type { Scope } from './scope.ts'
import { daysWords, methodSentences } from './sla-words.ts'

/** Which hosts the page tells of, by which method, and by which policy. */
export const ScopeFooter = ({ summary, scope }: { summary: ComplianceSummary; scope: Scope }) => {
  const policy = useQuery(slaPolicyQuery).data?.policy
  return (
    <section
      aria-label="How this was counted"
      className="grid gap-x-8 gap-y-4 px-6 py-5 text-12 text-ink-2 max-desk:px-4 desk:grid-cols-[1fr_1.7fr_1fr]"
    >
      <div>
        <h2 className="text-11 font-medium text-ink-3">Scope</h2>
        <p>
          {plural(summary.counts.hosts, 'host')}
          {scope.filter === '' ? ', all that you may see' : ' of '}
          {scope.filter === '' ? null : (
            <code className="mono">
              <HostText value={scope.filter} max={300} />
            </code>
          )}
          ; {count(summary.counts.judged)} of them judged. A host that is not heard counts by its last reading.
        </p>
      </div>
      <div>
        <h2 className="text-11 font-medium text-ink-3">Method</h2>
        <p>{methodSentences(policy?.spec).join(' ')}</p>
        <p className="mt-1">{judgedByWords(summary.judgedBy)}</p>
      </div>
      <div>
        <h2 className="text-11 font-medium text-ink-3">Policy</h2>
        <p>
          {policy === undefined ? '' : `${daysWords(policy.spec)}. `}
          <Link to="/compliance/sla" className="quiet-link">
            SLA policy, version {count(summary.policyVersion)}
          </Link>
        </p>
        <p className="mt-1 text-ink-3">Judged {exactTime(summary.judgedAt)}</p>
      </div>
    </section>
  )
}
