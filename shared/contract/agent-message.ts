import * as z from 'zod'
import { HOST_CLASSES, HOST_ORIGINS } from '../domain/words.ts'
import { Epoch, hostText, Instant, Sequence } from './primitives.ts'
import { Snapshot } from './snapshot.ts'
import { TransitionSample } from './transition.ts'

/** Both ends close a link whose frames are larger: RFC 6455 status 1009. */
export const FRAME_BYTES_MAX = 1024 * 1024
export const PROTOCOL_VERSION = 1
export const HEARTBEAT_INTERVAL_MS = 10_000

/** SHA-256 of the snapshot's canonical JSON without the fields that change with each reading, in hex. */
export const SnapshotHash = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * (epoch, sequence) strictly rises over everything that a host ever says: the epoch with each start of its agent, the
 * sequence with each message. Whatever is not newer than the last of its kind changes nothing.
 */
const order = { epoch: Epoch, sequence: Sequence, sentAt: Instant }

export const Hello = z.strictObject({
  type: z.literal('hello'),
  ...order,
  protocol: z.int(),
  agentVersion: hostText(64),
  hostName: hostText(255),
  hostClass: z.enum(HOST_CLASSES),
  origin: z.enum(HOST_ORIGINS),
  bootId: hostText(64).nullable(),
})
export type Hello = z.infer<typeof Hello>

export const SnapshotMessage = z.strictObject({
  type: z.literal('snapshot'),
  ...order,
  hash: SnapshotHash,
  snapshot: Snapshot,
})
export type SnapshotMessage = z.infer<typeof SnapshotMessage>

/** Says "still here, and what you hold is still true" in one: the server asks for a snapshot when the hash is another. */
export const Heartbeat = z.strictObject({ type: z.literal('heartbeat'), ...order, snapshotHash: SnapshotHash })
export type Heartbeat = z.infer<typeof Heartbeat>

/** `sample: null` says that no transition runs any more. */
export const TransitionMessage = z.strictObject({
  type: z.literal('transition'),
  ...order,
  sample: TransitionSample.nullable(),
})
export type TransitionMessage = z.infer<typeof TransitionMessage>

export const AgentMessage = z.discriminatedUnion('type', [Hello, SnapshotMessage, Heartbeat, TransitionMessage])
export type AgentMessage = z.infer<typeof AgentMessage>

export const Welcome = z.strictObject({
  type: z.literal('welcome'),
  serverTime: Instant,
  /** What the agent's `sentAt` was, so that it can take the round trip out of the skew. */
  helloSentAt: Instant,
  heartbeatIntervalMs: z.int().min(100).max(600_000),
  /**
   * The greatest epoch that the server holds of this host; null: none. An agent whose own is not above it (its machine
   * went back to an older image, its file was lost) goes on above it, or nothing that it says would count.
   */
  epochSeen: Epoch.nullable().default(null),
})
export const Acknowledged = z.strictObject({ type: z.literal('acknowledged'), epoch: Epoch, sequence: Sequence })
export const SnapshotWanted = z.strictObject({ type: z.literal('snapshot_wanted') })
export const LinkRefused = z.strictObject({
  type: z.literal('refused'),
  code: z.string().max(64),
  detail: z.string().max(500),
})

export const ServerMessage = z.discriminatedUnion('type', [Welcome, Acknowledged, SnapshotWanted, LinkRefused])
export type ServerMessage = z.infer<typeof ServerMessage>
