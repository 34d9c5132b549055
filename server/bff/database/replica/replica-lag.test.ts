// Goal: the lag is the age of what is known not to be replayed, and grows while nothing is heard. Method: looks at times of one's own.
import { expect, test } from 'vitest'
import { createReplicaLag } from './replica-lag.ts'

test('it is the age of the oldest position that was not replayed', () => {
  const lag = createReplicaLag()
  expect(lag.secondsAt(5_000)).toBe(0)
  lag.passed(10n, 1_000)
  lag.passed(20n, 2_000)
  expect(lag.secondsAt(3_000)).toBe(2)
  lag.replayed(19n)
  expect(lag.secondsAt(3_000)).toBe(1)
  expect(lag.secondsAt(9_000)).toBe(7)
  lag.replayed(20n)
  expect(lag.secondsAt(9_000)).toBe(0)
})

test('a day without an answer is told, and costs a bounded memory', () => {
  const lag = createReplicaLag()
  for (let second = 0; second < 86_400; second += 1) lag.passed(BigInt(second), second * 1_000)
  expect(lag.secondsAt(86_400_000)).toBe(86_400)
  lag.replayed(86_400n)
  expect(lag.secondsAt(86_400_000)).toBe(0)
})
