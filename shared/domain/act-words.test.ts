// Goal: a request is named as the act and its hosts are elsewhere. Method: a table of requests.
import { expect, test } from 'vitest'
import { requestTitle } from './act-words.ts'

const load = { action: 'load', patch: 'lp_fix', provider: null, hostCount: 1, hostName: 'web-1' } as const

test.each([
  [{}, 'Load lp_fix on web-1'],
  [{ action: 'force' }, 'Force the transition of lp_fix on web-1'],
  [{ action: 'update', patch: null, provider: 'ksplice' }, 'Update by Ksplice on web-1'],
  [{ action: 'refresh', patch: null }, 'Read web-1 anew'],
  [{ hostCount: 1000, hostName: null }, 'Load lp_fix on 1,000 hosts'],
  [{ hostName: null }, 'Load lp_fix on a host that was removed'],
] as const)('%o is %s', (fields, title) => {
  expect(requestTitle({ ...load, ...fields })).toBe(title)
})
