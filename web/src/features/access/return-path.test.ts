// Goal: after sign-in nobody is sent elsewhere. Method: a corpus of addresses that browsers read in surprising ways.
import { expect, test } from 'vitest'
import { returnPath } from './return-path.ts'

test.each([
  '/',
  '/hosts',
  '/hosts?filter=state:stalled&sort=-name',
  '/hosts/00000000-0000-4000-8000-000000000001?tab=transition',
  '/hosts/00000000-0000-4000-8000-000000000001?function=vmlinux,do_open,1#x',
])('T05 a path of ours is kept: %s', (path) => {
  expect(returnPath(path)).toBe(path)
})

test.each([
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/%2f%2fevil.example',
  '/%5cevil.example',
  '/..%2f..%2fetc',
  '/../evil',
  '/hosts//evil',
  'https://evil.example/',
  'javascript:alert(1)',
  'hosts',
  '',
  '/sign-in?return=/sign-in',
  '/ho\tsts',
  '/hosts?x=\n//evil',
  '/hosts?x=\\evil',
  '/\u0000',
  ' /hosts',
  '/@evil.example',
  '/.evil.example',
  null,
  undefined,
  ['/hosts'],
])('T05 anything else is home: %j', (path) => {
  expect(returnPath(path)).toBe('/')
})
