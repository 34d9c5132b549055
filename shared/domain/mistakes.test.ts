// Goal: a field that was left empty is told as empty, not as wrongly written. Method: issues as a schema gives them.

import { expect, test } from 'vitest'
import * as z from 'zod'
import { mistakesOf } from './mistakes.ts'

const Label = z.object({ label: z.string().regex(/^[a-z]+$/) })
const textsOf = (value: unknown) =>
  mistakesOf(Label.safeParse(value).error?.issues ?? [], value).map(({ text }) => text)

test('empty, missing and wrongly written are told apart', () => {
  expect(textsOf({ label: '' })).toEqual(['is empty'])
  expect(textsOf({})).toEqual(['is missing'])
  expect(textsOf({ label: 'R 1' })).toEqual(['is not written as it should be'])
  expect(textsOf({ label: 'rack' })).toEqual([])
})

test('a rule that wants another field says why in its own words', () => {
  const Change = z
    .object({ off: z.boolean(), reason: z.string().optional() })
    .refine(({ off, reason }) => !off || reason !== undefined, { path: ['reason'], error: 'is missing: off takes one' })
  const value = { off: true }
  const [mistake] = mistakesOf(Change.safeParse(value).error?.issues ?? [], value)
  expect(mistake).toEqual({ path: ['reason'], text: 'is missing: off takes one' })
})

const Given = z.object({
  by: z
    .string()
    .regex(/^[a-z]+$/, 'should be letters alone')
    .optional(),
  id: z.uuid().optional(),
  at: z.union([z.literal('all'), z.strictObject({ day: z.iso.date() })]).optional(),
})
test.each([
  [{ by: '7' }, 'should be letters alone'],
  [{ id: '7' }, 'should be an id, as 3f2504e0-4f89-41d3-9a0c-0305e82c3301'],
  [{ at: { day: 'today' } }, 'should be a day, as 2026-11-27'],
  [{ at: {} }, 'cannot be so: day is missing'],
])('%j is told in words, without a pattern and without the value', (value, text) => {
  expect(mistakesOf(Given.safeParse(value).error?.issues ?? [], value).map((one) => one.text)).toEqual([text])
})
