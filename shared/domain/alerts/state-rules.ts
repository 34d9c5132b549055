import { formatFilterWord } from '../filter.ts'
import type { AlertCondition, AlertFacts } from './alert-facts.ts'
import type { AlertRuleDefinition } from './alert-rules.ts'
import { defaults, hostsPath } from './rule-defaults.ts'

type Cause = AlertFacts['causes'][number]

/** Of vendors' systems: NAME-withdrawn|PATCH (server/bff/ingest/provider-causes.ts). */
const WITHDRAWN = /^[^|]{1,64}-withdrawn\|/

/** Of thousands of hosts, each two seconds: what is the same for all of one cause is made once. */
const ofCauses = (facts: AlertFacts, isMeant: (cause: Cause) => boolean): AlertCondition[] => {
  const paths = new Map<string, string>()
  const pathOf = (key: string): string => {
    const known = paths.get(key)
    if (known !== undefined) return known
    const path = hostsPath(formatFilterWord('cause', key))
    paths.set(key, path)
    return path
  }
  const found: AlertCondition[] = []
  for (const cause of facts.causes) {
    if (!isMeant(cause)) continue
    const { hostId, key, title, explanation: detail, since } = cause
    found.push({ hostId, cause: key, title, detail, since, path: pathOf(key) })
  }
  return found
}

/**
 * A host has one state, and all that it needs stands under it: a vendor's system that gets no more patches is no forced transition,
 * on a host that has one too. What brings the host into the state is told by its key.
 */
const KEYS = {
  stalled: /^stalled(\||$)/,
  forced: /^forced(\||$)/,
  failed: /^(failed|[^|]{1,64}-failed)(\||$)/,
  drifted: /^(?![^|]{1,64}-(failed|withdrawn|behind|ended|trouble)(\||$))/,
} as const

const inState = (state: keyof typeof KEYS) => (facts: AlertFacts) =>
  ofCauses(facts, (cause) => cause.state === state && KEYS[state].test(cause.key))

const none = { thresholdUnit: null } as const

/** What hosts are in, by the causes that were derived when they told. */
export const STATE_RULES = {
  'transition-stalled': {
    title: 'Transition stalled',
    about: 'Tasks hold a transition back, and it does not go on.',
    ...none,
    defaults: defaults('page', 600),
    find: inState('stalled'),
  },
  'patch-failed': {
    title: 'Patch failed',
    about: 'The kernel or a vendor’s tool refused a patch.',
    ...none,
    defaults: defaults('page', 60),
    find: inState('failed'),
  },
  'patch-forced': {
    title: 'Patch forced',
    about: 'A transition was forced: tasks may run old and new code together until the next boot.',
    ...none,
    defaults: defaults('ticket', 0),
    find: inState('forced'),
  },
  'patch-drifted': {
    title: 'Patch drifted',
    about: 'What is in a kernel is not what was put there, or two accounts of it differ.',
    ...none,
    defaults: defaults('ticket', 300),
    find: inState('drifted'),
  },
  'patch-withdrawn': {
    title: 'Patch withdrawn by its vendor',
    about: 'A vendor took a patch back that is still in kernels.',
    ...none,
    defaults: defaults('page', 60),
    find: (facts) => ofCauses(facts, ({ key }) => WITHDRAWN.test(key)),
  },
  'host-silent-in-transition': {
    title: 'Host silent in a transition',
    about: 'Nothing is heard of a host whose last word was of a transition under way.',
    ...none,
    defaults: defaults('page', 120),
    find: ({ silent }) =>
      silent.map(({ hostId, patch, since }) => ({
        ...{ hostId, since, cause: patch, title: `Silent while ${patch} was in transition` },
        detail: 'The transition may go on, or have brought the host down: nobody knows until it is heard again.',
        path: hostsPath(`${formatFilterWord('patch', patch)} state:offline,stale`),
      })),
  },
} as const satisfies Record<string, AlertRuleDefinition>
