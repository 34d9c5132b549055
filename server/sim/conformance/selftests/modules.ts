import type {
  LivepatchCallbacks,
  LivepatchFunction,
  LivepatchImage,
  LivepatchObject,
  LivepatchState,
  ModuleImage,
} from '../../kernel/module-image.ts'
import type { SimulatedKernel } from '../../kernel/simulated-kernel.ts'
import { inModule } from '../modules.ts'

type Parameters = Readonly<Record<string, string>>
type Make = (kernel: SimulatedKernel, parameters: Parameters) => Partial<ModuleImage>

/** What a busy worker waits for. */
const RELEASE = 'lab_busy is released'

const log = (kernel: SimulatedKernel, text: string) => kernel.log(6, text)
const patch = (objects: readonly LivepatchObject[], more: Partial<LivepatchImage> = {}) => ({
  livepatch: { marked: true, replace: false, states: [], objects, ...more },
})
const changed = (name: string, more: Partial<LivepatchFunction> = {}) => ({ name, sympos: 0, ...more })
const shows = (name: string, by: string): LivepatchObject => ({
  name: 'vmlinux',
  functions: [changed(name, { text: `patched by ${by}\n` })],
})

const callbacksOf = (kernel: SimulatedKernel, module: string, object: string): LivepatchCallbacks => {
  const say = (callback: string) => log(kernel, `${module}: ${callback} ${object}`)
  return {
    prePatch: ({ pre_patch_ret: result = '0' }) => {
      say('pre_patch')
      return Number(result)
    },
    postPatch: () => say('post_patch'),
    preUnpatch: () => say('pre_unpatch'),
    postUnpatch: () => say('post_unpatch'),
  }
}

const STATE = 1
const stateful = (name: string, version: number): Make => {
  return (kernel) => {
    const say = (text: string) => log(kernel, `${name}: ${text}`)
    const keep = (state: LivepatchState | undefined, data: unknown) => {
      if (state) state.data = data
    }
    const callbacks: LivepatchCallbacks = {
      prePatch: (_, states) => {
        if (states.previous(STATE)) say('finds it allocated')
        else {
          say('allocates')
          keep(states.own(STATE), { loglevel: null })
        }
        return 0
      },
      postPatch: (_, states) => {
        const before = states.previous(STATE)
        if (before) keep(states.own(STATE), before.data)
        say(before ? 'takes over' : 'changes')
      },
      preUnpatch: () => say('restores'),
      postUnpatch: (_, states) => {
        say(states.own(STATE)?.data === null ? 'has nothing to free' : 'frees')
        keep(states.own(STATE), null)
      },
    }
    const objects = [{ name: 'vmlinux', functions: [], callbacks }]
    return patch(objects, { replace: true, states: [{ id: STATE, version }] })
  }
}

const busy: Make = (kernel, { wait = '1' }) => ({
  functions: ['lab_busy_work'],
  parameters: { wait: '1' },
  init: () => {
    for (const text of ['init', 'work begins']) log(kernel, `lab_busy: ${text}`)
    if (wait === '0') log(kernel, 'lab_busy: work ends')
    else
      kernel.machine.spawn({
        ...{ comm: 'kworker/0:2', kind: 'kernel' },
        program: [
          {
            ...{ do: 'call', function: inModule('lab_busy', 'lab_busy_work') },
            body: [{ do: 'sleep', kind: 'uninterruptible', event: RELEASE }],
          },
        ],
      })
  },
  exit: () => {
    kernel.machine.signalEvent(RELEASE)
    for (const text of [...(wait === '0' ? [] : ['work ends']), 'exit']) log(kernel, `lab_busy: ${text}`)
  },
})

const kprobe: Make = (kernel, { post_handler: handler = '0' }) => {
  const probed = inModule('vmlinux', 'cmdline_proc_show')
  return {
    parameters: { post_handler: '0' },
    init: () => (handler === '1' ? void kernel.redirectFunction(probed) : undefined),
    exit: () => (handler === '1' ? kernel.releaseFunction(probed) : undefined),
  }
}

const shadow: Make = ({ shadowVariables: shadows, log: write }) => {
  const say = (text: string) => write(6, `lab_shadow: ${text}`)
  const construct = (value: number) => (variable: { data: unknown }) => {
    say(`constructs ${value}`)
    variable.data = value
    return true
  }
  const destroy = (_object: unknown, { data }: { data: unknown }) => say(`destroys ${data}`)
  const shown = (variable: { data: unknown } | undefined) => (variable === undefined ? 'none' : `${variable.data}`)
  const get = (object: string, id: number) => say(`get(${object}, ${id}): ${shown(shadows.get(object, id))}`)
  const allocate = (object: string, id: number, value: number) =>
    say(`alloc(${object}, ${id}): ${shown(shadows.allocate(object, id, construct(value)))}`)
  const getOrAllocate = (object: string, id: number, value: number) =>
    say(`get_or_alloc(${object}, ${id}): ${shown(shadows.getOrAllocate(object, id, construct(value)))}`)
  return {
    init: () => {
      get('a', 1)
      getOrAllocate('a', 1, 10)
      allocate('a', 2, 20)
      allocate('b', 1, 30)
      allocate('b', 2, 40)
      for (const object of ['a', 'b']) for (const id of [1, 2]) get(object, id)
      getOrAllocate('a', 1, 50)
      shadows.free('a', 1, destroy)
      get('a', 1)
      get('b', 1)
      shadows.freeAll(2)
      get('a', 2)
      get('b', 2)
      shadows.free('b', 1, destroy)
      get('b', 1)
    },
  }
}

const answer = (word: string) => [
  { function: inModule('lptarget', 'lpt_answer'), text: `${word} answer / ` },
  { function: inModule('lptarget', 'lpt_banner'), text: `${word} banner\n` },
]

/** The modules of e2e/kernel/modules that the scenarios load, as images. */
const MODULES: Readonly<Record<string, Make>> = {
  lp_simple: () => patch([shows('cmdline_proc_show', 'lp_simple')]),
  lp_meminfo: (_, { replace = '0' }) => ({
    parameters: { replace: '0' },
    ...patch([shows('meminfo_proc_show', 'lp_meminfo')], { replace: replace === '1' }),
  }),
  lp_umask: () => patch([{ name: 'vmlinux', functions: [changed('__x64_sys_umask')] }]),
  lptarget: () => {
    const [first, ...also] = answer('original')
    return {
      functions: ['lpt_answer', 'lpt_banner'],
      files: first ? [{ path: '/proc/lpt/answer', ...first, also }] : [],
    }
  },
  lp_target: () =>
    patch([
      {
        name: 'lptarget',
        functions: answer('PATCHED').map(({ function: { name }, text }) => changed(name, { text })),
      },
    ]),
  lp_callbacks: (kernel) => ({
    parameters: { pre_patch_ret: '0' },
    ...patch(
      ['vmlinux', 'lab_target', 'lab_busy'].map((name) => ({
        ...{ name, functions: name === 'lab_busy' ? [changed('lab_busy_work')] : [] },
        callbacks: callbacksOf(kernel, 'lp_callbacks', name),
      })),
    ),
  }),
  lp_callbacks_too: (kernel, { replace = '0' }) => ({
    parameters: { replace: '0' },
    ...patch([{ name: 'vmlinux', functions: [], callbacks: callbacksOf(kernel, 'lp_callbacks_too', 'vmlinux') }], {
      replace: replace === '1',
    }),
  }),
  lp_state_one: stateful('lp_state_one', 1),
  lp_state_two: stateful('lp_state_two', 2),
  lp_state_two_again: stateful('lp_state_two_again', 2),
  lab_target: (kernel) => ({
    init: () => log(kernel, 'lab_target: init'),
    exit: () => log(kernel, 'lab_target: exit'),
  }),
  lab_busy: busy,
  lab_kprobe: kprobe,
  lab_shadow: shadow,
}

export const selftestModule = (kernel: SimulatedKernel, name: string, parameters: Parameters): ModuleImage => {
  const make = MODULES[name]
  if (make === undefined) throw new Error(`there is no module ${name} for the selftests`)
  return {
    ...{ name, sizeBytes: 12_288, version: null, srcversion: null, signed: false, functions: [], parameters: {} },
    ...make(kernel, parameters),
  }
}
