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
