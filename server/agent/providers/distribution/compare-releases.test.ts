// Goal: the newest kernel is told by version, not by text. Method: pairs of releases as distributions published them.
import { describe, expect, test } from 'vitest'
import { compareVersions, kernelKind, newestOfKind } from './compare-releases.ts'

const OLDER_THEN_NEWER: readonly (readonly [string, string])[] = [
  ['5.14.0-427.el9.x86_64', '5.14.0-427.13.1.el9_4.x86_64'],
  ['5.14.0-427.13.1.el9_4.x86_64', '5.14.0-427.20.1.el9_4.x86_64'],
  ['5.14.0-427.42.1.el9_4.x86_64', '5.14.0-503.11.1.el9_5.x86_64'],
  ['3.10.0-957.el7.x86_64', '3.10.0-1062.1.1.el7.x86_64'],
  ['5.15.0-9.96.3.el8uek.x86_64', '5.15.0-200.131.27.el8uek.x86_64'],
  ['6.1.57-29.131.amzn2023.x86_64', '6.1.134-150.224.amzn2023.x86_64'],
  ['4.14.173-137.229.amzn2.x86_64', '5.10.102-99.473.amzn2.x86_64'],
  ['5.3.18-24.34-default', '5.3.18-150300.59.76-default'],
  ['6.4.0-150600.23.7-default', '6.4.0-150600.23.25-default'],
  ['3.12.51-60.25-default', '3.12.62-60.64.8-default'],
  ['6.8.0-45-generic', '6.8.0-106-generic'],
  ['5.15.0-122-generic', '6.8.0-45-generic'],
  ['6.8.0-1009-aws', '6.8.0-1015-aws'],
  ['6.1.0-9-amd64', '6.1.0-25-amd64'],
  ['6.1.0-0.deb11.7-amd64', '6.1.0-25-amd64'],
  ['6.12.9+deb13-amd64', '6.12.38+deb13-amd64'],
  ['6.12.38+deb13-amd64', '6.12.38+deb13+1-amd64'],
  ['6.12.0-rc3', '6.12.0-rc12'],
  ['6.12.0-rc12', '6.12.0'],
  ['6.12.0-rc7-amd64', '6.12.0-amd64'],
  ['6.12', '6.12.1'],
  ['6.11.5-300.fc41.x86_64', '6.11.10-300.fc41.x86_64'],
  ['6.11.5-arch1-1', '6.11.5-arch1-2'],
  ['6.8.4-2-pve', '6.8.12-4-pve'],
  ['1.0~rc1', '1.0'],
  ['9', '10'],
  ['99999999999999999999999999999998', '99999999999999999999999999999999'],
]

describe('order of releases', () => {
  test.each(OLDER_THEN_NEWER)('%s is older than %s', (older, newer) => {
    expect(compareVersions(older, newer)).toBeLessThan(0)
    expect(compareVersions(newer, older)).toBeGreaterThan(0)
    expect(compareVersions(newer, newer)).toBe(0)
  })

  test('leading zeros do not count', () => expect(compareVersions('6.01', '6.1')).toBe(0))
})

describe('kinds of kernels', () => {
  test.each([
    ['5.14.0-427.13.1.el9_4.x86_64', 'el x86_64'],
    ['5.14.0-503.11.1.el9_5.x86_64', 'el x86_64'],
    ['5.14.0-427.13.1.el9_4.x86_64+rt', 'el x86_64+rt'],
    ['5.14.0-427.13.1.el9_4.aarch64+64k', 'el aarch64+64k'],
    ['5.15.0-200.131.27.el8uek.x86_64', 'eluek x86_64'],
    ['6.1.134-150.224.amzn2023.aarch64', 'amzn aarch64'],
    ['6.4.0-150600.23.25-default', 'default'],
    ['6.8.0-45-generic', 'generic'],
    ['6.8.0-45-generic-64k', 'generic-64k'],
    ['6.1.0-25-cloud-amd64', 'cloud-amd64'],
    ['6.12.38+deb13+1-amd64', 'amd64'],
    ['6.12.0-rc3', ''],
    ['6.11.5-arch1-1', ''],
    ['7.3.4', ''],
    ['7.3.4-rebootless', 'rebootless'],
  ])('%s is of kind "%s"', (release, kind) => expect(kernelKind(release)).toBe(kind))

  test('the newest is looked for among the running kernel’s own kind', () => {
    const releases = ['6.8.0-45-generic', '6.8.0-106-generic', '6.8.0-1015-aws', '6.11.0-9-lowlatency']
    expect(newestOfKind('6.8.0-45-generic', releases)).toBe('6.8.0-106-generic')
    expect(newestOfKind('6.8.0-45-generic', ['6.8.0-1015-aws'])).toBeNull()
    expect(newestOfKind('6.8.0-45-generic', [])).toBeNull()
  })
})
