// Goal: nobody gets an answer to a question that was put before he asked, and the other side gets one question at a time. Method: questions
// that are answered by hand.
import { expect, test } from 'vitest'
import { askTogether } from './ask-together.ts'

const byHand = () => {
  const put: { answer: (value: number) => void; fail: () => void }[] = []
  const ask = askTogether(
    () => new Promise<number>((answer, reject) => put.push({ answer, fail: () => reject(new Error('gone')) })),
  )
  return { put, ask }
}
/** Promises that hang on one another have their turns. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('those who come while one is under way share the next', async () => {
  const { put, ask } = byHand()
  const first = ask()
  const [second, third] = [ask(), ask()]
  expect(put).toHaveLength(1)
  put[0]?.answer(1)
  expect(await first).toBe(1)
  await settled()
  expect(put).toHaveLength(2)
  const fourth = ask()
  put[1]?.answer(2)
  expect(await Promise.all([second, third])).toEqual([2, 2])
  await settled()
  put[2]?.answer(3)
  expect(await fourth).toBe(3)
  expect(put).toHaveLength(3)
})

test('a failure is told to those who asked, and not to those who wait for the next', async () => {
  const { put, ask } = byHand()
  const first = ask()
  const second = ask()
  put[0]?.fail()
  await expect(first).rejects.toThrow('gone')
  await settled()
  put[1]?.answer(2)
  expect(await second).toBe(2)
})
