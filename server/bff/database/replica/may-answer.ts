/** Where the primary stood when it was asked: whatever anybody could see there before lies at or before `lsn`. */
export interface PrimaryPosition {
  /** Of the cluster (pg_control_system) and of the database in it, by which copies of it are known. */
  readonly cluster: string
  readonly database: string
  readonly timeline: number
  readonly lsn: bigint
}

/** How far a replica is. */
export interface StandbyPosition {
  readonly cluster: string
  readonly database: string
  /** False: it takes writes of its own, so it is no copy any more. */
  readonly inRecovery: boolean
  /** Of its last restart point, so after a failover it is the old one for a while. */
  readonly timeline: number
  /** Null: it replays no log. */
  readonly replayed: bigint | null
}

export const WHY_NOT = ['no_standby', 'another_database', 'another_timeline', 'behind'] as const
export type WhyNot = (typeof WHY_NOT)[number]

/**
 * Why a read that began when the primary stood at `needed` may not be answered by the replica; null: it may.
 *
 * Positions are compared within one timeline only: after a failover a replica that did not follow has positions of a history that
 * never was (PostgreSQL documentation, "Timelines").
 */
export const whyNotByReplica = (needed: PrimaryPosition, found: StandbyPosition): WhyNot | null => {
  if (!found.inRecovery || found.replayed === null) return 'no_standby'
  if (found.cluster !== needed.cluster || found.database !== needed.database) return 'another_database'
  if (found.timeline !== needed.timeline) return 'another_timeline'
  return found.replayed < needed.lsn ? 'behind' : null
}

/** `16/B374D848`, two halves of 64 bits in hexadecimal (PostgreSQL documentation, "pg_lsn Type"). */
export const parseLsn = (text: string): bigint => {
  const [, high = '', low = ''] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? []
  if (high === '' || low === '') throw new Error(`${JSON.stringify(text)} is no position of a log`)
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}
