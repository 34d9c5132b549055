import { FLEET_ADMINS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../features/access/queries.ts'
import { ComplianceTabs } from '../features/compliance/compliance-tabs.tsx'
import { slaPolicyQuery } from '../features/compliance/queries.ts'
import { SlaForm } from '../features/compliance/sla/sla-form.tsx'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { exactTime } from '../ui/duration.ts'
import { HostText } from '../ui/host-text.tsx'
import { Placeholder } from '../ui/notice.tsx'
import { Section } from '../ui/section.tsx'

/** Within how many days a CVE must be mended, how they are counted, and who set it so. */
export const SlaPage = () => {
  usePageTitle('SLA policy')
  const answer = useQuery(slaPolicyQuery)
  const session = useQuery(sessionQuery).data
  const mayWrite = isAmong(session, FLEET_ADMINS)
  const data = answer.data
  return (
    <>
      <PageHeader title="Compliance" updatedAt={null} />
      <ComplianceTabs tab="/compliance/sla" />
      {answer.isPending ? (
        <div aria-busy="true" className="grid gap-6 px-6 py-6">
          <p role="status" className="sr-only">
            The policy is loading.
          </p>
          <Placeholder className="w-40" />
          <Placeholder className="h-9 w-[36em]" />
          <Placeholder className="h-24 w-[36em]" />
        </div>
      ) : data === undefined ? (
        <ProblemNotice what="The policy" error={answer.error ?? new Error('')} onRetry={() => void answer.refetch()} />
      ) : (
        <>
          <Section
            title="SLA policy"
            about={
              <>
                {data.policy.version === 0
                  ? 'The days that Rebootless begins with: nobody has set others.'
                  : `Version ${data.policy.version}.`}{' '}
                {mayWrite ? '' : 'Admins of the whole fleet set it.'}
              </>
            }
          >
            <SlaForm key={data.policy.version} policy={data.policy} readOnly={!mayWrite} />
          </Section>
          {data.history.length === 0 ? null : (
            <Section title="Who set it" about="Newest first.">
              <ol className="divide-y divide-line border-y border-line">
                {data.history.map(({ version, setBy, setAt, reason }) => (
                  <li key={version} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 py-2">
                    <span className="font-medium">Version {version}</span>
                    <span className="text-ink-2">{setBy}</span>
                    {reason === null ? null : (
                      <span className="min-w-0 flex-1 text-ink-2">
                        <HostText value={reason} max={300} />
                      </span>
                    )}
                    <span className="text-12 text-ink-3">{setAt === null ? '' : exactTime(setAt)}</span>
                  </li>
                ))}
              </ol>
            </Section>
          )}
        </>
      )}
    </>
  )
}
