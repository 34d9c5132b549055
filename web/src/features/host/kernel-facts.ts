import type { KernelFacts } from '@rebootless/shared/contract/kernel.ts'

export interface ExplainedFact {
  word: string
  value: string
  /** What it means for live patching. */
  about: string
  /** `bars`: a patch cannot be loaded, or not safely; `unknown`: not read. */
  weight: 'fine' | 'bars' | 'unknown'
}

const UNKNOWN = 'unknown'

const flag = (
  word: string,
  value: boolean | null,
  yes: Omit<ExplainedFact, 'word'>,
  no: Omit<ExplainedFact, 'word'>,
): ExplainedFact =>
  value === null
    ? { word, value: UNKNOWN, about: 'It could not be read, which is not the same as no.', weight: 'unknown' }
    : { word, ...(value ? yes : no) }

const lockdown = (value: string | null): ExplainedFact => {
  const word = 'Lockdown'
  if (value === null)
    return { word, value: UNKNOWN, about: 'It could not be read, or this kernel has none.', weight: 'unknown' }
  if (value === 'none')
    return { word, value, about: 'Root may load any module that the rules below allow.', weight: 'fine' }
  return { word, value, about: 'Only signed modules load, so only signed livepatches.', weight: 'fine' }
}

/** What this kernel allows and how safely, each with what it means: livepatch.rst, kernel_lockdown(7). */
export const explainKernel = (kernel: KernelFacts): ExplainedFact[] => [
  flag(
    'CONFIG_LIVEPATCH',
    kernel.livepatchConfigured,
    { value: 'yes', about: 'This kernel takes livepatches.', weight: 'fine' },
    { value: 'no', about: 'No livepatch can be loaded here.', weight: 'bars' },
  ),
  flag(
    'Reliable stacks',
    kernel.reliableStackTraces,
    { value: 'yes', about: 'A sleeping task switches as soon as its stack is clear.', weight: 'fine' },
    { value: 'no', about: 'Sleeping tasks switch only when they leave the kernel.', weight: 'bars' },
  ),
  lockdown(kernel.lockdown),
  flag(
    'Module signatures',
    kernel.moduleSignatureEnforced,
    { value: 'enforced', about: 'An unsigned livepatch is refused (EKEYREJECTED).', weight: 'fine' },
    { value: 'not enforced', about: 'An unsigned livepatch loads and taints the kernel.', weight: 'fine' },
  ),
  flag(
    'Module loading',
    kernel.modulesDisabled,
    {
      value: 'off until reboot',
      about: 'modules_disabled is set: nothing can be loaded or taken out.',
      weight: 'bars',
    },
    { value: 'on', about: 'Modules can be loaded.', weight: 'fine' },
  ),
  flag(
    'ftrace',
    kernel.ftraceEnabled,
    { value: 'on', about: 'Calls can be redirected.', weight: 'fine' },
    { value: 'off', about: 'ftrace_enabled is 0: calls cannot be redirected.', weight: 'bars' },
  ),
]
