const STEPS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5]

/**
 * Ticks of a share's axis, rising to 1: three or four even steps, the least below the least share. The axis is cut where
 * all shares are high, and its ticks say so.
 */
export const shareTicks = (shares: readonly number[]): number[] => {
  const least = Math.max(0, Math.min(1, ...shares))
  const step = STEPS.find((candidate) => 1 - least <= candidate * 3 + 1e-9) ?? 0.5
  const many = Math.max(2, Math.ceil((1 - least) / step - 1e-9))
  const ticks = Array.from({ length: many + 1 }, (_, index) => 1 - (many - index) * step)
  return ticks
    .map((tick) => Math.max(0, Math.round(tick * 1000) / 1000))
    .filter((tick, at, all) => tick !== all[at - 1])
}

/** The top of an axis of counts: a round number that none exceeds, and never 0. */
export const barTop = (values: readonly number[]): number => {
  const most = Math.max(1, ...values)
  const magnitude = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 5, 10].map((factor) => factor * magnitude).find((top) => top >= most) ?? most
}
