import type { Gate, RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { gateName } from '@rebootless/shared/domain/rollouts/gates.ts'
import { spanText } from '@rebootless/shared/domain/rollouts/rollout-clock.ts'
import { counted } from '@rebootless/shared/domain/sentence.ts'

/** `load a set of 3 files`, `disable lp_old`, `update by kpatch to 12`. */
export const changeWords = (change: RolloutPlan['change']): string => {
  switch (change.kind) {
    case 'load':
      return change.patches.length === 1 ? 'load one livepatch' : `load a livepatch, ${change.patches.length} files`
    case 'disable':
      return `disable ${change.patch}`
    case 'update':
      return `update by ${change.provider} to ${change.level ?? 'the newest'}`
  }
}

const seconds = (value: number): string => spanText(value * 1000)

/** What a gate asks for. */
export const gateWords = (gate: Gate): string => {
  switch (gate.kind) {
    case 'transitions':
      return `${gate.percent} % of transitions done within ${seconds(gate.withinSeconds)}`
    case 'kernel log':
      return 'no oops, warning, lockup, hung task or new taint in the kernel’s log'
    case 'agents':
      return 'every agent is heard'
    case 'pressure':
      return `${gate.of} pressure grew by ${gate.growthPercent} % at most`
    case 'http':
      return `${gate.url} answers ${gate.status}`
    case 'approval':
      return gate.people === 1 ? 'one person lets it pass' : `${gate.people} people let it pass`
    default:
      return gateName(gate)
  }
}

/** A short name of a gate, for a row's head. */
export const gateTitle = (gate: Gate): string => {
  switch (gate.kind) {
    case 'transitions':
      return 'Transitions'
    case 'kernel log':
      return 'Kernel log'
    case 'agents':
      return 'Agents'
    case 'pressure':
      return 'Pressure'
    case 'prometheus':
      return 'Prometheus'
    case 'http':
      return 'HTTP'
    case 'approval':
      return 'Approval'
  }
}

const shareWords = (share: RolloutPlan['waves'][number]['share']): string => {
  switch (share.kind) {
    case 'count':
      return counted(share.hosts, 'host')
    case 'percent':
      return `${share.percent} % of the hosts`
    case 'label':
      return `hosts with ${share.key} ${share.values.join(', ')}`
    case 'rest':
      return 'the rest'
  }
}

const gateList = (gates: readonly Gate[]): string => (gates.length === 0 ? 'no gate' : gates.map(gateWords).join('; '))

const STALL_WORDS: Readonly<Record<RolloutPlan['stalls']['policy'], string>> = {
  wait: 'it is waited for',
  retry: 'it is begun anew, three times at most',
  ask: 'the rollout pauses and asks',
  reverse: 'that host is undone',
}

interface PlanLine {
  readonly what: string
  readonly lines: readonly string[]
}

/** The whole plan as a person would tell it: nothing that decides how it goes is left out. */
export const planLines = (plan: RolloutPlan): readonly PlanLine[] => {
  const { limits, budget, stalls, vanished } = plan
  return [
    { what: 'Why', lines: [plan.reason] },
    {
      what: 'Change',
      lines: [
        changeWords(plan.change),
        ...(plan.change.kind === 'load' && plan.change.downgrade ? ['a lower release counter is allowed'] : []),
      ],
    },
    {
      what: 'Hosts',
      lines: [
        plan.hosts,
        ...(plan.exclude.length === 0 ? [] : [`but for ${counted(plan.exclude.length, 'host')} left out by name`]),
        plan.newcomers === 'join' ? 'hosts that match later join the last wave' : 'hosts that match later are left out',
        {
          only: 'hosts that no live patch fits are left out',
          'when possible': 'hosts that no live patch fits are noted as due for a boot',
          never: 'no host is live patched: all are noted as due for a boot',
        }[plan.livePatching],
      ],
    },
    {
      what: 'Waves',
      lines: plan.waves.map(({ name, share, soakSeconds, gates }, index) => {
        const soak = soakSeconds === 0 ? 'no soak' : `soaks ${seconds(soakSeconds)}`
        const own = gates === undefined ? '' : `; in place of the plan’s gates: ${gateList(gates)}`
        return `${index + 1} ${name}: ${shareWords(share)}, ${soak}${own}`
      }),
    },
    { what: 'Gates after each wave', lines: plan.gates.length === 0 ? ['none'] : plan.gates.map(gateWords) },
    {
      what: 'Limits',
      lines: [
        limits.atOnce === null ? 'as many hosts at once as a wave has' : `${counted(limits.atOnce, 'host')} at once`,
        ...limits.domains.map(({ label, atMost }) => `${counted(atMost, 'host')} at once of each ${label}`),
      ],
    },
    {
      what: 'Hours',
      lines:
        plan.windows.length === 0
          ? ['hosts begin at any hour']
          : plan.windows.map(({ days, from, to, timeZone }) => `${days.join(', ')}, ${from} to ${to}, ${timeZone}`),
    },
    {
      what: 'When hosts fail',
      lines: [
        `${budget.failures === 0 ? 'at the first failure' : `at more than ${counted(budget.failures, 'failure')}`} it ${budget.whenSpent === 'pause' ? 'pauses' : 'undoes itself'}`,
      ],
    },
    {
      what: 'When one stalls',
      lines: [`after ${seconds(stalls.afterSeconds)} ${STALL_WORDS[stalls.policy]}; it is never forced`],
    },
    {
      what: 'When one is not heard',
      lines: [
        `after ${seconds(vanished.afterSeconds)} it counts as ${vanished.count === 'as failed' ? 'failed' : 'left out'}`,
      ],
    },
  ]
}
