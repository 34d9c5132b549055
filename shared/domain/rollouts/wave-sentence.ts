import type { WaveTransition } from '../../contract/rollout-transition.ts'
import { counted } from '../sentence.ts'

/** What the hosts of a wave are at, in a few sentences. */
export const waveSentence = (
  { total, waiting, inTransition, stalled, notHeard, done }: WaveTransition['hosts'],
  tasks: WaveTransition['tasks'],
  target: WaveTransition['target'],
): string => {
  if (total === 0) return 'No host is in it.'
  const rest = [
    done === total
      ? `${total === 1 ? 'The host is' : `All ${total} hosts are`} done.`
      : `${done} of ${counted(total, 'host')} ${done === 1 ? 'is' : 'are'} done.`,
    ...(waiting === 0 ? [] : [`${counted(waiting, 'host')} ${waiting === 1 ? 'is' : 'are'} yet to begin.`]),
  ]
  if (inTransition === 0) return ['No transition runs.', ...rest].join(' ')
  const side = target === 'patching' ? 'old' : 'new'
  const apart = [
    ...(stalled === 0 ? [] : [`${stalled} stalled`]),
    ...(notHeard === 0 ? [] : [`${notHeard} not heard now`]),
  ]
  const running = `${counted(inTransition, 'host')} in transition${apart.length === 0 ? '' : `, ${apart.join(', ')}`}:`
  return [running, `${tasks.left} of ${counted(tasks.total, 'task')} on ${side} code.`, ...rest].join(' ')
}
