// Goal: the band names an act before its reason. Method: hosts and transitions as the contract gives them.
import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import type { Advice, BlockingTask } from '@rebootless/shared/contract/transition.ts'
import { describe, expect, test } from 'vitest'
import { nextStep } from './next-step.ts'

const NO_PROVIDER: Pick<HostDetail, 'providers' | 'providerReports' | 'disagreements'> = {
  ...{ providers: [], providerReports: [], disagreements: [] },
}
const host = (state: HostDetail['state']) => ({ state, stateReason: 'Two tasks sleep.', ...NO_PROVIDER }) as HostDetail
const advice = (action: Advice['action'], recommended: boolean, possible = true): Advice => ({
  action,
  recommended,
  possible,
  text: `about ${action}`,
})
const stalledBy = (...tasks: { unit: string | null; advice: Advice[] }[]) =>
  ({
    endedAt: null,
    stalled: true,
    sentence: 'lp_killable is stalled.',
    blocking: tasks.map((task) => ({ comm: 'worker-3', pid: 132, ...task }) as BlockingTask),
  }) as TransitionView

describe('the next step of a stalled host', () => {
  test('is the recommended acts, the unit by name, and then why', () => {
    const transition = stalledBy({
      unit: 'db-writer.service',
      advice: [advice('wait', true), advice('restart_unit', true), advice('kill', false)],
    })
    expect(nextStep(host('stalled'), transition)).toMatchObject({
      lead: 'Wait, or restart db-writer.service.',
      why: 'lp_killable is stalled.',
    })
  })

  test('leaves out what cannot help, and asks the next task then', () => {
    const transition = stalledBy(
      { unit: null, advice: [advice('signal', true, false)] },
      { unit: null, advice: [advice('kill', true)] },
    )
    expect(nextStep(host('stalled'), transition).lead).toBe('Kill worker-3 (132).')
  })

  test('leads to the tasks where nothing is advised', () => {
    expect(nextStep(host('stalled'), null)).toMatchObject({
      lead: 'See which task holds it back.',
      why: 'Two tasks sleep.',
      more: { tab: 'transition' },
    })
  })
})
