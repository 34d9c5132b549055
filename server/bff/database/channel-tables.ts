import type { ChannelEvents } from '@rebootless/shared/contract/channels.ts'
import type { ChannelKind, DeliveryState, MessageType } from '@rebootless/shared/domain/channel-words.ts'
import type { ColumnType } from 'kysely'

type Json<T> = ColumnType<T, string, string>

interface ChannelsTable {
  id: string
  kind: ChannelKind
  name: string
  address: string
  events: Json<ChannelEvents>
  scope: string | null
  enabled: boolean
  /** Why the server turned it off by itself. */
  off_because: string | null
  /** Sealed: bff/channels/channel-secret.ts. */
  secret: string
  public_key: string | null
  created_by_name: string
  created_at: Date
}

/** What the deliverer writes of a channel; people's rows stay as people wrote them. */
interface ChannelProgressTable {
  channel_id: string
  /** Tries that came to nothing one after another. */
  failures: ColumnType<number, undefined, number>
  failing_since: ColumnType<Date | null, undefined, Date | null>
  failing_detail: ColumnType<string | null, undefined, string | null>
  next_at: Date
  /** Of the deliverer that is at it; null or run out: nobody is. */
  claim: ColumnType<string | null, undefined, string | null>
  claimed_until: ColumnType<Date | null, undefined, Date | null>
  last_delivered_at: ColumnType<Date | null, undefined, Date>
  /** The last head of the audit log that was put into its outbox. */
  head_sequence: ColumnType<string, undefined, number>
  head_at: ColumnType<Date | null, undefined, Date>
}

interface ChannelDeliveriesTable {
  id: string
  channel_id: string
  /** In the order in which they go. */
  number: ColumnType<string, undefined, never>
  type: MessageType
  summary: string
  /** The exact text of the message. */
  body: string
  state: DeliveryState
  attempts: number
  created_at: Date
  /** Its age is counted from here: later than it was made where somebody sent it again. */
  due_since: Date
  ended_at: Date | null
  status: number | null
  detail: string | null
}

export interface ChannelTables {
  channels: ChannelsTable
  channel_progress: ChannelProgressTable
  channel_deliveries: ChannelDeliveriesTable
}
