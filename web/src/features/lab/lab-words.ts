import type { Load } from '@rebootless/server/sim/lab/lab-run.ts'
import type { Assumption, ModelEvent, System } from '@rebootless/server/sim/models/model.ts'

/** In the order of the page: those that stop the machine first. */
export const SYSTEM_ORDER: readonly System[] = [
  'ksplice',
  'kernelcare',
  'kpatch',
  'kgraft',
  'livepatch_immediate',
  'livepatch',
]

export const SYSTEM_WORDS: Readonly<
  Record<System, { readonly name: string; readonly age?: string; readonly about: string }>
> = {
  ksplice: { name: 'Ksplice', about: 'Stops the machine, checks every word of every stack, tries again if one hits' },
  kernelcare: {
    name: 'KernelCare',
    about: 'Freezes tasks and changes all at one instant; closed, so much here is assumed',
  },
  kpatch: { name: 'kpatch', about: 'stop_machine, then every stack is followed while nothing runs' },
  kgraft: { name: 'kGraft', about: 'Each task goes over by itself where it enters or leaves the kernel; never a stop' },
  livepatch_immediate: {
    ...{ name: 'livepatch', age: '4.0 – 4.11' },
    about: 'Each function is replaced at once, whoever is inside; no consistency',
  },
  livepatch: {
    ...{ name: 'livepatch', age: 'since 4.12' },
    about: 'Stack check first, then kernel exit, then a signal at 15 s; never a stop',
  },
}

/** The two ages of livepatch told apart: `livepatch 4.0 – 4.11`. */
export const systemName = (system: System): string => {
  const { name, age } = SYSTEM_WORDS[system]
  return age === undefined ? name : `${name} ${age}`
}

export const LOAD_WORDS: Readonly<Record<Load, string>> = {
  idle: 'Idle',
  web_server: 'Web server',
  database: 'Database with long system calls',
  asleep_in_function: 'Threads asleep in the patched function',
  kernel_threads: 'Kernel threads',
}

type SwitchWay = Extract<ModelEvent, { kind: 'switched' }>['how']

export const SWITCH_WORDS: Readonly<Record<SwitchWay, string>> = {
  stack_check: 'by a look at its stack',
  kernel_exit: 'on its way out of the kernel',
  kernel_entry: 'on its way into the kernel',
  idle: 'in the idle loop',
  safe_point: 'at a safe point of a kernel thread',
  all_at_once: 'together with all others',
  forced: 'by force',
  forked: 'with its parent',
}

export const BASIS_WORDS: Readonly<Record<Assumption['basis'], string>> = {
  published: 'published by its makers',
  source: 'read in their code',
  inferred: 'inferred from those',
  assumed: 'assumed: nobody says',
}
