import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { TransitionView } from '@rebootless/shared/contract/host-transition.ts'
import type { Advice, BlockingTask } from '@rebootless/shared/contract/transition.ts'
import { mayWork, providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { HOST_STATE_WORDS } from '@rebootless/shared/domain/state-words.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'
import { lacksLivepatch, presentReports } from './provider-reports.ts'
import { providerStep } from './provider-step.ts'

export interface NextStep {
  /** What to do, in a few words. */
  lead: string
  /** Why, in a sentence. */
  why: string
  /** The tab that shows more, and what the link to it is called. */
  more: { tab: 'patches' | 'transition' | 'functions' | 'provider' | 'exposure' | 'raw'; word: string } | null
  /** More urgent than the host's state looks: the state whose look it takes. */
  looksAs?: HostState
}

type Action = Advice['action']

/** What one does, as part of a sentence that begins with it. */
const actWords = (action: Action, task: BlockingTask): string =>
  ({
    wait: 'wait',
    restart_unit: `restart ${task.unit ?? 'its unit'}`,
    kill: `kill ${task.comm} (${task.pid})`,
    signal: 'let livepatch signal it',
    reverse: 'reverse the transition',
    force: 'force the transition',
  })[action]

/** The recommended acts for the first task that has any, cheapest first: `Wait, or restart db-writer.service.` */
const recommended = (transition: TransitionView | null): string | null => {
  for (const task of transition?.blocking ?? []) {
    const acts = task.advice
      .filter((one) => one.recommended && one.possible)
      .map((one) => actWords(one.action, task))
      .join(', or ')
    if (acts !== '') return `${acts.charAt(0).toUpperCase()}${acts.slice(1)}${acts.endsWith('.') ? '' : '.'}`
  }
  return null
}

/** The one thing to do next on a host, from its state, what its providers say and, where one runs, its transition. */
export const nextStep = (host: HostDetail, transition: TransitionView | null): NextStep => {
  const why = host.stateReason || HOST_STATE_WORDS[host.state].meaning
  return providerStep(host, why) ?? stateStep(host, transition, why)
}

/** No livepatch can be loaded into a kernel without it: there it is for the system that works on it. */
const exposedLead = (host: HostDetail): string => {
  const [working] = lacksLivepatch(host) ? presentReports(host).filter(mayWork) : []
  return working === undefined
    ? 'Load a livepatch, or boot a fixed kernel.'
    : `Have ${providerTitle(working.name)} patch this kernel, or boot a fixed one.`
}

const stateStep = (host: HostDetail, transition: TransitionView | null, why: string): NextStep => {
  const running = transition?.endedAt === null ? transition : null
  switch (host.state) {
    case 'forced':
      return { lead: 'Plan a reboot.', why, more: { tab: 'patches', word: 'Patches' } }
    case 'stalled':
      return {
        lead: recommended(running) ?? 'See which task holds it back.',
        // The two come in answers of their own: the older one must not contradict the newer.
        why: running?.stalled ? running.sentence : why,
        more: { tab: 'transition', word: 'Transition' },
      }
    case 'failed':
      return { lead: 'Read what the kernel said.', why, more: { tab: 'patches', word: 'Kernel log' } }
    case 'patching':
    case 'unpatching':
      return {
        lead: 'Nothing to do.',
        why: running?.sentence ?? why,
        more: { tab: 'transition', word: 'Transition' },
      }
    case 'exposed':
      return { lead: exposedLead(host), why, more: null }
    case 'drifted':
      return { lead: 'Compare the functions with ftrace.', why, more: { tab: 'functions', word: 'Functions' } }
    case 'stale':
      return { lead: 'See why the agent reads nothing.', why, more: { tab: 'raw', word: 'What it read' } }
    case 'offline':
      return {
        lead: 'Start the agent, or find out where the host went.',
        why: `${why} Its patches stay in the kernel meanwhile.`,
        more: null,
      }
    case 'unsupported':
      return { lead: 'Fix this host by reboots.', why, more: { tab: 'patches', word: 'This kernel' } }
    case 'patched':
      return { lead: 'Nothing to do.', why, more: null }
  }
}
