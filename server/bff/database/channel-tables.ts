import type { ChannelEvents, MailSettings } from '@rebootless/shared/contract/channels.ts'
import type { DeliveryState, MessageType, TargetKind } from '@rebootless/shared/domain/channel-words.ts'
import type { ColumnType } from 'kysely'

type Json<T> = ColumnType<T, string, string>

/** What a channel's kind needs beside its address, and that is no secret. */
export interface KindSettings {
  readonly user?: string | null
  readonly mail?: MailSettings
  readonly pages?: string | null
}

interface ChannelsTable {
  id: string
  kind: TargetKind
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
  settings: ColumnType<KindSettings | null, string | undefined, string>
  /** Whether the secret holds a password or token. */
  has_token: ColumnType<boolean, boolean | undefined, boolean>
  /** Of a browser that is sent notifications: whose; it sees what he sees. Null: a channel that admins made. */
  owner_id: ColumnType<string | null, string | undefined, never>
  /** SHA-256 of the endpoint of a browser, which stands sealed: it is asked for by it. */
  endpoint_hash: ColumnType<string | null, string | undefined, string>
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
  /** When what fires must be said again to a receiver that forgets; null: nothing fires there. */
  refresh_at: ColumnType<Date | null, undefined, Date | null>
}

/** Alerts that a receiver was told fire, and not yet that they are resolved. */
interface ChannelFiringTable {
  channel_id: string
  alert_id: string
  /** The first message of it: what it is known by there comes from it for good. */
  first_body: string
  last_body: string
}

/** The pair of keys by which push services know this server (RFC 8292). */
interface PushKeysTable {
  single: ColumnType<boolean, undefined, never>
  public_key: string
  /** Sealed. */
  private_key: string
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
  /** Recipients that have not got it yet, after others have; null: it goes to all. */
  remaining: ColumnType<readonly string[] | null, undefined, string | null>
}

export interface ChannelTables {
  channels: ChannelsTable
  channel_progress: ChannelProgressTable
  channel_deliveries: ChannelDeliveriesTable
  channel_firing: ChannelFiringTable
  push_keys: PushKeysTable
}
