// Goal: shadow variables are found, made once and freed as the kernel's documentation says. Method: the steps of its own
// selftest, test_klp_shadow_vars.
import { expect, test } from 'vitest'
import { ShadowVariables } from './shadow-variables.ts'

const [first, second] = [{}, {}]
const set = (data: unknown) => (variable: { data: unknown }) => {
  variable.data = data
  return true
}

test('pairs of object and id stand alone, are constructed once, and freed one by one or by id', () => {
  const shadow = new ShadowVariables()
  expect(shadow.get(first, 1)).toBeUndefined()
  expect(shadow.allocate(first, 1, set('a'))).toEqual({ data: 'a' })
  expect(shadow.allocate(first, 2, set('b'))).toEqual({ data: 'b' })
  expect(shadow.allocate(second, 1, set('c'))).toEqual({ data: 'c' })
  expect(shadow.allocate(first, 1, set('again'))).toBeUndefined()
  expect(shadow.getOrAllocate(first, 1, set('again'))).toEqual({ data: 'a' })
  expect(shadow.getOrAllocate(second, 2, set('d'))).toEqual({ data: 'd' })

  const destroyed: unknown[] = []
  shadow.free(first, 1, (_, { data }) => destroyed.push(data))
  expect([destroyed, shadow.get(first, 1), shadow.get(second, 1)]).toEqual([['a'], undefined, { data: 'c' }])
  shadow.freeAll(2, (_, { data }) => destroyed.push(data))
  expect(destroyed).toEqual(['a', 'b', 'd'])
  expect([shadow.get(first, 2), shadow.get(second, 2), shadow.get(second, 1)]).toEqual([
    undefined,
    undefined,
    { data: 'c' },
  ])
})

test('a constructor that refuses leaves nothing', () => {
  const shadow = new ShadowVariables()
  expect(shadow.getOrAllocate(first, 1, () => false)).toBeUndefined()
  expect(shadow.get(first, 1)).toBeUndefined()
})
