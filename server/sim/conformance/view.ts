import { parseTaskCgroup } from '../../agent/kernel/task-cgroup.ts'
import { parseTaskStack } from '../../agent/kernel/task-stack.ts'
import { parseTaskStat } from '../../agent/kernel/task-stat.ts'
import { parseTaskSystemCall } from '../../agent/kernel/task-syscall.ts'
import type { CaptureSnap, Sighting } from '../../agent/recorded/capture.ts'

/** What one file or directory showed, a line for each fact. */
export type Lines = ReadonlyMap<string, string>

/** A look at a kernel takes time: it is a list of parts, which were read one after the other. */
export interface Part {
  /** `livepatch/PATCH`, or the file. */
  readonly name: string
  readonly lines: Lines
  /** Of what it names, only a part was seen. */
  readonly partial?: boolean
}

export interface ViewOptions {
  readonly machine: string
  /** Names of tasks that the scenario itself started. */
  readonly started: ReadonlySet<string>
}

const shown = (value: string | { errno?: string | undefined } | null | undefined): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '(absent)' : `(${value.errno})`

/** The parts of a snap, in the order in which the recorder read them. */
export const viewOf = (snap: CaptureSnap, options: ViewOptions): Part[] => [
  { name: 'livepatch', lines: new Map([['patches', patchesOf(snap)]]) },
  ...livepatchParts(snap),
  { name: 'modules', lines: moduleLines(snap) },
  ...(['tainted', 'enabled_functions', 'touched_functions'] as const).map((name) => ({
    name,
    lines: new Map([[name, functionLines(snap[name])]]),
  })),
  ...taskParts(snap, options),
]

const patchesOf = ({ livepatch }: CaptureSnap): string => {
  if (typeof livepatch.errno === 'string') return `(${livepatch.errno})`
  return [...new Set(Object.keys(livepatch).map((path) => path.split('/')[0]))].sort().join(' ')
}

/** What has gone between the listing and the reading is no fact of either moment. */
const isTorn = (entry: { errno?: string | undefined }): boolean => entry.errno === 'ENOENT' || entry.errno === 'ENODEV'

/** A part for each patch; for each file, when something went while they were read, which takes up to 0.3 s. */
const livepatchParts = ({ livepatch }: CaptureSnap): Part[] => {
  const entries = Object.entries(livepatch).flatMap(([path, entry]) => {
    if (typeof entry === 'string') return []
    const [patch = ''] = path.split('/')
    const text = `${entry.mode} ${path.endsWith('/') ? '' : shown(entry.content ?? entry)}`
    return [{ name: `livepatch/${patch}`, key: path.slice(patch.length + 1), text, torn: isTorn(entry) }]
  })
  if (entries.some(({ torn }) => torn)) {
    return entries
      .filter(({ torn }) => !torn)
      .map(({ name, key, text }) => ({ name, lines: new Map([[key, text]]), partial: true }))
  }
  const names = [...new Set(entries.map(({ name }) => name))]
  return names.map((name) => ({
    name,
    lines: new Map(entries.filter((entry) => entry.name === name).map(({ key, text }) => [key, text])),
  }))
}

const moduleLines = ({ proc_modules: lines, sys_module: modules }: CaptureSnap): Lines => {
  const facts = new Map<string, string>()
  const list = Array.isArray(lines) ? lines.map((line) => withoutAddresses(line)) : [shown(lines)]
  facts.set('/proc/modules', list.filter((line) => line !== '').join('\n'))
  for (const [name, attributes] of Object.entries(modules)) {
    if (attributes.errno === 'ENOENT') continue
    const text = Object.entries(attributes).map(([key, value]) => `${key}=${shown(value)}`.trim())
    facts.set(name, text.sort().join(' '))
  }
  return facts
}

/** Addresses differ from boot to boot, sizes of the kernel's own functions from build to build. */
const withoutAddresses = (line: string): string =>
  line
    .replace(/\b0x0{8,}\b/g, 'HIDDEN')
    .replace(/\b0x[0-9a-f]{8,}\b/g, 'ADDRESS')
    .replace(/\+0x[0-9a-f]+\/0x[0-9a-f]+/g, '')

const functionLines = (value: CaptureSnap['touched_functions']): string =>
  typeof value === 'string' ? value.split('\n').map(withoutAddresses).sort().join('\n').trimStart() : shown(value)

/** Nothing while tasks are going over: how far they are is a matter of time. */
const taskParts = (snap: CaptureSnap, options: ViewOptions): Part[] => {
  if (!Array.isArray(snap.tasks)) return [{ name: 'tasks', lines: new Map([['tasks', shown(snap.tasks)]]) }]
  const isStarted = (comm: string) => options.started.has(comm) || /^lpt_flush\/\d+$/.test(comm)
  const others = new Set(snap.tasks.filter(([, , , , comm]) => !isStarted(comm)).map(([, , , state]) => state))
  const known = [...others].filter((state) => typeof state === 'number')
  if (known.length > 1) return []
  const facts = new Map([['of all others', known.join(' ')]])
  if (others.size > known.length)
    facts.set('unreadable', [...others].filter((state) => typeof state === 'string').join(' '))
  for (const [, , letter, state, comm] of snap.tasks) if (isStarted(comm)) facts.set(comm, `${letter} ${state}`)
  const way = snap.blocked.filter(({ comm }) => typeof comm === 'string' && isStarted(comm.replace(/\n$/, '')))
  for (const task of way) facts.set(`${shown(task.comm).trim()} in the way`, blockedLine(task, options))
  return [{ name: 'tasks', lines: facts }]
}

/** As the agent's own readers take it: without what ppc64le shows above __switch_to, and without offsets. */
const blockedLine = (task: CaptureSnap['blocked'][number], { machine }: ViewOptions): string => {
  const stat = typeof task.stat === 'string' ? parseTaskStat(task.stat) : null
  const frames =
    typeof task.stack === 'string'
      ? parseTaskStack(task.stack, { functions: [], modules: new Set() }).map(
          ({ function: name, module }) => `${name}${module === null ? '' : ` [${module}]`}`,
        )
      : [shown(task.stack)]
  const call =
    typeof task.syscall === 'string'
      ? parseTaskSystemCall(task.syscall, machine, stat?.kernelThread ?? false)
      : shown(task.syscall)
  return [
    `state ${stat?.state} kernel thread ${stat?.kernelThread}`,
    `wchan ${shown(task.wchan).trim()} system call ${call}`,
    `stack ${frames.join(' < ')}`,
    JSON.stringify(parseTaskCgroup(shown(task.cgroup))),
  ].join('; ')
}

/** A passing observer looked at the text only: Documentation/ABI/testing/sysfs-kernel-livepatch has the modes. */
const ATTRIBUTE_MODES: Readonly<Record<string, string>> = { enabled: '0644', transition: '0444' }

/** What a passing observer saw: each attribute of each patch by itself, and last which patches there were. */
export const viewOfSighting = ({ patches }: Sighting): Part[] => [
  ...Object.entries(patches).flatMap(([patch, text]) =>
    [...text.matchAll(/(\w+)=(\d)/g)].map(([, attribute = '', value = '']) => ({
      name: `livepatch/${patch}`,
      lines: new Map([[attribute, `${ATTRIBUTE_MODES[attribute]} ${value}\n`]]),
      partial: true,
    })),
  ),
  { name: 'livepatch', lines: new Map([['patches', Object.keys(patches).sort().join(' ')]]) },
]
