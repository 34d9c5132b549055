import type { KernelFacts } from '../kernel/kernel-facts.ts'
import type { LivepatchFunction, LivepatchImage, LivepatchObject, ModuleImage } from '../kernel/module-image.ts'
import type { KernelFunction } from '../kernel/program.ts'

/** What a module file says of itself, apart from what it does: as /sys/module/NAME showed it. */
export interface ModuleFile {
  readonly sizeBytes: number
  readonly version: string | null
  readonly srcversion: string | null
}

export interface ModuleSurroundings {
  readonly facts: KernelFacts
  /** printk of the module's own code. */
  log(priority: number, text: string): void
}

/** What a module of the captures is: captures/README.md, and the `why` of the steps that load it. */
type Description = Pick<ModuleImage, 'functions' | 'parameters'> &
  Partial<Pick<ModuleImage, 'livepatch' | 'defect' | 'defectText' | 'defectPriority' | 'files' | 'exit'>> & {
    /** The module that the file holds, when it is called otherwise. */
    readonly holds?: string
  }

export const inModule = (object: string, name: string, sympos = 1): KernelFunction => ({ object, name, sympos })

/** The text of /proc/lpt/answer, function by function. */
const ANSWER = [
  { function: inModule('lptarget', 'lpt_answer'), text: 'original answer / ' },
  { function: inModule('lptarget', 'lpt_banner'), text: 'original banner / ' },
  { function: inModule('lptarget', 'lpt_dup', 1), text: 'original dup (1st) / ' },
  { function: inModule('lptarget', 'lpt_dup', 2), text: 'original dup (2nd)\n' },
] as const

const image = (objects: readonly LivepatchObject[], more: Partial<LivepatchImage> = {}): LivepatchImage => ({
  ...{ marked: true, replace: false, states: [], objects },
  ...more,
})
const patchOf = (objects: readonly LivepatchObject[], more: Partial<LivepatchImage> = {}): Description => ({
  ...{ functions: [], parameters: {}, livepatch: image(objects, more) },
})
const functionOf = (name: string, more: Partial<LivepatchFunction> = {}): LivepatchFunction => ({
  ...{ name, sympos: 0, newName: `lp_${name}` },
  ...more,
})
const cmdline = (patch: string): LivepatchObject => ({
  name: 'vmlinux',
  functions: [functionOf('cmdline_proc_show', { text: `patched by ${patch}\n` })],
})
const target = (...functions: LivepatchFunction[]): LivepatchObject => ({ name: 'lptarget', functions })

/** The new version returns at once, unless the parameter `hold` keeps whoever calls it asleep. */
const waitsWhileHeld = (name: string): LivepatchFunction =>
  functionOf(name, {
    body: ({ hold = 'N' }) =>
      /^[1yY]/.test(hold) ? [{ do: 'loop', body: [{ do: 'sleep', kind: 'killable', us: 100_000 }] }] : [],
  })

const answering = (patch: Description, parameters: Readonly<Record<string, string>>): Description => ({
  ...patch,
  parameters,
})

const callbacksOf = (module: string, log: ModuleSurroundings['log']) => (object: string) => ({
  prePatch: ({ pre_patch_rc: rc = '0' }: Readonly<Record<string, string>>) => {
    log(6, `${module}: pre_patch(${object})`)
    return Number(rc)
  },
  postPatch: () => log(6, `${module}: post_patch(${object})`),
  preUnpatch: () => log(6, `${module}: pre_unpatch(${object})`),
  postUnpatch: () => log(6, `${module}: post_unpatch(${object})`),
})

/** The fixed part of vermagic behind the release: include/linux/vermagic.h, MODULE_ARCH_VERMAGIC. */
const vermagic = (release: string, preemption: string, { architecture, livepatch }: KernelFacts): string => {
  const ends = { aarch64: 'aarch64', ppc64le: 'mprofile-kernel relocatable ', s390x: '', x86_64: '' }
  return `${release} SMP ${preemption} mod_unload ${livepatch.modversions ? 'modversions ' : ''}${ends[architecture]}`
}

const wrongVermagic = (wrong: string, facts: KernelFacts): Description => ({
  ...{ functions: [], parameters: {}, defect: 'vermagic', holds: 'lp_simple' },
  defectText: `lp_simple: version magic '${wrong}' should be '${vermagic(facts.release, 'preempt', facts)}'`,
})

/** On x86-64 a module of another kernel of Debian's; elsewhere one whose vermagic names another release. */
const foreign = (facts: KernelFacts): Description => {
  if (facts.architecture !== 'x86_64')
    return wrongVermagic(vermagic(facts.release.replace(/^\d/, '6'), 'preempt', facts), facts)
  const image = { functions: [], parameters: {}, defect: 'foreign', holds: 'lp_simple' } as const
  if (/^6\.1\./.test(facts.release))
    return { ...image, defectText: 'lp_simple: disagrees about version of symbol module_layout', defectPriority: 4 }
  return {
    ...image,
    defectText:
      "module lp_simple: .gnu.linkonce.this_module section size must match the kernel's built struct module size at run time",
  }
}

const describe = (name: string, { facts, log }: ModuleSurroundings): Description | null => {
  const simple = /^lp_(simple[23]?|replace)$/.test(name)
  if (simple) return patchOf([cmdline(name)], { replace: name === 'lp_replace' })
  const state = /^lp_state([12])$/.exec(name)?.[1]
  if (state) return patchOf([cmdline(name)], { replace: true, states: [{ id: 1, version: Number(state) }] })
  const callbacks = callbacksOf(name, log)
  switch (name) {
    case 'lptarget':
      return {
        ...{ functions: TARGET_FUNCTIONS, parameters: {} },
        files: [
          { path: '/proc/lpt/answer', function: ANSWER[0].function, text: ANSWER[0].text, also: ANSWER.slice(1) },
        ],
      }
    case 'lptarget2':
      return { functions: ['lpt2_answer'], parameters: {} }
    case 'lp_target':
      return patchOf([
        target(
          functionOf('lpt_answer', { text: 'PATCHED answer / ' }),
          functionOf('lpt_banner', { text: 'PATCHED banner / ' }),
          functionOf('lpt_dup', { sympos: 2, text: 'PATCHED dup\n' }),
        ),
      ])
    case 'lp_mixed':
      return patchOf([cmdline(name), target(functionOf('lpt_answer', { text: 'PATCHED answer (lp_mixed) / ' }))])
    case 'lp_killable':
      return answering(patchOf([target(waitsWhileHeld('lpt_wait_killable'))]), { hold: 'N' })
    case 'lp_interruptible':
      return answering(patchOf([target(waitsWhileHeld('lpt_wait_interruptible'))]), { hold: 'N' })
    case 'lp_dstate':
      return answering(patchOf([target(waitsWhileHeld('lpt_wait_uninterruptible'))]), { hold: 'N' })
    case 'lp_kthread': {
      const pause = { do: 'sleep', kind: 'interruptible', us: 100_000 } as const
      return patchOf([target(functionOf('lpt_kthread_body', { body: [pause] }))])
    }
    case 'lp_replace_killable':
      return patchOf([cmdline(name), target(waitsWhileHeld('lpt_wait_killable'))], { replace: true })
    case 'lp_callbacks':
      return answering(
        patchOf([
          { ...cmdline(name), callbacks: callbacks('vmlinux') },
          { ...target(functionOf('lpt_answer')), callbacks: callbacks('lptarget') },
        ]),
        { pre_patch_rc: '0' },
      )
    case 'lp_err_ambiguous':
      return patchOf([target(functionOf('lpt_dup'))])
    case 'lp_err_nosym':
      return patchOf([{ name: 'vmlinux', functions: [functionOf('no_such_function')] }])
    case 'lp_err_undef': {
      const text = 'lp_err_undef: Unknown symbol lpt_nobody_exports_this (err -2)'
      return { ...patchOf([cmdline(name)]), defect: 'undefined_symbol', defectText: text }
    }
    case 'lp_err_unmarked':
      return patchOf([cmdline(name)], { marked: false })
    case 'bad_text':
      return { functions: [], parameters: {}, defect: 'not_elf', defectText: 'Invalid ELF header len 21' }
    case 'bad_truncated':
      return {
        ...{ functions: [], parameters: {}, holds: 'lp_simple' },
        ...{ defect: 'truncated', defectText: 'Invalid ELF section header overflow' },
      }
    case 'bad_vermagic':
      return wrongVermagic(vermagic(facts.release, 'xreempt', facts), facts)
    case 'bad_foreign':
      return foreign(facts)
    default:
      return null
  }
}

const TARGET_FUNCTIONS = [
  ...['lpt_answer', 'lpt_banner', 'lpt_dup', 'lpt_dup', 'lpt_wait_killable', 'lpt_wait_interruptible'],
  ...['lpt_wait_uninterruptible', 'lpt_kthread_body'],
]

/** There is no such file: finit_module is not reached, open says ENOENT. */
export const ABSENT_MODULES: ReadonlySet<string> = new Set(['lp_nothing'])

/** A module of the captures as an image. Throws for one that nobody has described yet. */
export const captureModule = (name: string, file: ModuleFile, surroundings: ModuleSurroundings): ModuleImage => {
  const description = describe(name, surroundings)
  if (description === null)
    throw new Error(`what the module ${name} does is not known: describe it in server/sim/conformance/modules.ts`)
  const { holds, ...rest } = description
  return { name: holds ?? name, ...file, signed: false, ...rest }
}
