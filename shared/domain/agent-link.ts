/** What both ends of the agent link must know before they have said a word to each other. */

import type { RateLimit } from './message-rate.ts'

/**
 * The only name in the server's certificate. Agents ask for it whatever address they dial, so that tunnels, NAT and
 * changed addresses need no new certificate. `.internal` is reserved for private use (ICANN, 2024-07-29).
 */
export const SERVER_NAME = 'rebootless.internal'
export const ENROL_PATH = '/agent/v1/enrol'
export const RENEW_PATH = '/agent/v1/renew'
/** For hosts without a token. */
export const ASK_PATH = '/agent/v1/ask'
/** The agent itself, for whoever installs it: its hash stands on the page that shows the command. */
export const AGENT_FILE_PATH = '/agent/v1/agent.mjs'
/** The makers' signature of it, where it has one. */
export const AGENT_SIGNATURE_PATH = `${AGENT_FILE_PATH}.sig`
/** Followed by a module's SHA-256, hex: given to hosts that have a command for it. */
export const ARTEFACTS_PATH = '/agent/v1/artefacts/'
export const CONNECT_PATH = '/agent/v1/connect'

/** The protocol that brought commands: an agent of an earlier one is sent none, and is read-only (threat-model T21). */
export const COMMANDS_SINCE = 2
/** The protocol in which agents tell how their kernels fare: oopses, warnings, pressure. */
export const KERNEL_READINGS_SINCE = 3
/** The protocol in which agents can be asked who sleeps in some functions. */
export const TASK_LOOKS_SINCE = 4
/** All tasks' stacks are read for an answer: a host does that no more often, whoever asks (threat-model T20). */
export const TASK_LOOK_INTERVAL_MS = 60_000
/** So many functions are looked for at once; few patches have more. */
export const LOOK_FUNCTIONS_MAX = 500
/** So many tasks an answer names, and so many functions. */
export const SLEEPING_TOLD_MAX = 50
/** The protocol in which agents tell that their host allows livepatch packages to be installed. */
export const PACKAGE_UPDATES_SINCE = 4
/** The protocol in which an agent can be asked to go to another of its servers. */
export const MOVES_SINCE = 5
/** A host goes elsewhere no more often, whoever asks, and is not asked so soon after it came. */
export const MOVE_INTERVAL_MS = 60_000
/** A host whose clock is further off may not be commanded (threat-model T21). */
export const CLOCK_SKEW_MS_MAX = 5 * 60_000

/** What a host may send over all of its links, one after the other, before it is taken for a flood (threat-model T20). */
export const HOST_MESSAGES: RateLimit = { burst: 60, perSecond: 20 }
/** Messages of one link that may wait to be stored. */
export const LINK_QUEUE_MAX = 60
/**
 * How an agent says what became of its commands: it may have kept hundreds while the server was away. The rest of what it
 * may send is for what it sees meanwhile, and for the links that it opens.
 */
export const RESULTS_PACE: RateLimit = { burst: HOST_MESSAGES.burst / 3, perSecond: (HOST_MESSAGES.perSecond * 3) / 4 }
/** Of these so many wait for their acknowledgement: a slow way delivers them all at once, and a slow server queues them. */
export const RESULTS_UNDER_WAY_MAX = LINK_QUEUE_MAX / 3

/**
 * The sender's clock minus ours, milliseconds. A message is taken to have spent half a round trip on its way, so the
 * error is at most that half (RFC 5905, §8).
 */
export const clockSkewMs = (reading: { sentAt: string; receivedAt: Date; roundTripMs: number }): number =>
  Math.round(Date.parse(reading.sentAt) - (reading.receivedAt.getTime() - reading.roundTripMs / 2))

/** Close codes: RFC 6455, §7.4.1; 4000 and above are ours. */
export const LINK_CLOSE = {
  goingAway: 1001,
  binary: 1003,
  notJson: 1007,
  policy: 1008,
  tooLarge: 1009,
  serverError: 1011,
  replaced: 4000,
} as const

/** `code` of a `refused` message, beside those of shared/domain/errors.ts. */
export type LinkRefusal = 'flooding' | 'hello_expected' | 'protocol_unsupported' | 'replaced'
