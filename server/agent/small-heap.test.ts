// Goal: the agent's memory does not grow by what it made at its start. Method: a Node process that keeps much of what it makes,
// with and without the import; V8's own figure of the young generation.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const WORK = `
  const { getHeapSpaceStatistics } = await import('node:v8')
  const kept = []
  for (let n = 0; n < 400_000; n += 1) kept.push({ n, text: 'x' + n })
  const { space_size } = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  console.log(space_size / 2 ** 20)`

/** MiB of the young generation afterwards. */
const youngAfter = (before: string): number => {
  const words = ['--import', 'tsx', '--input-type=module', '--eval', `${before}\n${WORK}`]
  return Number(execFileSync(process.execPath, words, { encoding: 'utf8' }))
}

test('the young generation stays as small as it began', () => {
  const file = new URL('small-heap.ts', import.meta.url)
  expect(youngAfter('')).toBeGreaterThan(8)
  expect(youngAfter(`await import(${JSON.stringify(file.href)})`)).toBeLessThanOrEqual(4)
})

test('the agent imports it before everything else', () => {
  const [first] = readFileSync(new URL('main.ts', import.meta.url), 'utf8').match(/^import .*$/m) ?? []
  expect(first).toBe("import './small-heap.ts'")
})
