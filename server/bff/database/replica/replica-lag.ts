export interface ReplicaLag {
  /** The primary was at `lsn` at this time. */
  passed(lsn: bigint, atMs: number): void
  replayed(lsn: bigint): void
  /** Age of the oldest position that was passed and not replayed; 0: none is known of. */
  secondsAt(nowMs: number): number
}

/** Enough for an hour of looks; with more the newest are left out, which changes no answer before the oldest are replayed. */
const PENDING_MAX = 3_600

/**
 * How far a replica lags, by this process's own clock. `now() - pg_last_xact_replay_timestamp()` would grow while nothing is written,
 * and compare the clocks of two machines.
 */
export const createReplicaLag = (): ReplicaLag => {
  let pending: { readonly lsn: bigint; readonly atMs: number }[] = []
  return {
    passed(lsn, atMs) {
      if (pending.length < PENDING_MAX) pending.push({ lsn, atMs })
    },
    replayed(lsn) {
      pending = pending.filter((one) => one.lsn > lsn)
    },
    secondsAt(nowMs) {
      const [oldest] = pending
      return oldest === undefined ? 0 : Math.max(0, nowMs - oldest.atMs) / 1_000
    },
  }
}
