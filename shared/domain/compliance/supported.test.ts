// Goal: a host counts as supported by the rule that was chosen, and never for want of knowledge. Method: cases by hand, both rules.
import { expect, test } from 'vitest'
import type { ExposureRule } from '../exposure/exposure-words.ts'
import { isSupported } from './supported.ts'

const livepatch = { name: 'lp', provider: 'kpatch', version: null, cves: [], catalogueCves: [] }
const open = (status: string, rule: ExposureRule = 'vendor_affected') => [{ status, rule }]

// Kernels on disk, livepatches in effect, what is open; then by `newest_in_effect`, and by `covers_newer_kernel`.
test.each([
  ['nothing else installed', ['6.1.0-10-amd64'], false, [], true, true],
  ['only an older one beside', ['6.1.0-9-amd64', '6.1.0-10-amd64'], false, open('exposed'), true, true],
  ['a newer one waits', ['6.1.0-11-amd64'], false, open('fixed_on_disk'), false, false],
  ['one of a later series waits', ['6.12.0-1-amd64'], false, open('exposed'), false, true],
  ['a newer one waits, and a livepatch covers it', ['6.1.0-11-amd64'], true, [], true, true],
  [
    'a newer one waits, and a livepatch covers part of it',
    ['6.1.0-11-amd64'],
    true,
    open('fixed_on_disk'),
    true,
    false,
  ],
  [
    'a livepatch is there that is not in effect',
    ['6.1.0-11-amd64'],
    true,
    open('exposed', 'livepatch_notice'),
    false,
    true,
  ],
  ['what is installed is not known', null, false, [], null, null],
  ['nor with a livepatch', null, true, [], true, null],
] as const)('%s', (_name, installed, isLivepatched, verdicts, newest, covers) => {
  const facts = {
    release: '6.1.0-10-amd64',
    installedKernels: installed === null ? null : [...installed],
    livepatches: isLivepatched ? [livepatch] : [],
  }
  expect([
    isSupported('newest_in_effect', { facts, open: verdicts }),
    isSupported('covers_newer_kernel', { facts, open: verdicts }),
  ]).toEqual([newest, covers])
})
