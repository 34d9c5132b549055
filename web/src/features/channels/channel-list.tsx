import type { Channel } from '@rebootless/shared/contract/channels.ts'
import { Link } from '@tanstack/react-router'
import { ScopeText } from '../../shell/scope-text.tsx'
import { count } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import {
  alertsText,
  type ChannelState,
  channelState,
  decisionsText,
  headsText,
  hostOf,
  KIND_WORDS,
} from './channel-words.ts'

const STATES: Readonly<Record<ChannelState, { word: string; glyph: 'applied' | 'failed' | 'disabled'; tone: string }>> =
  {
    on: { word: 'On', glyph: 'applied', tone: '' },
    failing: { word: 'Failing', glyph: 'failed', tone: 'text-danger-text' },
    off: { word: 'Off', glyph: 'disabled', tone: 'text-ink-3' },
  }

export const ChannelStateMark = ({ channel }: { channel: Channel }) => {
  const { word, glyph, tone } = STATES[channelState(channel)]
  return (
    <span className={`inline-flex items-center gap-1.5 font-medium whitespace-nowrap ${tone}`}>
      <StateGlyph state={glyph} />
      {word}
    </span>
  )
}

/** Every channel with how it goes; a name opens what can be done. */
export const ChannelList = ({ channels }: { channels: readonly Channel[] }) => (
  <ul aria-label="Channels" className="divide-y divide-line border-y border-line">
    {channels.map((channel) => (
      <li key={channel.id} className="flex flex-wrap items-baseline gap-x-4 gap-y-1 py-2.5">
        <span className="w-20 flex-none self-start pt-px">
          <ChannelStateMark channel={channel} />
        </span>
        <div className="min-w-0 flex-1 basis-60">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <Link
              to="/settings/channels"
              search={{ channel: channel.id }}
              resetScroll={false}
              className="quiet-link relative inline-block font-medium wrap-anywhere touch:after:absolute touch:after:-inset-x-2 touch:after:-inset-y-3"
            >
              <HostText value={channel.name} max={64} />
            </Link>
            <span className="text-12 text-ink-3 wrap-anywhere">
              {KIND_WORDS[channel.kind]} at {hostOf(channel.address)}
            </span>
          </p>
          <Sent channel={channel} />
          {channel.failing !== null && channel.enabled ? (
            <p className="mt-1 text-12 wrap-anywhere text-danger-text">
              <HostText value={channel.failing.detail} max={200} />
            </p>
          ) : null}
          {channel.offBecause === null ? null : <p className="mt-1 text-12 text-danger-text">{channel.offBecause}</p>}
        </div>
        <p className="text-12 text-ink-3 max-desk:ml-24 max-desk:basis-full desk:text-right">
          <Backlog channel={channel} />
          {channel.lastDeliveredAt === null ? (
            'nothing delivered yet'
          ) : (
            <>
              delivered <TimeAgo at={channel.lastDeliveredAt} suffix=" ago" />
            </>
          )}
        </p>
      </li>
    ))}
  </ul>
)

const Sent = ({ channel: { events, scope, mail } }: { channel: Channel }) => {
  const parts = [alertsText(events), decisionsText(events), headsText(events)].filter((part) => part !== null)
  return (
    <p className="text-12 text-ink-3">
      <span className="inline-block first-letter:uppercase">{parts.join('; ')}</span>
      {scope === null ? null : (
        <>
          {', of hosts within '}
          <ScopeText scope={scope} />
        </>
      )}
      {mail === null ? null : (
        <span className="block wrap-anywhere">
          to <HostText value={mail.to.join(', ')} max={200} />
        </span>
      )}
    </p>
  )
}

const Backlog = ({ channel: { waiting, dead } }: { channel: Channel }) => (
  <>
    {waiting === 0 ? null : `${count(waiting)} ${waiting === 1 ? 'waits' : 'wait'}; `}
    {dead === 0 ? null : <span className="font-medium text-danger-text">{count(dead)} given up; </span>}
  </>
)

export const ChannelsLoading = () => (
  <div aria-busy="true" className="divide-y divide-line border-y border-line">
    <p role="status" className="sr-only">
      The channels are loading.
    </p>
    {['w-32', 'w-24'].map((width) => (
      <div key={width} className="flex h-14 items-center gap-8">
        <Placeholder className="w-12" />
        <Placeholder className={width} />
        <Placeholder className="w-48" />
      </div>
    ))}
  </div>
)
