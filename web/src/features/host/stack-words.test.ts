// Goal: header and tab count the same patches. Method: stacks with patches in and out.
import type { PatchStatus } from '@rebootless/shared/contract/host.ts'
import { expect, test } from 'vitest'
import { inStack, stackWords } from './stack-words.ts'

const patch = (order: number | null) => ({ order }) as PatchStatus

test.each([
  [[], 'no patch in the stack'],
  [[patch(1)], '1 patch in the stack'],
  [[patch(1), patch(2), patch(null)], '2 patches in the stack, 1 out'],
  [[patch(null)], 'no patch in the stack, 1 out'],
])('%j is said as "%s"', (stack, words) => {
  expect(stackWords(stack)).toBe(words)
  expect(inStack(stack).every(({ order }) => order !== null)).toBe(true)
})
