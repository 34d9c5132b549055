// Goal: what is advised agrees with what can be asked for. Method: one task for each kind of sleep.
import { expect, test } from 'vitest'
import { blockingAdvice } from './blocking-advice.ts'

const FACTS = { pid: 7, comm: 'relay', unit: 'relay.service', container: null } as Parameters<typeof blockingAdvice>[0]
const TRANSITION = { patch: 'lp_fix', target: 'patching', signalledAt: null, forcedAt: null, blockingTotal: 1 }
const signalFor = (reason: Parameters<typeof blockingAdvice>[1], signalledAt: string | null = null) =>
  blockingAdvice(FACTS, reason, { ...TRANSITION, signalledAt } as Parameters<typeof blockingAdvice>[2]).find(
    ({ action }) => action === 'signal',
  )

test('an interruptible sleeper can be signalled at once, though the kernel does it by itself', () => {
  expect(signalFor('interruptible_sleep')).toMatchObject({ possible: true, recommended: false })
  expect(signalFor('interruptible_sleep')?.text).toMatch(/does as much by itself/)
  expect(signalFor('interruptible_sleep', '2026-01-01T00:00:00.000Z')?.text).toMatch(/has done as much already/)
})

test.each(['killable_sleep', 'uninterruptible_sleep', 'kernel_thread'] as const)(
  'a signal cannot help a %s',
  (reason) => {
    expect(signalFor(reason)).toMatchObject({ possible: false })
  },
)
