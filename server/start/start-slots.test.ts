// Goal: so many start at a time, and who was in before goes first. Method: takers that give back when told to.
import { expect, test } from 'vitest'
import { createStartSlots } from './start-slots.ts'

test('room is given in turn, first to those who were in before, and once for each giving back', async () => {
  const slots = createStartSlots(1)
  const got: string[] = []
  const take = (name: string, first?: boolean) =>
    slots.take(first).then((giveBack) => {
      got.push(name)
      return giveBack
    })
  const giveBack = await take('a')
  const waiting = [take('b'), take('c'), take('again', true)] as const
  giveBack()
  giveBack()
  const giveBackAgain = await waiting[2]
  expect(got).toEqual(['a', 'again'])
  giveBackAgain()
  ;(await waiting[0])()
  ;(await waiting[1])()
  expect(got).toEqual(['a', 'again', 'b', 'c'])
})
