import type { DryRunAssumption } from '@rebootless/shared/contract/dry-run.ts'
import { type DryRunWork, STALL_SECONDS } from '@rebootless/shared/domain/rollouts/dry-run/dry-run-work.ts'
import type { Span } from '../core/random.ts'
import { ASSUMPTIONS } from '../models/assumptions.ts'
import type { System } from '../models/model.ts'
import { DELIVERY, HOLD, REPORT, SIMULATED_AGAINST_FLEET, SIMULATED_AGAINST_OWN, TOOL } from './chances.ts'
import { CPUS, IDLE_BELOW, TASKS_UNKNOWN } from './machine-of.ts'
import { UNKNOWN_FUNCTION } from './simulated-change.ts'

const spanText = (span: Span): string => {
  const text = (us: number) => `${us / 1_000_000} s`
  if (typeof span === 'number') return text(span)
  if ('from' in span) return `${text(span.from)} to ${text(span.to)}`
  return 'mean' in span ? `${text(span.mean)} on average` : `${text(span.median)} in the middle`
}

/** What the dry run of this work takes for true, its own first, then that of each system it simulated. */
export const assumptionsOf = (work: DryRunWork, systems: ReadonlySet<System>): DryRunAssumption[] => {
  const { hosts, deliveries, updates, plan } = work
  const past = hosts.flatMap((host) => host.past)
  const stalls = past.filter(({ seconds }) => seconds >= STALL_SECONDS).length
  const withoutTasks = hosts.filter(({ tasks }) => tasks === null).length
  const isUnread = plan.change.kind !== 'load' || Object.values(work.functions).some((names) => names.length === 0)
  const of = (count: number, what: string) => `${count} ${what} of this fleet`
  return [
    {
      says: 'A host is said to stall when its transition goes on after the kernel would have sent its first signal',
      ...{ value: `${STALL_SECONDS} s`, basis: 'source', source: 'kernel/livepatch/transition.c, SIGNALS_TIMEOUT' },
    },
    past.length > 0
      ? {
          says: 'Transitions take as long as those that kernels’ logs tell of; another patch may be held by other tasks',
          ...{ value: `${past.length} known, ${stalls} of them stalled`, basis: 'measured' },
          source: 'kernels’ logs, as agents sent them',
        }
      : {
          says: 'No transition of these hosts is known: all times are simulated',
          ...{ basis: 'measured', source: 'kernels’ logs, as agents sent them' },
        },
    {
      says: 'What was simulated stands against a host’s own past, and against the fleet’s, as so many transitions would',
      ...{ value: `${SIMULATED_AGAINST_OWN} and ${SIMULATED_AGAINST_FLEET}`, basis: 'assumed', source: 'ours' },
    },
    deliveries.length > 0
      ? {
          says: 'From an order to its beginning on the host',
          ...{ value: of(deliveries.length, 'commands'), basis: 'measured', source: 'the latest commands' },
        }
      : {
          says: 'From an order to its beginning on the host',
          ...{ value: spanText(DELIVERY), basis: 'assumed', source: 'no command of this fleet tells' },
        },
    {
      says: 'From a change to its reading: agents send samples at most once a second',
      ...{ value: spanText(REPORT), basis: 'inferred', source: 'server/agent/watch' },
    },
    stalls > 0
      ? {
          says: 'A stalled transition lasts as long as one that stalled before',
          ...{ value: of(stalls, 'transitions'), basis: 'measured', source: 'kernels’ logs, as agents sent them' },
        }
      : {
          says: 'How long a stalled transition lasts if nobody does anything',
          ...{ value: spanText(HOLD), basis: 'assumed', source: 'no transition of this fleet stalled' },
        },
    ...(isUnread
      ? [
          {
            says: 'Which functions change is not known beforehand: one that tasks seldom call stands for them',
            ...{ value: UNKNOWN_FUNCTION, basis: 'assumed' as const, source: 'ours' },
          },
        ]
      : []),
    {
      says: 'A task that is known to sleep in a changed function now still does when its host’s turn comes',
      ...{ basis: 'assumed', source: 'ours' },
    },
    {
      says: 'Processors of a host: agents do not report them',
      ...{ value: `${CPUS}`, basis: 'assumed', source: 'ours' },
    },
    ...(withoutTasks > 0
      ? [
          {
            says: `Tasks of the ${withoutTasks} hosts of which no transition was seen`,
            ...{ value: `${TASKS_UNKNOWN}`, basis: 'assumed' as const, source: 'ours' },
          },
        ]
      : []),
    {
      says: 'What a host does follows from its label role (web, database, batch …), and one with less load is idle; where neither tells, each is tried in turn',
      value: `a load of ${IDLE_BELOW}`,
      ...{ basis: 'inferred', source: 'labels' },
    },
    ...(plan.change.kind === 'update'
      ? [
          updates.length > 0
            ? {
                says: 'What the vendor’s tool takes',
                ...{ value: of(updates.length, 'updates'), basis: 'measured' as const, source: 'the latest commands' },
              }
            : {
                says: 'What the vendor’s tool takes to fetch and to check',
                ...{ value: spanText(TOOL), basis: 'assumed' as const, source: 'no update of this fleet tells' },
              },
        ]
      : []),
    { says: 'No oops, no warning, no host that dies, nobody who joins', basis: 'assumed', source: 'ours' },
    {
      says: 'Gates that ask elsewhere (Prometheus, HTTP, pressure) are open as soon as they are asked',
      ...{ basis: 'assumed', source: 'they are not read in a dry run' },
    },
    {
      says: 'People act at once: they approve, leave out what stalls and resume, and promote past a gate that stays shut',
      ...{ value: 'their time is not counted', basis: 'assumed', source: 'ours' },
    },
    ...[...systems]
      .sort()
      .flatMap((system) => ASSUMPTIONS[system])
      .map(({ says, value, basis, source, system }) => ({
        says: `${system}: ${says}`,
        ...(value === undefined ? {} : { value }),
        ...{ basis, source },
      })),
  ]
}
