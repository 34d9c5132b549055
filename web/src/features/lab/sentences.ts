import { plural } from '../../ui/duration.ts'
import { visibleText } from '../../ui/host-text.tsx'
import { systemName } from './lab-words.ts'
import type { RunFacts } from './run-facts.ts'
import { timeWord } from './time-words.ts'

export type Outcome = 'done' | 'gave_up' | 'open'

export const outcomeOf = ({ run, gaveUp }: RunFacts): Outcome =>
  run.completedUs !== null ? 'done' : gaveUp !== null || run.status === 'gave_up' ? 'gave_up' : 'open'

/** How it ended, in a few words: `Done at 22.4 s`. */
export const outcomeWords = (facts: RunFacts): string => {
  const { run, gaveUp } = facts
  if (run.completedUs !== null) return `Done at ${timeWord(run.completedUs)}`
  if (outcomeOf(facts) === 'gave_up') return `Gave up at ${timeWord(gaveUp?.atUs ?? run.endUs)}`
  return `Not done after ${timeWord(run.endUs)}`
}

/** How often and for how long nothing ran. */
export const stopWords = ({ run: { stops }, longestStopUs }: RunFacts): string => {
  if (stops.length === 0) return 'No stop'
  if (stops.length === 1) return `Stopped once, ${timeWord(longestStopUs)}`
  return `Stopped ${stops.length} times, longest ${timeWord(longestStopUs)}`
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth']

/** What came of it, in one plain sentence. */
export const resultSentence = (facts: RunFacts): string => {
  const { run, longestStopUs, gaveUp } = facts
  const { attempts, never, mixed, stops, completedUs, system } = run
  const mixing =
    mixed.length > 0 ? ` ${plural(mixed.length, 'call')} went from old code into new or back on the way.` : ''
  if (outcomeOf(facts) === 'gave_up') {
    const stopped =
      stops.length === 0 ? '' : ` after stopping the machine ${stops.length === 1 ? 'once' : `${stops.length} times`}`
    const said = gaveUp === null ? '' : ` It says: ${asSentence(gaveUp.why)}`
    return `It gave up${stopped}; old code runs on everywhere.${said}${mixing}`
  }
  if (completedUs === null) {
    const [first] = never
    if (first === undefined)
      return `Every task has gone over, but it has not looked again within ${timeWord(run.endUs)}.${mixing}`
    const others = never.length > 1 ? ` and ${plural(never.length - 1, 'other')}` : ''
    return `${visibleText(first.comm, 24)} (${first.tid})${others} never went over.${mixing}`
  }
  if (system === 'livepatch_immediate')
    return `Every call reaches new code at once, whoever is in the middle of old code.${mixing}`
  if (stops.length === 0)
    return `Every task went over by itself within ${timeWord(completedUs)}; nothing stopped.${mixing}`
  const which = attempts > 1 ? `the ${ORDINALS[attempts - 1] ?? `${attempts}th`} try` : 'the first try'
  return `All went over together in ${which}, while nothing ran for up to ${timeWord(longestStopUs)}.${mixing}`
}

const asSentence = (text: string): string => {
  const shown = visibleText(text, 200)
  if (shown === '') return ''
  return `${shown.charAt(0).toUpperCase()}${shown.slice(1)}${/[.!?]$/.test(shown) ? '' : '.'}`
}

export interface Spoken {
  readonly atUs: number
  readonly text: string
}

/** What a listener is told as the clock passes: `kpatch: stopped 12.4 ms at 3.20 s`. */
export const spokenMoments = ({ run, gaveUp }: RunFacts): readonly Spoken[] => {
  const name = systemName(run.system)
  const stops = run.stops.map(({ fromUs, toUs }) => ({
    atUs: fromUs,
    text: `${name}: stopped ${timeWord(toUs - fromUs)} at ${timeWord(fromUs)}`,
  }))
  const signals = run.events
    .filter(({ kind }) => kind === 'signalled')
    .map(({ atUs }) => ({ atUs, text: `${name}: sends signals at ${timeWord(atUs)}` }))
  const end =
    run.completedUs !== null
      ? [{ atUs: run.completedUs, text: `${name}: done at ${timeWord(run.completedUs)}` }]
      : gaveUp === null
        ? []
        : [{ atUs: gaveUp.atUs, text: `${name}: gave up at ${timeWord(gaveUp.atUs)}` }]
  return [...stops, ...signals, ...end].sort((left, right) => left.atUs - right.atUs)
}
