import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

/** The layout that captures/README.md describes; what is not named here is ignored. */
const Errno = z.object({ errno: z.string() })
const Text = z.union([z.string(), Errno])

const Entry = z.object({ mode: z.string().optional(), content: z.string().optional(), errno: z.string().optional() })
const Task = z.tuple([z.int(), z.int(), z.string(), z.union([z.int(), z.string()]), z.string()])
const Blocked = z.object({
  ...{ pid: z.int(), tid: z.int(), comm: Text, patch_state: Text, stat: Text, stack: Text },
  ...{ wchan: Text, syscall: Text, cgroup: Text },
})

export const CaptureSnap = z.object({
  t_ms: z.tuple([z.number(), z.number()]),
  livepatch: z.union([Errno, z.record(z.string(), Entry)]),
  proc_modules: z.union([z.array(z.string()), Errno]),
  sys_module: z.record(z.string(), z.record(z.string(), z.union([z.string(), Errno, z.null()]))),
  tainted: Text,
  enabled_functions: Text,
  touched_functions: Text.optional(),
  tasks: z.union([z.array(Task), Errno]),
  blocked: z.array(Blocked),
})
export type CaptureSnap = z.infer<typeof CaptureSnap>

const Sighting = z.object({
  t_ms: z.number(),
  patches: z.record(z.string(), z.string()),
  tasks: z.record(z.string(), z.int()),
  tids: z.record(z.string(), z.array(z.int())),
})
export type Sighting = z.infer<typeof Sighting>

/** What a step did: the fields that its action has. */
const Action = z.object({
  do: z.string(),
  mod: z.string().optional(),
  params: z.string().optional(),
  patch: z.string().optional(),
  path: z.string().optional(),
  text: z.string().optional(),
  name: z.string().optional(),
  thread: z.string().optional(),
  uid: z.int().optional(),
  signal: z.string().optional(),
  cmd: z.string().optional(),
  ms: z.number().optional(),
  gone: z.boolean().optional(),
})
export type CaptureAction = z.infer<typeof Action>

const ProcessEnd = z.object({ t_ms: z.number(), code: z.int().nullable(), signal: z.string().nullable() })

export const CaptureStep = Action.extend({
  step: z.int(),
  /** What another user did. */
  act: Action.optional(),
  t_ms: z.number(),
  took_ms: z.number(),
  rc: z.int().nullish(),
  errno: z.string().nullish(),
  reached: z.boolean().optional(),
  content: z.string().optional(),
  pid: z.int().optional(),
  tids: z.array(z.int()).optional(),
  exited: ProcessEnd.nullish(),
  output: z.string().optional(),
  during: z.array(Sighting).optional(),
  timeline: z.array(Sighting).optional(),
  snap: z.union([z.string(), z.literal(false)]).optional(),
  snapshot: z.string().optional(),
  kmsg: z.array(z.int()),
})
export type CaptureStep = z.infer<typeof CaptureStep>

const Steps = z.object({
  scenario: z.string(),
  about: z.string(),
  kernel: z.string(),
  t0_monotonic_us: z.number(),
  steps: z.array(CaptureStep),
})

export interface KmsgRecord {
  sequence: number
  microseconds: number
  text: string
}

export interface Capture {
  folder: string
  scenario: string
  about: string
  /** uname -r. */
  release: string
  /** CLOCK_MONOTONIC at t = 0, microseconds. */
  t0: number
  steps: CaptureStep[]
  /** By the name that the steps use, `snap/07.json`. */
  snaps: ReadonlyMap<string, CaptureSnap>
  records: KmsgRecord[]
}

/** Reads one capture's folder. Throws when it is not one. */
export const readCapture = async (folder: string): Promise<Capture> => {
  const steps = Steps.parse(await json(join(folder, 'steps.json')))
  const snaps = new Map<string, CaptureSnap>()
  for (const name of (await readdir(join(folder, 'snap'))).sort()) {
    if (!name.endsWith('.json')) continue
    snaps.set(`snap/${name}`, CaptureSnap.parse(await json(join(folder, 'snap', name))))
  }
  const { scenario, about, kernel, t0_monotonic_us, steps: list } = steps
  const records = parseKmsgFile(await readFile(join(folder, 'kmsg.txt'), 'utf8'))
  return { folder, scenario, about, release: kernel, t0: t0_monotonic_us, steps: list, snaps, records }
}

const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'))

/** Records as /dev/kmsg gave them; `#` lines are the recorder's, indented ones continue a record. */
export const parseKmsgFile = (text: string): KmsgRecord[] => {
  const records: KmsgRecord[] = []
  for (const line of text.split('\n')) {
    const last = records.at(-1)
    if (/^ /.test(line) && last !== undefined) last.text += `${line}\n`
    const match = /^\d+,(\d+),(\d+),/.exec(line)
    if (match === null) continue
    records.push({ sequence: Number(match[1]), microseconds: Number(match[2]), text: `${line}\n` })
  }
  return records
}

/** `uname -m`, by the folder of a kernel: Debian's own are x86-64, the others say what they are. */
export const architectureOf = (kernelFolder: string): string => {
  const suffix = /-(arm64|ppc64le|s390x)$/.exec(kernelFolder)?.[1]
  return suffix === 'arm64' ? 'aarch64' : (suffix ?? 'x86_64')
}
