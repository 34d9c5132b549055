import type { AlertRuleId } from './alert-words.ts'

/** Milliseconds of the epoch, by the server's clock. */
type Time = number

interface OfHost {
  readonly hostId: string
}

/** What the database says that rules look at. Text in it may come from hosts: it is shown, never acted upon. */
export interface AlertFacts {
  /** Why hosts need someone, as they were derived at ingest. */
  readonly causes: readonly (OfHost & {
    readonly state: string
    readonly key: string
    readonly title: string
    readonly explanation: string
    readonly since: Time
  })[]
  /** Transitions that were turned round. */
  readonly reversals: readonly (OfHost & { readonly patch: string; readonly at: Time })[]
  /** Reports of kernels' logs. `afterMs`: so long after the newest patch was enabled; null: before one, or none was. */
  readonly incidents: readonly (OfHost & {
    readonly kind: string
    readonly function: string | null
    /** The livepatch in its trace; null: none stands in it. */
    readonly patch: string | null
    readonly text: string
    readonly at: Time
    readonly afterMs: number | null
  })[]
  /** Letters of /proc/sys/kernel/tainted that came within a boot. */
  readonly taints: readonly (OfHost & { readonly added: string; readonly at: Time })[]
  /** Hosts not heard from whose last word was of a transition under way. */
  readonly silent: readonly (OfHost & { readonly patch: string; readonly since: Time })[]
  readonly rollouts: readonly {
    readonly id: string
    readonly name: string
    readonly kind: 'paused by itself' | 'reversing by itself' | 'reversed in part'
    readonly sentence: string
    readonly hosts: readonly string[]
    readonly since: Time
  }[]
  readonly commands: readonly (OfHost & {
    readonly action: string
    readonly patch: string | null
    readonly state: string
    readonly code: string | null
    readonly detail: string | null
    readonly endedAt: Time
  })[]
  /** The newest of each host that is not revoked, and ends within the time that the rule looks at. */
  readonly certificates: readonly (OfHost & { readonly expiresAt: Time })[]
  readonly authorities: readonly { readonly fingerprint: string; readonly expiresAt: Time }[]
  /** Agents that are not of this server's version. */
  readonly agents: readonly (OfHost & { readonly version: string; readonly since: Time })[]
  readonly exposures: readonly ExposureFact[]
  readonly exceptions: readonly { readonly id: string; readonly title: string; readonly endsAt: Time }[]
  readonly disks: readonly { readonly name: string; readonly freeBytes: number; readonly sizeBytes: number }[]
  /** Why the database does not serve, or for how long it did not; null: it serves. */
  readonly database: { readonly sentence: string; readonly since: Time } | null
  readonly feeds: readonly {
    readonly id: string
    readonly name: string
    readonly detail: string
    readonly since: Time
  }[]
  readonly channels: readonly {
    readonly id: string
    readonly name: string
    /** Whose browser it is; null: it is a channel of the fleet. */
    readonly owner: string | null
    readonly dead: number
    readonly offBecause: string | null
    readonly since: Time
  }[]
  /** How long this server's own work had to wait, in milliseconds. */
  readonly lagMs: number
}

/** A host that must be rid of a CVE by a date. `dueAt` past: it is broken. */
export interface ExposureFact extends OfHost {
  readonly cve: string
  readonly severity: string
  readonly dueAt: Time
}

/** That a rule finds something, on one host or on none. Those of one rule and cause are one group. */
export interface AlertCondition {
  readonly cause: string
  readonly title: string
  /** Says the same for all hosts of a cause. */
  readonly detail: string
  readonly hostId: string | null
  readonly since: Time
  /** Where it is looked into: a page of this server. */
  readonly path: string
}

/** What each rule finds; tens of thousands in a large fleet, each second or two, so nothing is copied on the way. */
export type AlertConditions = ReadonlyMap<AlertRuleId, readonly AlertCondition[]>
