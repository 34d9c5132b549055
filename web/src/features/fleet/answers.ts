import type { FleetSummary } from '@rebootless/shared/contract/fleet.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'
import { count, percent, plural } from '../../ui/duration.ts'

export interface Answer {
  glyph: HostState
  word: string
  value: number
  states: readonly HostState[]
  /** One line of context. */
  context: string
}

const sum = (summary: FleetSummary, states: readonly HostState[]): number =>
  states.reduce((total, state) => total + (summary.byState[state] ?? 0), 0)

/**
 * What an operator asks first, as numbers that open their hosts. The five of the first page always stand there, so that
 * places can be learnt; danger, drift and unsupported kernels only when there are any.
 */
export const answersOf = (summary: FleetSummary): Answer[] => {
  const { total } = summary
  const answer = (glyph: HostState, word: string, states: readonly HostState[], context: (value: number) => string) => {
    const value = sum(summary, states)
    return { glyph, word, states, value, context: context(value) }
  }
  const danger = sum(summary, ['forced', 'failed'])
  const drifted = sum(summary, ['drifted'])
  return [
    ...(danger > 0
      ? [
          answer((summary.byState.forced ?? 0) > 0 ? 'forced' : 'failed', 'In danger', ['forced', 'failed'], () =>
            [
              (summary.byState.forced ?? 0) > 0 ? `${count(summary.byState.forced ?? 0)} forced` : '',
              (summary.byState.failed ?? 0) > 0 ? `${count(summary.byState.failed ?? 0)} failed` : '',
            ]
              .filter(Boolean)
              .join(', '),
          ),
        ]
      : []),
    answer('patched', 'Patched', ['patched'], (value) => `${percent(value / total)} of ${plural(total, 'host')}`),
    answer('patching', 'In transition', ['patching', 'unpatching'], (value) =>
      value === 0 ? 'nothing moves' : 'nobody is in their way',
    ),
    answer('stalled', 'Stalled', ['stalled'], (value) => {
      const causes = summary.needsSomeone.filter((cause) => cause.state === 'stalled').length
      return value === 0 ? 'none waits' : causes > 0 ? plural(causes, 'cause') : 'held by their tasks'
    }),
    answer('exposed', 'Exposed', ['exposed'], (value) => (value === 0 ? 'none' : 'fixes are missing')),
    ...(drifted > 0 ? [answer('drifted', 'Drifted', ['drifted'], () => 'two accounts differ')] : []),
    answer('offline', 'Offline', ['offline', 'stale'], (value) => {
      const stale = sum(summary, ['stale'])
      return value === 0 ? 'all are heard' : stale > 0 ? `${count(stale)} of them stale` : 'not heard from'
    }),
  ]
}
