// Goal: versions are ordered as the packagers' own tools do. Method: vectors of dpkg (scripts/t/Dpkg_Version.t, Debian Policy 5.6.12)
// and rpm (tests/rpmvercmp.at), and on seeded random versions the laws of a total order.
import { describe, expect, test } from 'vitest'
import { compareDpkgVersions } from './dpkg-version.ts'
import { compareReleases, hasReached, type UpstreamRelease, upstreamRelease } from './kernel-version.ts'
import { compareRpmParts, compareRpmVersions } from './rpm-version.ts'
import { seeded } from './test-seeded.ts'

const SIGN: Readonly<Record<string, number>> = { '<': -1, '=': 0, '>': 1 }
const cases = (text: string): [string, string, string][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' ') as [string, string, string])

const DPKG = `
  1.0-1 < 2.0-2
  2.2~rc-4 < 2.2-1
  1.0000-1 = 1.0-1
  1 = 0:1
  0 = 0:0-0
  2:2.5 > 1:7.5
  1:0foo > 0foo
  0foo-0 = 0foo
  0foo > 0fo
  0foo-0 < 0foo+
  0foo~1 < 0foo
  0foo~foo+Bar < 0foo~foo+bar
  0foo~~ < 0foo~
  1~ < 1
  12345+that-really-is-some-ver-0 < 12345+that-really-is-some-ver-10
  0foo-0 < 0foo-01
  0foo.bar > 0foobar
  0foo.bar > 0foo1bar
  0foo.bar > 0foo0bar
  0foo1bar-1 < 0foobar-1
  0foo2.0 > 0foo2
  0foo2.0.0 < 0foo2.10.0
  0foo2.1 < 0foo2.10
  1.09 = 1.9
  1.0.8+nmu1 > 1.0.8
  3.11 > 3.10+nmu1
  0.9j-20080306-4 > 0.9i-20070324-2
  1.2.0~b7-1 > 1.2.0~b6-1
  1.011-1 > 1.06-2
  2:2.3.2-2+lenny2 > 2:2.3.2-2
  1:3.8.1-1 > 3.8.GA-1
  1.0.1+gpl-1 > 1.0.1-2
  1a < 1000a
  1.0~beta1~svn1245 < 1.0~beta1
  5.15.0-105.115~20.04.1 < 5.15.0-105.115
  6.1.106-3~deb11u1 < 6.1.106-3
`

const RPM = `
  1.0 = 1.0
  1.0 < 2.0
  2.0 < 2.0.1
  2.0.1a > 2.0.1
  5.5p1 < 5.5p2
  5.5p1 < 5.5p10
  10xyz < 10.1xyz
  xyz10 < xyz10.1
  xyz.4 < 8
  xyz.4 < 2
  5.6p1 < 6.5p1
  6.0.rc1 > 6.0
  10b2 > 10a1
  1.0aa > 1.0a
  10.0001 = 10.1
  10.0001 < 10.0039
  4.999.9 < 5.0
  20101121 < 20101122
  2.0 = 2_0
  a+ = a_
  + = _
  1.0~rc1 < 1.0
  1.0~rc1 < 1.0~rc2
  1.0~rc1~git123 < 1.0~rc1
  1.0^ > 1.0
  1.0^git1 > 1.0
  1.0^git1 < 1.0^git2
  1.0^git1 < 1.01
  1.0^20160101 < 1.0.1
  1.0^20160101^git1 > 1.0^20160101
  1.0~rc1^git1 > 1.0~rc1
  1.0^git1~pre < 1.0^git1
  1.0^git1 > 1.0^git1~pre
`

test.each(cases(DPKG))('dpkg: %s %s %s', (left, sign, right) => {
  expect(Math.sign(compareDpkgVersions(left, right))).toBe(SIGN[sign])
  expect(Math.sign(compareDpkgVersions(right, left))).toBe(0 - (SIGN[sign] ?? 0))
})

test.each(cases(RPM))('rpm: %s %s %s', (left, sign, right) => {
  expect(Math.sign(compareRpmParts(left, right))).toBe(SIGN[sign])
  expect(Math.sign(compareRpmParts(right, left))).toBe(0 - (SIGN[sign] ?? 0))
})

test.each([
  ['0:5.14.0-284.18.1.el9_2', '=', '5.14.0-284.18.1.el9_2'],
  ['5.14.0-70.13.1.el9_0', '<', '0:5.14.0-70.101.1.el9_0'],
  ['1:1.0-1', '>', '2.0-1'],
  ['3.10.0-1160.el7', '<', '3.10.0-1160.36.2.el7'],
])('rpm with epoch and release: %s %s %s', (left, sign, right) => {
  expect(Math.sign(compareRpmVersions(left, right))).toBe(SIGN[sign])
})

describe('a total order', () => {
  const laws = (alphabet: readonly string[], compare: (left: string, right: string) => number) => {
    const random = seeded(4711)
    const version = () => Array.from({ length: random.below(7) }, () => random.pick(alphabet)).join('')
    const wrong: string[] = []
    for (let round = 0; round < 20_000; round += 1) {
      const [a, b, c] = [version(), version(), version()]
      const [ab, bc, ac] = [compare(a, b), compare(b, c), compare(a, c)].map(Math.sign) as [number, number, number]
      if (compare(a, a) !== 0 || ab + Math.sign(compare(b, a)) !== 0) wrong.push(`${a} ${b}`)
      if (ab <= 0 && bc <= 0 && (ac > 0 || (ac === 0 && ab + bc !== 0))) wrong.push(`${a} ${b} ${c}`)
    }
    expect(wrong).toEqual([])
  }
  const PARTS = ['0', '1', '9', '10', '01', 'a', 'b', 'rc', 'Z', '.', '+', '~', '^', '_', '-', ':']

  test('dpkg', () =>
    laws(
      PARTS.filter((part) => !/[\^_:]/.test(part)),
      compareDpkgVersions,
    ))
  test('rpm', () =>
    laws(
      PARTS.filter((part) => !/[:]/.test(part)),
      compareRpmVersions,
    ))
  test('upstream', () => {
    const release = (text: string) =>
      upstreamRelease(text.replace(/[^.\d]/g, '')) ?? { numbers: [], branch: '', isMainline: true }
    laws(['0', '1', '6', '.', '.1', '.10'], (left, right) => compareReleases(release(left), release(right)))
  })
})

const release = (text: string): UpstreamRelease => upstreamRelease(text) as UpstreamRelease

test.each([
  ['6.7.0', '6.7', true],
  ['6.6.20', '6.6', false],
  ['6.8', '6.8', true],
  ['2.6.32', '2.6.32', true],
  ['2.6.32.9', '2.6.32', false],
])('%s is of branch %s', (text, branch, isMainline) => {
  expect(release(text)).toMatchObject({ branch, isMainline })
})

test.each([
  ['6.5', '6.6.20', true],
  ['6.6.17', '6.6.20', true],
  ['6.6.21', '6.6.20', false],
  ['6.4.8', '6.6.20', false],
  ['6.7.5', '6.8.1', false],
  ['2.6.30', '2.6.32.9', true],
  ['2.6.31.3', '2.6.32.9', false],
  ['6.7', '6.7.0', true],
])('what came with %s is in %s: %s', (change, text, reached) => {
  expect(hasReached(release(change), release(text))).toBe(reached)
})

test.each(['6', '6.7-rc1', '', '6.6.6.6.6', 'v6.6', '6..6'])('%j is no release', (text) =>
  expect(upstreamRelease(text)).toBeNull(),
)
