// Goal: whatever stands in an address, a page gets values it knows. Method: one reader of each kind, odd searches.
import { expect, test } from 'vitest'
import { oneOf, searchOf, textUpTo } from './search-words.ts'

const read = searchOf<{ view?: 'map' | 'table'; find?: string }>({ view: oneOf(['map', 'table']), find: textUpTo(5) })

test('known values are kept, and what makes no sense is as if it were not there', () => {
  expect(read({ view: 'table', find: 'lpt' })).toEqual({ view: 'table', find: 'lpt' })
  expect(read({ view: 'tabel', find: 'toolong' })).toEqual({})
  expect(read({ view: ['map'], find: 7, other: 'x' })).toEqual({})
  expect(read({ find: '' })).toEqual({ find: '' })
  expect(read({ view: 'constructor', __proto__: { find: 'up' } })).toEqual({ find: 'up' })
})
