import * as z from 'zod'
import { HOST_ORIGINS, HOST_STATES } from '../domain/words.ts'
import { ComplianceSummary } from './compliance.ts'
import { HostSummary } from './host.ts'
import { HostId, hostText, Instant } from './primitives.ts'

/** What needs someone, grouped by cause and never by host. */
export const FleetCause = z.strictObject({
  /** Stable within a fleet, so that a list can keep its place: made from kind and text. */
  key: z.string().max(600),
  state: z.enum(HOST_STATES),
  title: z.string().max(600),
  explanation: z.string().max(600),
  since: Instant,
  hostCount: z.int(),
  hosts: z.array(z.strictObject({ id: HostId, name: hostText(255), origin: z.enum(HOST_ORIGINS) })).max(20),
  /** Where its hosts come from, those that are not named too. */
  origins: z.array(z.enum(HOST_ORIGINS)),
  /** The filter that finds all of them. */
  filter: z.string().max(1000),
})
export type FleetCause = z.infer<typeof FleetCause>

/** In short, what `GET /api/v1/compliance` tells in full. */
export const FleetExposure = z.strictObject({
  /** Hosts with something open, and those with something past its date. */
  exposed: z.int().min(0),
  overdue: z.int().min(0),
  oldest: ComplianceSummary.shape.oldest,
  sentence: z.string(),
  /** Since this quarter of the year began (UTC), beside the default monthly window; null: not counted yet. */
  rebootsAvoided: z.int().min(0).nullable(),
  judgedAt: Instant,
})
export type FleetExposure = z.infer<typeof FleetExposure>

/** What every page has to know, for its title, its tabs and the words of its filter. */
export const FleetCounts = z.strictObject({
  total: z.int(),
  byState: z.record(z.enum(HOST_STATES), z.int()),
  byOrigin: z.record(z.enum(HOST_ORIGINS), z.int()),
  byProvider: z.array(z.strictObject({ provider: hostText(32), count: z.int() })),
  byKernel: z.array(z.strictObject({ kernelRelease: hostText(128), count: z.int() })),
  asOf: Instant,
})
export type FleetCounts = z.infer<typeof FleetCounts>

export const FleetSummary = z.strictObject({
  ...FleetCounts.shape,
  /** Tasks on old code and in all, over the transitions under way. */
  transitions: z.strictObject({
    hosts: z.int(),
    tasksTotal: z.int(),
    tasksRemaining: z.int(),
    longestStalledSince: Instant.nullable(),
  }),
  needsSomeone: z.array(FleetCause).max(50),
  /** The transitions under way, most urgent first, up to a page's worth. */
  underWay: z.array(HostSummary).max(12),
  /** Null: not judged yet. */
  exposure: FleetExposure.nullable(),
})
export type FleetSummary = z.infer<typeof FleetSummary>
