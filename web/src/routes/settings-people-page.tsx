import { FLEET_ADMINS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { UserPlus } from 'lucide-react'
import { sessionQuery } from '../features/access/queries.ts'
import { SessionList } from '../features/access/session-list.tsx'
import { NewPersonDialog } from '../features/people/new-person-dialog.tsx'
import { PeopleLoading, PeopleTable } from '../features/people/people-table.tsx'
import { PersonDialog } from '../features/people/person-dialog.tsx'
import { usersQuery } from '../features/people/queries.ts'
import { FleetAdminsOnly } from '../shell/fleet-admins-only.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { Section } from '../ui/section.tsx'

const route = getRouteApi('/signed-in/settings/people')

export const SettingsPeoplePage = () => {
  usePageTitle('People')
  const session = useQuery(sessionQuery).data
  const allowed = isAmong(session, FLEET_ADMINS)
  const users = useQuery({ ...usersQuery, enabled: allowed })
  const { user: open } = route.useSearch()
  const navigate = useNavigate({ from: '/settings/people' })
  const show = (user: string | undefined) =>
    void navigate({ search: user === undefined ? {} : { user }, resetScroll: false })
  const opened = users.data?.items.find(({ id }) => id === open)
  return (
    <>
      <Section
        title="People"
        about="Who may sign in, what they may do, and on which hosts. Accounts are disabled, never deleted: the audit log names them."
        actions={
          <Button
            size="large"
            kind="primary"
            disabled={!allowed}
            className="disabled:bg-sunken"
            onClick={() => show('new')}
          >
            <UserPlus size={14} aria-hidden />
            Add a person
          </Button>
        }
      >
        {!allowed || session === undefined ? (
          <FleetAdminsOnly what="People" session={session} />
        ) : users.isPending ? (
          <PeopleLoading />
        ) : users.isError ? (
          <ProblemNotice what="The people" error={users.error} onRetry={() => void users.refetch()} />
        ) : (
          <PeopleTable users={users.data.items} own={session.username} />
        )}
      </Section>
      {allowed && open === 'new' ? <NewPersonDialog onClose={() => show(undefined)} /> : null}
      {opened ? (
        <PersonDialog
          key={opened.id}
          user={opened}
          own={opened.username === session?.username}
          sessions={<SessionList user={opened.id} />}
          onClose={() => show(undefined)}
        />
      ) : null}
    </>
  )
}
