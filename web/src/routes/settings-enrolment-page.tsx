import { FLEET_ADMINS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../features/access/queries.ts'
import { Authorities } from '../features/enrolment/authorities.tsx'
import { MakeToken } from '../features/enrolment/make-token.tsx'
import { TokenList } from '../features/enrolment/token-list.tsx'
import { WaitingRoom } from '../features/enrolment/waiting-room.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { Section } from '../ui/section.tsx'

export const SettingsEnrolmentPage = () => {
  usePageTitle('Enrolment')
  const session = useQuery(sessionQuery).data
  if (session === undefined) return null
  if (!isAmong(session, FLEET_ADMINS))
    return (
      <Section title="Enrolment" about="How hosts become known to this server.">
        <p className="text-ink-2">Hosts are let in by admins of the whole fleet: ask one of them.</p>
      </Section>
    )
  return (
    <>
      <Section
        title="Add hosts"
        about="A join token lets in as many hosts as it says, for an hour at most, and gives them their labels."
      >
        <MakeToken />
      </Section>
      <Section
        title="Waiting room"
        about="A host without a token asks to be let in, and waits an hour for somebody who has compared its key."
      >
        <WaitingRoom />
      </Section>
      <Section title="Join tokens" about="Those of late, never the tokens themselves.">
        <TokenList />
      </Section>
      <Section
        title="Certificate authority"
        about="It signs agents' certificates. Hosts trust this server by it, so its key is worth replacing once in a while, and at once when somebody may have read it."
      >
        <Authorities />
      </Section>
    </>
  )
}
