import type { KernelFs, Result } from '../../agent/kernel/kernel-fs.ts'
import type { CaptureSnap } from '../../agent/recorded/capture.ts'

type Text = string | { errno: string }

const text = (result: Result<string>): Text => (result.ok ? result.value : { errno: result.errno })

const MODULE_ATTRIBUTES = ['refcnt', 'taint', 'version', 'srcversion', 'initstate', 'coresize']

export interface ObserveOptions {
  /** Those whose attributes are read, loaded or not. */
  readonly modules: readonly string[]
  readonly modeOf: (path: string) => number | null
}

/** Looks at a kernel through its files and writes down what the captures' recorder did: captures/README.md. */
export const observeKernel = async (
  fs: KernelFs,
  atMs: number,
  { modules, modeOf }: ObserveOptions,
): Promise<CaptureSnap> => {
  const procModules = await fs.read('/proc/modules')
  const tasks = await observeTasks(fs)
  return {
    t_ms: [atMs, atMs],
    livepatch: await observeLivepatches(fs, modeOf),
    proc_modules: procModules.ok
      ? procModules.value.split('\n').filter((line) => modules.includes(line.split(' ')[0] ?? ''))
      : { errno: procModules.errno },
    sys_module: Object.fromEntries(
      await Promise.all(modules.map(async (name) => [name, await observeModule(fs, name)])),
    ),
    tainted: text(await fs.read('/proc/sys/kernel/tainted')),
    enabled_functions: text(await fs.read('/sys/kernel/tracing/enabled_functions')),
    touched_functions: text(await fs.read('/sys/kernel/tracing/touched_functions')),
    ...tasks,
  }
}

const ROOT = '/sys/kernel/livepatch'

const observeLivepatches = async (
  fs: KernelFs,
  modeOf: ObserveOptions['modeOf'],
): Promise<CaptureSnap['livepatch']> => {
  const entries: Record<string, { mode: string; content?: string; errno?: string }> = {}
  const walk = async (below: string): Promise<string | null> => {
    const listed = await fs.list(`${ROOT}${below}`)
    if (!listed.ok) return listed.errno
    for (const { name, directory } of listed.value) {
      const path = `${below}/${name}`
      const key = path.slice(1)
      const mode = `0${modeOf(`${ROOT}${path}`)?.toString(8)}`
      if (directory) {
        entries[`${key}/`] = { mode }
        await walk(path)
      } else {
        const result = await fs.read(`${ROOT}${path}`)
        entries[key] = result.ok ? { mode, content: result.value } : { mode, errno: result.errno }
      }
    }
    return null
  }
  const errno = await walk('')
  return errno === null ? entries : { errno }
}

const observeModule = async (fs: KernelFs, name: string): Promise<Record<string, Text> | { errno: string }> => {
  const attributes: Record<string, Text> = {}
  for (const attribute of MODULE_ATTRIBUTES) {
    const result = await fs.read(`/sys/module/${name}/${attribute}`)
    if (attribute === 'refcnt' && !result.ok) return { errno: result.errno }
    attributes[attribute] = text(result)
  }
  return attributes
}

const numbers = (result: Result<readonly { name: string; directory: boolean }[]>): number[] =>
  result.ok ? result.value.flatMap(({ name }) => (/^[1-9]\d*$/.test(name) ? [Number(name)] : [])) : []

const observeTasks = async (fs: KernelFs): Promise<Pick<CaptureSnap, 'tasks' | 'blocked'>> => {
  const tasks: [number, number, string, number | string, string][] = []
  const blocked: CaptureSnap['blocked'] = []
  for (const pid of numbers(await fs.list('/proc'))) {
    for (const tid of numbers(await fs.list(`/proc/${pid}/task`))) {
      const file = async (name: string): Promise<Text> => text(await fs.read(`/proc/${pid}/task/${tid}/${name}`))
      const state = await file('patch_state')
      const [comm, stat] = [await file('comm'), await file('stat')]
      if (typeof comm !== 'string' || typeof stat !== 'string') continue
      const letter = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
      tasks.push([pid, tid, letter, typeof state === 'string' ? Number(state) : state.errno, comm.replace(/\n$/, '')])
      if (typeof state !== 'string' || state === '-1\n') continue
      blocked.push({
        ...{ pid, tid, comm, patch_state: state, stat },
        ...{ stack: await file('stack'), wchan: await file('wchan') },
        ...{ syscall: await file('syscall'), cgroup: await file('cgroup') },
      })
    }
  }
  return { tasks, blocked: blocked.filter(isInTheWayOf(await targetOf(fs))) }
}

const isInTheWayOf =
  (target: string | null) =>
  ({ patch_state: state }: CaptureSnap['blocked'][number]): boolean =>
    target !== null && state !== target

/** `enabled` of the patch in transition, where tasks are to go; null without one. */
const targetOf = async (fs: KernelFs): Promise<string | null> => {
  const patches = await fs.list(ROOT)
  for (const { name } of patches.ok ? patches.value : []) {
    const transition = await fs.read(`${ROOT}/${name}/transition`)
    const enabled = await fs.read(`${ROOT}/${name}/enabled`)
    if (transition.ok && transition.value === '1\n' && enabled.ok) return enabled.value
  }
  return null
}
