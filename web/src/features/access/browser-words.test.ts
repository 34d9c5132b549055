// Goal: people recognise their own browsers, and no client's name does harm. Method: what real ones send, and hostile text.
import { expect, test } from 'vitest'
import { browserOf } from './browser-words.ts'

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox 128 on Linux'],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
    'Chrome 141 on Linux',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
    'Edge 141 on Windows',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
    'Safari 17 on macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1',
    'Safari 17 on iOS',
  ],
  ['curl/8.5.0', 'curl 8'],
  [null, 'Unnamed client'],
  ['my script', 'my script'],
])('%s is %s', (userAgent, name) => {
  expect(browserOf(userAgent).name).toBe(name)
})

test('T04 what a client calls itself is cut, and its title shows what hides', () => {
  const hostile = `\u202egpj.exe\u001b[31m${'x'.repeat(5000)}`
  const { name, title } = browserOf(hostile)
  expect(name.length).toBeLessThanOrEqual(80)
  expect(title).toMatch(/^\\u202egpj\.exe\\x1b\[31m/)
  expect(title.length).toBeLessThan(400)
})

test('a phone is seen as one', () => {
  expect(browserOf('Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0').phone).toBe(true)
})
