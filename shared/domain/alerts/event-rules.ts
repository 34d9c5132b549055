import { formatFilterWord } from '../filter.ts'
import type { AlertCondition, AlertFacts } from './alert-facts.ts'
import type { AlertRuleDefinition, RuleContext } from './alert-rules.ts'
import { defaults, hostsPath, isRecent } from './rule-defaults.ts'

const HOUR_MS = 3_600_000
/** What ends a kernel's trust in itself; the others are complaints. */
const GRAVE: ReadonlySet<string> = new Set(['oops', 'bug', 'lockup', 'sanitizer report'])

const incidents =
  (isMeant: (kind: string) => boolean) =>
  (facts: AlertFacts, { settings, now }: RuleContext): AlertCondition[] =>
    facts.incidents
      .filter(({ kind, at }) => isMeant(kind) && isRecent(at, now))
      // A trace with a livepatch in it needs no nearness in time.
      .filter(
        ({ patch, afterMs }) => patch !== null || (afterMs !== null && afterMs <= (settings.threshold ?? 0) * HOUR_MS),
      )
      .map(({ hostId, kind, function: place, patch, text, at }) => ({
        ...{ hostId, since: at, cause: [kind, place ?? '', patch ?? ''].join('|') },
        title: `${kind}${place === null ? '' : ` in ${place}`}${patch === null ? ' after a livepatch' : ` with ${patch} in the trace`}`,
        detail: text,
        path: patch === null ? '/hosts' : hostsPath(formatFilterWord('patch', patch)),
      }))

const hours = { thresholdUnit: 'hours after a patch was enabled' } as const
const none = { thresholdUnit: null } as const

/** What happened: it counts for a day. */
export const EVENT_RULES = {
  'transition-reversed': {
    title: 'Transition reversed',
    about: 'A transition was turned round before it was complete.',
    ...none,
    defaults: defaults('ticket', 0),
    find: ({ reversals }, { now }) =>
      reversals
        .filter(({ at }) => isRecent(at, now))
        .map(({ hostId, patch, at }) => ({
          ...{ hostId, since: at, cause: patch, title: `The transition of ${patch} was reversed` },
          detail: 'Somebody or something wrote to its file enabled while tasks had yet to follow.',
          path: hostsPath(formatFilterWord('patch', patch)),
        })),
  },
  'kernel-oops': {
    title: 'Oops after a patch',
    about: 'A kernel’s log tells of an oops, a bug or a lockup after a patch was enabled, or with one in its trace.',
    ...hours,
    defaults: defaults('page', 0, { threshold: 72 }),
    find: incidents((kind) => GRAVE.has(kind)),
  },
  'kernel-warning': {
    title: 'Warning after a patch',
    about:
      'A kernel’s log tells of a warning, or of tasks that hang, after a patch was enabled, or with one in its trace.',
    ...hours,
    defaults: defaults('ticket', 0, { threshold: 24 }),
    find: incidents((kind) => !GRAVE.has(kind)),
  },
  'taint-changed': {
    title: 'Taint changed',
    about: 'A running kernel got a taint that it did not have before.',
    ...none,
    defaults: defaults('info', 0),
    find: ({ taints }, { now }) =>
      taints
        .filter(({ at }) => isRecent(at, now))
        .map(({ hostId, added, at }) => ({
          ...{ hostId, since: at, cause: added, title: `Kernels got the taint ${added}` },
          detail: 'A taint stays until the next boot: Documentation/admin-guide/tainted-kernels.rst.',
          path: '/hosts',
        })),
  },
  'rollout-needs-someone': {
    title: 'Rollout stopped by itself',
    about: 'A rollout paused or went back by itself, or could not undo all.',
    ...none,
    defaults: defaults('page', 0),
    find: ({ rollouts }) =>
      rollouts.flatMap(({ id, name, kind, sentence, hosts, since }) =>
        (hosts.length === 0 ? [null] : hosts).map((hostId) => ({
          ...{ hostId, since, cause: `${id}|${kind}`, title: `${name}: ${kind}`, detail: sentence },
          path: `/rollouts/${id}`,
        })),
      ),
  },
  'command-failed': {
    title: 'Command failed',
    about: 'A host refused a command, failed at it, or does not know what became of it.',
    ...none,
    defaults: defaults('ticket', 0),
    find: ({ commands }, { now }) =>
      commands
        .filter(({ endedAt }) => isRecent(endedAt, now))
        .map(({ hostId, action, patch, state, code, detail, endedAt }) => {
          const what = patch === null ? action : `${action} ${patch}`
          const became = state === 'unknown' ? 'what became of it is unknown' : state
          return {
            ...{ hostId, since: endedAt, cause: [action, patch ?? '', state, code ?? ''].join('|') },
            title: `${what}: ${became}${code === null ? '' : ` (${code})`}`,
            detail: detail ?? 'The host said no more.',
            path: '/approvals',
          }
        }),
  },
} as const satisfies Record<string, AlertRuleDefinition>
