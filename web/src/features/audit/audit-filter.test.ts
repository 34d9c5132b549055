// Goal: what somebody types is what the log is asked for, and a slip is named. Method: the words, and their asking.
import { describe, expect, test } from 'vitest'
import { parseAuditFilter, withAuditWord } from './audit-filter.ts'

const asked = (text: string) => {
  const parsed = parseAuditFilter(text)
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.asked
}

describe('a filter of the log', () => {
  test('words with a key, and the rest as one text', () => {
    expect(asked('')).toEqual({})
    expect(asked('actor:ann action:user.create result:refused left the team')).toEqual({
      actor: 'ann',
      action: 'user.create',
      result: 'refused',
      search: 'left the team',
    })
    expect(asked('target:"db 1" "a:b" ::1 192.0.2.7')).toEqual({ target: 'db 1', search: 'a:b ::1 192.0.2.7' })
  })
  test('days are those of the viewer, the last one whole', () => {
    const { from = '', to = '' } = asked('from:2026-11-24 to:2026-11-24')
    expect(new Date(from).getHours()).toBe(0)
    expect(Date.parse(to) - Date.parse(from)).toBe(86_400_000)
    expect(asked('from:2026-11-24T10:30Z')).toEqual({ from: '2026-11-24T10:30:00.000Z' })
  })
  test.each([
    ['who:ann', /no who/],
    ['actor:a actor:b', /twice/],
    ['result:good', /done, refused, failed/],
    ['from:yesterday', /a day such as/],
    ['action:User', /subject/],
    ['x'.repeat(200), /128 characters/],
  ])('%s is refused, with what to write', (text, said) => {
    const parsed = parseAuditFilter(text)
    expect(parsed.ok ? '' : parsed.detail).toMatch(said)
  })
  test('a word takes the place of those of its key', () => {
    expect(withAuditWord('', 'result', 'failed')).toBe('result:failed')
    expect(withAuditWord('a result:done actor:"x y"', 'result', 'failed')).toBe('a actor:"x y" result:failed')
    expect(withAuditWord('a result:done', 'result', '')).toBe('a')
    expect(asked(withAuditWord('', 'actor', 'a "b" c'))).toEqual({ actor: 'a  b  c' })
  })
})
