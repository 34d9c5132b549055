/** The value below which such a share of all lies. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((left, right) => left - right)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0

const text = (value: number) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)

/** Prints median and p99 beside those of a bare limit, and the ratio of the two p99. */
export const printRow = (what: string, values: readonly number[], unit: string, bare: readonly number[]): void => {
  const [median, p99] = [quantile(values, 0.5), quantile(values, 0.99)]
  const [bareMedian, bareP99] = [quantile(bare, 0.5), quantile(bare, 0.99)]
  const ratio = bareP99 === 0 ? '–' : `×${text(p99 / bareP99)}`
  console.log(
    `${what.padEnd(46)} median ${text(median)} ${unit}, p99 ${text(p99)} ${unit}; ` +
      `bare limit ${text(bareMedian)}, ${text(bareP99)}; ratio of p99 ${ratio}`,
  )
}
