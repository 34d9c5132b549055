const GAP = '\u00a0'

/** A share of hosts with one place behind the point, cut and not rounded: what is not all never reads as 100 %. */
export const shareWord = (share: number): string => `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)}${GAP}%`
