/**
 * A host's time in ours: `skewMs` is the host's clock minus the server's, null before the first measurement.
 * What is stored keeps the host's own times, so that a later, better measurement sets right the past as well.
 */
export const inServerTime = (hostTime: string | Date, skewMs: number | null): Date =>
  new Date(new Date(hostTime).getTime() - (skewMs ?? 0))

/** Smaller changes are the network's jitter; taking them would move every date at each measurement. */
export const SKEW_CHANGE_MS_MIN = 500
