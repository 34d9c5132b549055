import type { RebootDebtCounts } from '../../contract/reboot-debt.ts'
import { counted } from '../sentence.ts'
import { REASON_WORDS } from './reason-words.ts'

/** The one sentence that the page begins with. */
export const debtSentence = ({ hosts, byAnswer, byReason, plans }: RebootDebtCounts): string => {
  if (hosts === 0) return 'No host is there to need a boot.'
  const { yes, yes_but_covered: covered, unknown } = byAnswer
  const needing = ({ hosts: all, covered: some }: (typeof byReason)[number]) => all - some
  const most = byReason.reduce((first, one) => (needing(one) > needing(first) ? one : first))
  const whose = needing(most) === yes ? '' : `${needing(most)} of them `
  const need =
    yes === 0
      ? `None of ${counted(hosts, 'host')} has to be booted`
      : `${yes} of ${counted(hosts, 'host')} ${yes === 1 ? 'needs' : 'need'} a boot, ${whose}${REASON_WORDS[most.reason].sentence}`
  const parts = [
    need,
    ...(covered === 0 ? [] : [`${covered} can wait`]),
    ...(unknown === 0 ? [] : [`of ${unknown} it is not known`]),
    ...(plans.overdue === 0 ? [] : [`${counted(plans.overdue, 'plan')} ${plans.overdue === 1 ? 'is' : 'are'} overdue`]),
  ]
  return `${parts.join('; ')}.`
}
