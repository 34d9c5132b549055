import { FLEET_ADMINS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery, singleSignOnQuery } from '../features/access/queries.ts'
import { SingleSignOnOff, SingleSignOnOn } from '../features/access/single-sign-on.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Placeholder } from '../ui/notice.tsx'
import { Section } from '../ui/section.tsx'

export const SettingsSingleSignOnPage = () => {
  usePageTitle('Single sign-on')
  const session = useQuery(sessionQuery).data
  const allowed = isAmong(session, FLEET_ADMINS)
  const setup = useQuery({ ...singleSignOnQuery, enabled: allowed })
  return (
    <Section
      title="Single sign-on"
      about="Signing in by an identity provider of yours. It is set where the server is started, and shown here."
    >
      {!allowed ? (
        <p className="text-ink-2">Shown to admins of the whole fleet: ask one of them.</p>
      ) : setup.isPending ? (
        <div aria-busy="true" className="grid gap-4">
          <p role="status" className="sr-only">
            The setup is loading.
          </p>
          {['w-72', 'w-56', 'w-80', 'w-48'].map((width) => (
            <Placeholder key={width} className={width} />
          ))}
        </div>
      ) : setup.isError ? (
        <ProblemNotice what="The setup" error={setup.error} onRetry={() => void setup.refetch()} />
      ) : setup.data === null ? (
        <SingleSignOnOff />
      ) : (
        <SingleSignOnOn setup={setup.data} />
      )}
    </Section>
  )
}
