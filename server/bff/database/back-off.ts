/**
 * How long to wait before the next attempt, in milliseconds: doubling from 100 ms to 10 s, half of it by chance, so
 * that many do not come back at one moment.
 * @param failures how many attempts have failed in a row, 1 or more
 * @param random from 0 up to 1
 */
export function backOffMs(failures: number, random: number): number {
  const longest = Math.min(10_000, 100 * 2 ** Math.min(failures - 1, 10))
  return longest / 2 + (longest / 2) * random
}
