// Goal: text from a host can neither hide, nor move, nor run. Method: hostile strings, drawn and read back.
import { render } from '@testing-library/react'
import { expect, test } from 'vitest'
import { HostText, visibleText } from './host-text.tsx'

test.each([
  ['bidi override', 'evil\u202egnp.exe', 'evil\\u202egnp.exe'],
  ['bidi isolate', 'a\u2066b\u2069', 'a\\u2066b\\u2069'],
  ['escape sequence', '\u001b[31mred', '\\x1b[31mred'],
  ['zero width', 'zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
  ['line feed', 'two\nlines', 'two\\x0alines'],
  ['separators', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['C1 control', 'a\u009bb', 'a\\x9bb'],
  ['tag character', 'a\u{e0041}', 'a\\u{e0041}'],
  ['lone surrogate', 'a\ud800b', 'a\\ud800b'],
  ['Hangul filler', 'a\u3164b', 'a\\u3164b'],
])('T04 %s is a visible escape', (_, given, shown) => {
  expect(visibleText(given)).toBe(shown)
  const { container } = render(<HostText value={given} />)
  expect(container.textContent).toBe(shown)
})

test('T04 a tower of marks keeps two and shows the rest', () => {
  expect(visibleText('z\u0301\u0302\u0303\u0304')).toBe('z\u0301\u0302\\u0303\\u0304')
})

test('T04 markup stays text', () => {
  const { container } = render(<HostText value={'<img src=x onerror=alert(1)>'} />)
  expect(container.querySelector('img')).toBeNull()
  expect(container.textContent).toBe('<img src=x onerror=alert(1)>')
})

test('T04 length is cut, and a file keeps its lines but not its escapes', () => {
  expect(visibleText('a'.repeat(900), 10)).toBe(`${'a'.repeat(9)}…`)
  const { container } = render(<HostText value={'one\n\ttwo\u001b'} lines />)
  expect(container.textContent).toBe('one\n\ttwo\\x1b')
})

test('ordinary text of any script is left alone', () => {
  for (const text of ['db-07.fra1', 'müller', 'сервер', '数据库', 'שרת', 'émoji 🐧'])
    expect(visibleText(text)).toBe(text)
})
