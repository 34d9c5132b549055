/** What one host may do to be a nuisance: said by flood.ts, done by flooder.ts. */
export const FLOODS = ['heartbeats', 'snapshots', 'results', 'pings', 'connections', 'all that is allowed'] as const
export type Flood = (typeof FLOODS)[number]
export interface FloodOrder {
  /** Null: be quiet. */
  readonly flood: Flood | null
  readonly host: number
}
export interface FloodTally {
  readonly frames: number
  readonly links: number
  readonly turnedAway: number
}
