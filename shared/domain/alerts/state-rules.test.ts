// Goal: a rule tells of what puts a host into its state, and not of what else the host needs. Method: causes by the keys that the server
// derives, each in every state, and which rules find them.
import { expect, test } from 'vitest'
import type { AlertFacts } from './alert-facts.ts'
import { STATE_RULES } from './state-rules.ts'

const STATES = ['stalled', 'failed', 'forced', 'drifted']

const NOTHING: AlertFacts = {
  ...{ causes: [], reversals: [], incidents: [], taints: [], silent: [], rollouts: [], commands: [], certificates: [] },
  ...{ authorities: [], agents: [], exposures: [], exceptions: [], disks: [], database: null, feeds: [], channels: [] },
  lagMs: 0,
}

/** Each rule that finds a cause of this key, by the state that its host is in. */
const foundBy = (key: string): string[] =>
  STATES.flatMap((state) => {
    const cause = { hostId: 'h', key, state, title: 't', explanation: 'e', since: 0 }
    const facts: AlertFacts = { ...NOTHING, causes: [cause] }
    return Object.entries(STATE_RULES)
      .filter(([, { find }]) => (find as (facts: AlertFacts) => unknown[])(facts).length > 0)
      .map(([rule]) => `${state}: ${rule}`)
  })

test.each([
  ['stalled|kworker*|do_fix', ['stalled: transition-stalled', 'drifted: patch-drifted']],
  ['failed|lp_fix|refused', ['failed: patch-failed', 'drifted: patch-drifted']],
  ['forced|lp_fix', ['forced: patch-forced', 'drifted: patch-drifted']],
  ['kernelcare-failed|K1', ['failed: patch-failed']],
  ['drifted', ['drifted: patch-drifted']],
  ['two-systems|kernelcare|ksplice', ['drifted: patch-drifted']],
  ['kernelcare-access|expired', ['drifted: patch-drifted']],
  ['suse-ended', []],
  ['kernelcare-trouble', []],
  ['canonical-behind', []],
  ['ksplice-withdrawn|CVE-2024-26923', STATES.map((state) => `${state}: patch-withdrawn`)],
])('%s', (key, rules) => {
  expect(foundBy(key)).toEqual(rules)
})
