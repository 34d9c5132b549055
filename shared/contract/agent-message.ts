import * as z from 'zod'
import { COMMAND_ACTIONS, HOST_CLASSES, HOST_ORIGINS } from '../domain/words.ts'
import { MachineId } from './enrolment.ts'
import { KernelReadings } from './kernel-readings.ts'
import { Epoch, hostText, Instant, Sequence } from './primitives.ts'
import { PublicKey, Signed } from './signed.ts'
import { Snapshot } from './snapshot.ts'
import { TaskLook, TasksWanted } from './task-look.ts'
import { TransitionSample } from './transition.ts'

/** Both ends close a link whose frames are larger: RFC 6455 status 1009. */
export const FRAME_BYTES_MAX = 1024 * 1024
export const PROTOCOL_VERSION = 5
/** The server takes these; of the older it reads, and sends nothing that it would not understand (threat-model T21). */
export const PROTOCOL_VERSION_MIN = 1
export const HEARTBEAT_INTERVAL_MS = 10_000

/** SHA-256 of the snapshot's canonical JSON without the fields that change with each reading, in hex. */
export const SnapshotHash = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * (epoch, sequence) strictly rises over everything that a host ever says: the epoch with each start of its agent, the
 * sequence with each message. Whatever is not newer than the last of its kind changes nothing.
 */
const order = { epoch: Epoch, sequence: Sequence, sentAt: Instant }

/** The host's own word on what may be done to it: its `agent.json`, and the `stop` file in its data directory. */
export const HostPolicySummary = z.strictObject({
  hostClass: z.enum(HOST_CLASSES),
  /** Why the host is only observed although, or because, of its file; null when the file itself says so. */
  reason: hostText(500).nullable(),
  approvers: z.array(z.strictObject({ name: hostText(64), publicKey: PublicKey })).max(64),
  threshold: z.int().min(1).max(64),
  /** In words, as the page shows them; null: at any hour. */
  hours: hostText(200).nullable(),
  neverForce: z.boolean(),
  /** Local root has stopped all changes. */
  stopped: z.boolean(),
  /** The only actions that are taken; absent: all. */
  actions: z.array(z.enum(COMMAND_ACTIONS)).max(COMMAND_ACTIONS.length).optional(),
  /** Livepatch packages of the distribution may be installed; absent: they may not. */
  packageUpdates: z.boolean().optional(),
})
export type HostPolicySummary = z.infer<typeof HostPolicySummary>

export const Hello = z.strictObject({
  type: z.literal('hello'),
  ...order,
  protocol: z.int(),
  agentVersion: hostText(64),
  hostName: hostText(255),
  hostClass: z.enum(HOST_CLASSES),
  origin: z.enum(HOST_ORIGINS),
  bootId: hostText(64).nullable(),
  /** Since protocol 2. */
  policy: HostPolicySummary.optional(),
  /** Since protocol 2; absent where the machine has none. */
  machineId: MachineId.optional(),
  /** Since protocol 2: the newest head of the server's audit log that the host holds. */
  auditHead: Signed.optional(),
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

/**
 * Since protocol 3: how the kernel fares. Once a minute, sooner after an incident, and never twice in
 * KERNEL_READINGS_INTERVAL_MS.
 */
export const KernelReadingsMessage = z.strictObject({
  type: z.literal('kernel_readings'),
  ...order,
  readings: KernelReadings,
})
export type KernelReadingsMessage = z.infer<typeof KernelReadingsMessage>
export const KERNEL_READINGS_INTERVAL_MS = 10_000

/** Since protocol 4: the answer to `look_for_tasks`, which a host gives at most once in TASK_LOOK_INTERVAL_MS. */
export const TaskLookMessage = z.strictObject({ type: z.literal('task_look'), ...order, look: TaskLook })
export type TaskLookMessage = z.infer<typeof TaskLookMessage>

/**
 * What became of a command. `started` once it is in the journal on the disk; each of the others is an end. Said again
 * until it is acknowledged, over links and restarts.
 */
export const CommandResult = z.strictObject({
  type: z.literal('result'),
  ...order,
  commandId: z.uuid(),
  state: z.enum(['started', 'done', 'refused', 'failed', 'unknown']),
  /** Of shared/domain/command-refusals.ts, or the errno's name; null: done. */
  code: z.string().max(64).nullable(),
  /** What happened and what to do, in a sentence. */
  detail: hostText(1000),
  at: Instant,
})
export type CommandResult = z.infer<typeof CommandResult>

export const AgentMessage = z.discriminatedUnion('type', [
  Hello,
  SnapshotMessage,
  Heartbeat,
  TransitionMessage,
  KernelReadingsMessage,
  TaskLookMessage,
  CommandResult,
])
export type AgentMessage = z.infer<typeof AgentMessage>

/** What is kept as the latest of its kind; results are kept one by one. */
export type ReadingMessage = Exclude<AgentMessage, CommandResult>

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

/** Something to do now: what was approved, and the server's word for this host. */
export const CommandMessage = z.strictObject({ type: z.literal('command'), authorisation: Signed, command: Signed })
export type CommandMessage = z.infer<typeof CommandMessage>
/** All changes stop, or may go on again: a Freeze signed by the server (T28). */
export const FreezeMessage = z.strictObject({ type: z.literal('freeze'), freeze: Signed })

/** Since protocol 2: the authorities that the server may show a certificate of, oldest first; the host keeps these and no other. */
export const AuthoritiesMessage = z.strictObject({
  type: z.literal('authorities'),
  certificateAuthorities: z.array(z.string().max(8192)).min(1).max(8), // PEM
})

/** Since protocol 2: a signed head of the audit log (T30), for the host to hold. */
export const AuditHeadMessage = z.strictObject({ type: z.literal('audit_head'), head: Signed })

/** Since protocol 4: asks who sleeps in some functions now. It changes nothing, and needs no authorisation. */
export const LookForTasks = z.strictObject({ type: z.literal('look_for_tasks'), wanted: TasksWanted })

/** Since protocol 5: another server has fewer agents. Where the host goes, its own settings say. */
export const GoElsewhere = z.strictObject({ type: z.literal('go_elsewhere') })

export const ServerMessage = z.discriminatedUnion('type', [
  Welcome,
  Acknowledged,
  SnapshotWanted,
  LinkRefused,
  CommandMessage,
  FreezeMessage,
  AuthoritiesMessage,
  AuditHeadMessage,
  LookForTasks,
  GoElsewhere,
])
export type ServerMessage = z.infer<typeof ServerMessage>
