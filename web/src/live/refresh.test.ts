// Goal: many events cost few questions, and the last word is always asked for. Method: a real query cache, a slow answer.
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { refresh } from './refresh.ts'

test('an answer on its way is kept, and one more question follows for all that was asked meanwhile', async () => {
  const cache = new QueryClient()
  const answers: ((value: number) => void)[] = []
  let signals = 0
  const observer = new QueryObserver(cache, {
    queryKey: ['hosts', 'a'],
    queryFn: ({ signal }) => {
      signal.addEventListener('abort', () => {
        signals += 1
      })
      return new Promise<number>((resolve) => answers.push(resolve))
    },
  })
  const stop = observer.subscribe(() => undefined)
  const answer = async (value: number) => {
    answers.at(-1)?.(value)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  // Mounted: the first question is under way when three events come.
  for (let event = 0; event < 3; event += 1) refresh(cache, ['hosts', 'a'])
  expect(answers).toHaveLength(1)
  await answer(1)
  expect(observer.getCurrentResult().data).toBe(1)
  expect(answers).toHaveLength(2)
  refresh(cache, ['hosts', 'a'])
  await answer(2)
  expect(answers).toHaveLength(3)
  await answer(3)
  expect(observer.getCurrentResult().data).toBe(3)
  expect(answers).toHaveLength(3)
  expect(signals, 'no question was given up').toBe(0)
  stop()
})
