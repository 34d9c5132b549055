// Goal: what may be asked of a host, and the reason where it may not. Method: a table of hosts, each different in one way
// from one on which everything that makes sense is possible.
import { describe, expect, test } from 'vitest'
import { type ActionFacts, actionOn, possibleActions } from './possible-actions.ts'
import type { CommandAction } from './words.ts'

const host = (change: Partial<ActionFacts> = {}): ActionFacts => ({
  hostClass: 'lab',
  policy: {
    hostClass: 'lab',
    reason: null,
    approvers: [],
    threshold: 1,
    hours: null,
    neverForce: false,
    stopped: false,
  },
  protocol: 2,
  origin: 'agent',
  connected: true,
  quarantined: false,
  frozen: false,
  clockSkewMs: 0,
  forcedThisBoot: false,
  hasLivepatch: true,
  stack: [
    { name: 'lp_fix', state: 'applied', stalled: false, pinned: false },
    { name: 'lp_old', state: 'disabled', stalled: false, pinned: false },
  ],
  transition: null,
  transitionIsOld: false,
  providers: ['livepatch', 'kernelcare'],
  ...change,
})
const policy = (change: Partial<NonNullable<ActionFacts['policy']>>): Partial<ActionFacts> => {
  const { policy: given } = host()
  return given === null ? {} : { policy: { ...given, ...change } }
}
const stalled = { transition: { patch: 'lp_fix', target: 'patching', blockingTotal: 2 } } as const
const ACTS = {
  load: null,
  enable: 'lp_old',
  disable: 'lp_fix',
  reverse: 'lp_fix',
  retry: 'lp_fix',
  signal: 'lp_fix',
  force: 'lp_fix',
  update: null,
  refresh: null,
} as const
const on = (facts: ActionFacts, action: CommandAction, downgrade = false, target: 'unpatching' | null = null) =>
  actionOn(facts, 'operator', {
    ...{ action, target },
    patch: ACTS[action],
    provider: action === 'update' ? 'kernelcare' : null,
    downgrade,
  })
const possible = (facts: ActionFacts) =>
  Object.keys(ACTS).filter((action) => on(facts, action as CommandAction).refusal === null)

describe('what is possible', () => {
  test.each<[string, ActionFacts, string[]]>([
    ['at rest', host(), ['load', 'enable', 'disable', 'update', 'refresh']],
    ['in a stalled transition', host(stalled), ['reverse', 'retry', 'signal', 'force', 'update', 'refresh']],
    [
      'in one that runs',
      host({ transition: { patch: 'lp_fix', target: 'patching', blockingTotal: 0 } }),
      ['reverse', 'update', 'refresh'],
    ],
    [
      'in that of another patch',
      host({ transition: { patch: 'lp_new', target: 'patching', blockingTotal: 2 } }),
      ['update', 'refresh'],
    ],
    [
      'T26 stalled, as was said before the link',
      host({ ...stalled, transitionIsOld: true }),
      ['reverse', 'update', 'refresh'],
    ],
    ['T26 after a force, at rest', host({ forcedThisBoot: true }), ['refresh']],
    ['T26 after a force, stalled', host({ ...stalled, forcedThisBoot: true }), ['signal', 'refresh']],
    [
      'T26 never to be forced',
      host({ ...stalled, ...policy({ neverForce: true }) }),
      ['reverse', 'retry', 'signal', 'update', 'refresh'],
    ],
    ['T18 in quarantine', host({ quarantined: true }), []],
    ['T27 of class observe', host({ hostClass: 'observe' }), []],
    ['T21 of an agent of protocol 1', host({ protocol: 1, policy: null }), []],
    [
      'T27 where agent.json bars all but two',
      host({ ...stalled, ...policy({ actions: ['load', 'reverse'] }) }),
      ['reverse'],
    ],
    ['T27 of an agent that has not told its policy', host({ policy: null }), []],
    ['T28 stopped by its own file', host(policy({ stopped: true })), []],
    ['a recording', host({ origin: 'recorded' }), []],
    ['without livepatch', host({ hasLivepatch: false }), ['update', 'refresh']],
    ['T28 frozen: asked for, it waits', host({ frozen: true }), ['load', 'enable', 'disable', 'update', 'refresh']],
    ['away: asked for, it waits', host({ connected: false }), ['load', 'enable', 'disable', 'update', 'refresh']],
  ])('%s', (_name, facts, expected) => {
    expect(possible(facts)).toEqual(expected)
  })

  test('a refusal and what it would wait for are sentences', () => {
    for (const facts of [
      host(),
      host(stalled),
      host({ ...stalled, transitionIsOld: true }),
      host({ quarantined: true }),
      host({ forcedThisBoot: true }),
      host({ frozen: true }),
    ]) {
      for (const { refusal, waitsFor } of possibleActions(facts, 'operator')) {
        for (const sentence of [refusal, waitsFor]) if (sentence !== null) expect(sentence).toMatch(/^(lp_|[A-Z]).*\.$/)
      }
    }
    expect(on(host({ frozen: true }), 'load').waitsFor).toBe('All changes are frozen.')
    expect(on(host({ clockSkewMs: -6 * 60_000 }), 'load').waitsFor).toMatch(/five minutes/)
  })

  test('T21 T27 why not: too old an agent, and what agent.json bars', () => {
    expect(on(host({ protocol: 1, policy: null }), 'load').refusal).toMatch(/read-only: its agent is too old/)
    const barred = host(policy({ actions: ['load', 'refresh'] }))
    expect(on(barred, 'disable').refusal).toBe("The host's agent.json allows load, refresh; not disable.")
    expect(on(host(policy({ actions: [] })), 'refresh').refusal).toMatch(/allows no action; not refresh/)
  })

  test('T26 a transition that goes the other way than was seen is another', () => {
    expect(on(host(stalled), 'reverse')).toMatchObject({ target: 'patching', refusal: null })
    expect(on(host(stalled), 'force', false, 'unpatching').refusal).toBe('lp_fix is patching, and not unpatching.')
    expect(on(host(), 'load').target).toBeNull()
  })

  test('a pinned module, and a name that is not there', () => {
    const pinned = host({ stack: [{ name: 'lp_old', state: 'disabled', stalled: false, pinned: true }] })
    expect(on(pinned, 'enable').refusal).toMatch(/restart/)
    expect(on(host({ stack: [] }), 'disable').refusal).toMatch(/no such livepatch/)
  })

  test('a viewer may ask for nothing', () => {
    expect(possibleActions(host(), 'viewer').every(({ refusal }) => refusal !== null)).toBe(true)
  })

  test('a tool without a documented command is not updated', () => {
    const [update] = possibleActions(host({ providers: ['kgraft'] }), 'operator').filter(
      ({ action }) => action === 'update',
    )
    expect(update?.refusal).toMatch(/documented/)
  })

  test('T27 a package is installed only where agent.json says packageUpdates', () => {
    const updateOn = (parts: Parameters<typeof host>[0]) =>
      possibleActions(host({ providers: ['klp'], ...parts }), 'operator').find(({ action }) => action === 'update')
    expect(updateOn({})).toMatchObject({ provider: 'klp', refusal: expect.stringMatching(/packageUpdates/) })
    const { policy } = host()
    const allowed = policy === null ? null : { ...policy, packageUpdates: true }
    expect(updateOn({ policy: allowed })).toMatchObject({ provider: 'klp', refusal: null })
  })
})

describe('T25 how many must approve, and what asks for a fresh proof', () => {
  const production = host({ hostClass: 'production', ...stalled, ...policy({ hostClass: 'production' }) })
  test.each<[CommandAction, number, boolean]>([
    ['load', 1, false],
    ['enable', 1, false],
    ['update', 1, false],
    ['signal', 1, false],
    ['retry', 1, false],
    ['disable', 2, true],
    ['reverse', 2, true],
    ['force', 2, true],
  ])('%s: %i', (action, approvals, dangerous) => {
    expect(on(production, action)).toMatchObject({ approvals, dangerous })
    expect(on(host(), action)).toMatchObject({ approvals: 0, dangerous })
  })
  test('a downgrade takes two, and a host may ask for more', () => {
    expect(on(production, 'load', true)).toMatchObject({ approvals: 2, dangerous: true })
    const strict = host({ hostClass: 'production', ...policy({ hostClass: 'production', threshold: 3 }) })
    expect([on(strict, 'load').approvals, on(strict, 'force').approvals]).toEqual([3, 3])
  })
})

test('T25 what nobody could ever approve is not asked for: the host names too few approvers', () => {
  const named = (count: number) =>
    host({
      hostClass: 'production',
      ...policy({ approvers: Array.from({ length: count }, (_, at) => ({ name: `a${at}`, publicKey: `${at}` })) }),
    })
  expect(on(named(1), 'load').refusal).toBeNull()
  expect(on(named(1), 'load', true).refusal).toMatch(/takes 2 approvers, .* names 1 approver: its root adds/)
  expect(on(named(1), 'disable').refusal).toMatch(/takes 2 approvers/)
  expect(on(named(0), 'load').refusal).toMatch(/takes 1 approver, .* names none/)
  expect(on(named(2), 'disable').refusal).toBeNull()
})
