import type { ChannelDelivery } from '@rebootless/shared/contract/channels.ts'
import type { DeliveryState } from '@rebootless/shared/domain/channel-words.ts'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { count, plural } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { StateGlyph } from '../../ui/state-glyph.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { deliveriesQuery } from './queries.ts'

type Which = DeliveryState | 'all'

const NOTHING: Readonly<Record<Which, string>> = {
  all: 'Nothing was to be sent yet: the next event that it wants will stand here.',
  waiting: 'Nothing waits.',
  delivered: 'Nothing was delivered in the last week.',
  dead: 'Nothing was given up.',
}

/** What was sent to a channel, what waits, and what was given up and can be sent again. */
export const Deliveries = ({ channel, dead }: { channel: string; dead: number }) => {
  const [which, setWhich] = useState<Which>(dead > 0 ? 'dead' : 'all')
  const list = useQuery(deliveriesQuery(channel, which))
  return (
    <div className="grid gap-3">
      <div>
        <Segmented
          label="Which messages"
          value={which}
          onChange={setWhich}
          segments={[
            { value: 'all', label: 'All' },
            { value: 'waiting', label: 'Waiting' },
            { value: 'delivered', label: 'Delivered' },
            { value: 'dead', label: dead === 0 ? 'Given up' : `Given up ${count(dead)}` },
          ]}
        />
      </div>
      {list.isPending ? (
        <div aria-busy="true" className="grid gap-3 py-2">
          <Placeholder className="w-2/3" />
          <Placeholder className="w-1/2" />
        </div>
      ) : list.isError ? (
        <ProblemNotice what="The messages" error={list.error} onRetry={() => void list.refetch()} />
      ) : list.data.items.length === 0 ? (
        <p className="text-ink-3">{NOTHING[which]}</p>
      ) : (
        <>
          <ul
            aria-label="Messages"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
            tabIndex={0}
            className="max-h-80 divide-y divide-line overflow-y-auto border-y border-line"
          >
            {list.data.items.map((delivery) => (
              <Delivery key={delivery.id} delivery={delivery} channel={channel} />
            ))}
          </ul>
          {list.data.total > list.data.items.length ? (
            <p className="text-12 text-ink-3">
              The newest {count(list.data.items.length)} of {count(list.data.total)}.
            </p>
          ) : null}
        </>
      )}
    </div>
  )
}

const WORDS = {
  waiting: { word: 'Waits', glyph: 'unknown', tone: 'text-ink-3' },
  delivered: { word: 'Delivered', glyph: 'applied', tone: 'text-ink-3' },
  dead: { word: 'Given up', glyph: 'failed', tone: 'text-danger-text' },
} as const

const Delivery = ({ delivery, channel }: { delivery: ChannelDelivery; channel: string }) => {
  const cache = useQueryClient()
  const again = useMutation({
    mutationFn: () => api.post('/api/v1/channel-deliveries/:id/send-again', { params: { id: delivery.id } }),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: queryKeys.channelDeliveries(channel) })
      void cache.invalidateQueries({ queryKey: queryKeys.channels })
    },
  })
  const { word, glyph, tone } = WORDS[delivery.state]
  const tries =
    delivery.attempts === 0
      ? 'not tried yet'
      : delivery.attempts > 1 || delivery.state !== 'delivered'
        ? plural(delivery.attempts, 'try', 'tries')
        : null
  return (
    <li className="grid gap-1 py-2">
      <div className="flex items-start gap-x-3">
        <div className="min-w-0 flex-1">
          <p className="wrap-anywhere first-letter:uppercase">
            <HostText value={delivery.summary} max={300} />
          </p>
          <p className="flex flex-wrap items-center gap-x-2 text-12 text-ink-3">
            <span className={`inline-flex items-center gap-1 font-medium ${tone}`}>
              <StateGlyph state={glyph} size={12} />
              {word}
            </span>
            <TimeAgo at={delivery.endedAt ?? delivery.createdAt} suffix=" ago" />
            {tries === null ? null : <span>{tries}</span>}
            {delivery.state === 'delivered' || delivery.detail === null ? null : (
              <span className="wrap-anywhere">
                <HostText value={delivery.detail} max={200} />
              </span>
            )}
          </p>
        </div>
        {delivery.state === 'dead' ? (
          <Button
            aria-label={`Send again: ${visibleText(delivery.summary, 80)}`}
            disabled={again.isPending}
            onClick={() => again.mutate()}
          >
            Send again
          </Button>
        ) : null}
      </div>
      {again.isError ? <Refusal error={again.error} lead="Not sent again." /> : null}
    </li>
  )
}
