import { REASON_WORDS } from '@rebootless/shared/domain/reboot-debt/reason-words.ts'
import { REBOOT_WORDS } from '@rebootless/shared/domain/reboot-words.ts'
import { dayWord } from '../day.ts'
import type { DebtAsked } from './queries.ts'

const PLAN_WORDS = { planned: 'with a date', overdue: 'overdue', none: 'without a date' } as const

/** `CVE` stays as it is. */
const inSentence = (word: string) => word.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())

/** What the list is narrowed to beside the filter, in words; empty: to nothing. */
export const narrowedWords = ({ reason, answer, plan, day }: DebtAsked): string =>
  [
    ...(answer === undefined ? [] : [`reboot ${REBOOT_WORDS[answer].word.toLowerCase()}`]),
    ...(reason === undefined ? [] : [inSentence(REASON_WORDS[reason].word)]),
    ...(plan === undefined ? [] : [PLAN_WORDS[plan]]),
    ...(day === undefined ? [] : [`planned for ${dayWord(day)}`]),
  ].join(', ')
