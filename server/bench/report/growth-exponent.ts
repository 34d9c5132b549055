/**
 * How a cost grows with a size: the exponent b of cost = a · size^b that fits best, by least squares on the logarithms of both. 1 is
 * a cost in proportion, 0 one that does not grow.
 * @throws RangeError for fewer than two sizes, and for what has no logarithm
 */
export const growthExponent = (points: readonly (readonly [size: number, cost: number])[]): number => {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const)
  if (!logs.flat().every(Number.isFinite)) throw new RangeError('sizes and costs must be above zero')
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [sizeMean, costMean] = [mean(logs.map(([size]) => size)), mean(logs.map(([, cost]) => cost))]
  const spread = logs.reduce((sum, [size]) => sum + (size - sizeMean) ** 2, 0)
  if (!(spread > 0)) throw new RangeError('a growth needs two sizes')
  return logs.reduce((sum, [size, cost]) => sum + (size - sizeMean) * (cost - costMean), 0) / spread
}
