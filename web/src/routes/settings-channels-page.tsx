import { FLEET_ADMINS, isAmong } from '@rebootless/shared/domain/audiences.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { sessionQuery } from '../features/access/queries.ts'
import { ChannelDialog } from '../features/channels/channel-dialog.tsx'
import { ChannelList, ChannelsLoading } from '../features/channels/channel-list.tsx'
import { NewChannelDialog } from '../features/channels/new-channel-dialog.tsx'
import { channelsQuery } from '../features/channels/queries.ts'
import { FleetAdminsOnly } from '../shell/fleet-admins-only.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { ProblemNotice } from '../shell/problem-notice.tsx'
import { Button } from '../ui/button.tsx'
import { Section } from '../ui/section.tsx'

const route = getRouteApi('/signed-in/settings/channels')

export const SettingsChannelsPage = () => {
  usePageTitle('Notification channels')
  const session = useQuery(sessionQuery).data
  const allowed = isAmong(session, FLEET_ADMINS)
  const channels = useQuery({ ...channelsQuery, enabled: allowed })
  const { channel: open } = route.useSearch()
  const navigate = useNavigate({ from: '/settings/channels' })
  const show = (channel: string | undefined) =>
    void navigate({ search: channel === undefined ? {} : { channel }, resetScroll: false })
  const opened = channels.data?.items.find(({ id }) => id === open)
  return (
    <>
      <Section
        title="Notification channels"
        about="Where events go: alerts, what rollouts decide, and signed heads of the audit log. Each message arrives at least once, in order."
        actions={
          <Button
            size="large"
            kind="primary"
            disabled={!allowed}
            className="disabled:bg-sunken"
            onClick={() => show('new')}
          >
            <Plus size={14} aria-hidden />
            Add a channel
          </Button>
        }
      >
        {!allowed || session === undefined ? (
          <FleetAdminsOnly what="Channels" session={session} />
        ) : channels.isPending ? (
          <ChannelsLoading />
        ) : channels.isError ? (
          <ProblemNotice what="The channels" error={channels.error} onRetry={() => void channels.refetch()} />
        ) : channels.data.items.length === 0 ? (
          <p className="max-w-[640px] text-ink-2">
            Nothing is sent anywhere yet: alerts are seen only by whoever opens these pages. Slack, Teams, mail,
            PagerDuty and Alertmanager tell people; a webhook tells systems of your own, or keeps heads of the audit log
            elsewhere; a Grafana channel marks waves over your graphs.
          </p>
        ) : (
          <ChannelList channels={channels.data.items} />
        )}
      </Section>
      {allowed && open === 'new' ? <NewChannelDialog onClose={() => show(undefined)} /> : null}
      {opened ? <ChannelDialog key={opened.id} channel={opened} onClose={() => show(undefined)} /> : null}
    </>
  )
}
