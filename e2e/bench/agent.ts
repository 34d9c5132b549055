/**
 * `npm run bench -- agent`: what the bundled agent costs a real kernel, at rest and while a transition over 1,000 tasks waits for one
 * of them. QEMU emulates each instruction of that kernel, so beside the agent in the same guest there are an empty Node process that wakes
 * as often and bare loops that read the same files. How many times as much processor time a program takes there is measured
 * too, and budgets are held against what is left without that. Other work on the machine counts as the guest's: it needs one that does
 * nothing else. Numbers behind choose others: minutes of each, where one minute is one value.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProgramUnderTest, startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { startReport } from '@rebootless/server/bench/report/bench-report.ts'
import { EnrolmentToken } from '@rebootless/shared/contract/enrolment.ts'
import { cachedFolder, contentHash } from '../kernel/lab/cache.ts'
import type { Machine } from '../kernel/lab/machine.ts'
import { run } from '../kernel/lab/run.ts'
import { withMachine } from '../kernel/lab/with-machine.ts'
import { AGENT } from '../kernel/live-host.ts'
import { type Memory, memoryInGuest, systemCalls, type Usage, usageOf } from './guest-usage.ts'

const [minutes = 4] = process.argv.slice(2).map(Number)
const KERNEL = '6.1'
const HOST = 'bench-agent'
const MINUTE_MS = 60_000
const [PROCESSES, THREADS] = [100, 10]
const POLL_EVERY_MS = 500
const SHOWN_MS_MAX = 120_000
const BARE = '/lib/lab/bare.mjs'
const guest = path.join(import.meta.dirname, 'guest')

interface Watched {
  readonly pid: number
  /** One for each minute. */
  readonly minutes: { readonly cpuMs: number; readonly ms: number; readonly reads: number }[]
  memory: Memory
  calls: ReadonlyMap<string, number>
}

const sleepers = async (): Promise<Buffer> => {
  const source = path.join(guest, 'sleepers.c')
  const folder = await cachedFolder(`bench-sleepers-${contentHash([await readFile(source)])}`, async (draft) => {
    const flags = ['-O2', '-Wall', '-static', '-pthread', '-s']
    await run('gcc', [...flags, '-o', path.join(draft, 'bench-sleepers'), source])
  })
  return readFile(path.join(folder, 'bench-sleepers'))
}

/** The processes side by side, for as many minutes; system calls are counted after that. */
const watch = async (machine: Machine, pids: readonly number[]): Promise<Watched[]> => {
  const all: Watched[] = pids.map((pid) => ({ pid, minutes: [], memory: NOTHING, calls: new Map() }))
  const now = (): Promise<Usage[]> => Promise.all(pids.map((pid) => usageOf(machine, pid)))
  let before = await now()
  for (let minute = 0; minute < minutes; minute += 1) {
    await sleep(MINUTE_MS)
    const after = await now()
    for (const [index, { cpuMs, atMs, reads }] of after.entries()) {
      const from = before[index] ?? { cpuMs, atMs, reads }
      all[index]?.minutes.push({ cpuMs: cpuMs - from.cpuMs, ms: atMs - from.atMs, reads: reads - from.reads })
    }
    before = after
  }
  for (const one of all) one.memory = await memoryInGuest(machine, one.pid)
  const calls = await systemCalls(machine, pids, () => sleep(MINUTE_MS))
  for (const [index, one] of all.entries()) one.calls = calls[index] ?? one.calls
  return all
}
const NOTHING: Memory = { residentMiB: Number.NaN, shareMiB: Number.NaN }

const hostOf = async (program: ProgramUnderTest) => (await program.hosts(`filter=name:${HOST}`)).items[0]

const until = async (what: string, is: () => Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + SHOWN_MS_MAX; !(await is()); await sleep(500)) {
    if (Date.now() > deadline) throw new Error(`not within ${SHOWN_MS_MAX} ms: ${what}`)
  }
}

const startAgent = async (machine: Machine, program: ProgramUnderTest): Promise<number> => {
  const { token } = EnrolmentToken.parse(await (await program.ask('POST', '/api/v1/enrolment-tokens', {})).json())
  const server = `https://10.0.2.2:${new URL(program.agentAddress).port}`
  const enrolled = await machine.exec(['rebootless-agent', 'enrol', '--server', server, '--token', token])
  if (enrolled.code !== 0) throw new Error(enrolled.stderr)
  const pid = await machine.spawn(['rebootless-agent', 'run'], { unit: 'rebootless-agent' })
  await until(
    'the agent has told of its kernel',
    async () => (await hostOf(program))?.kernelRelease === machine.release,
  )
  return pid
}

const bare = (machine: Machine, kind: string, everyMs: number) =>
  machine.spawn(['node', BARE, kind, String(Math.round(everyMs))])

/** How many times as much processor time the same work takes in the guest. */
const emulation = async (machine: Machine): Promise<number[]> => {
  const ratios: number[] = []
  for (let turn = 0; turn < 3; turn += 1) {
    const inGuest = Number((await machine.exec(['node', BARE, 'work'])).stdout)
    ratios.push(inGuest / Number(await run(process.execPath, [path.join(guest, 'bare.mjs'), 'work'])))
  }
  return ratios
}

const measure = async (machine: Machine, program: ProgramUnderTest) => {
  const agent = await startAgent(machine, program)
  const before = await usageOf(machine, agent)
  await sleep(MINUTE_MS)
  const after = await usageOf(machine, agent)
  const wakesEveryMs = (after.atMs - before.atMs) / (after.sleeps - before.sleeps)
  const idle = await bare(machine, 'idle', wakesEveryMs)
  const rest = await bare(machine, 'rest', wakesEveryMs)
  await sleep(5_000)
  const atRest = await watch(machine, [agent, idle, rest])

  const asleep = await machine.spawn(['bench-sleepers', String(PROCESSES), String(THREADS)])
  await machine.insmod('lptarget')
  await machine.spawnReader({ path: '/proc/lpt/wait_killable', name: 'holder' })
  await until('all sleep', async () => {
    const { stdout } = await machine.exec(['sh', '-c', 'cat /proc/[0-9]*/task/*/wchan'])
    return stdout.includes('lpt_wait_killable')
  })
  await machine.insmod('lp_killable')
  await until('the transition is called stalled', async () => (await hostOf(program))?.state === 'stalled')
  const poll = await bare(machine, 'poll', POLL_EVERY_MS)
  const heldByLoop = async () => Number((await machine.output(poll)).stdout)
  await until('the bare loop holds all tasks', async () => (await heldByLoop()) > 0)
  await sleep(5_000)
  const inTransition = await watch(machine, [agent, poll])
  const tasks = (await hostOf(program))?.transition?.tasksTotal ?? 0
  const held = await heldByLoop()
  await machine.kill(asleep, 'SIGKILL')
  return { wakesEveryMs, atRest, inTransition, tasks, held, emulation: await emulation(machine) }
}

type Found = Awaited<ReturnType<typeof measure>>

const tell = ({ wakesEveryMs, atRest, inTransition, tasks, held, emulation: times }: Found): void => {
  const [agent, idle, rest] = atRest
  const [watching, poll] = inTransition
  if (!(agent && idle && rest && watching && poll)) throw new Error('a process was not watched')
  const middle = times.toSorted((left, right) => left - right)[1] ?? Number.NaN
  const without = (values: readonly number[]) => values.map((value) => value / middle)
  const ofCore = (one: Watched) => one.minutes.map(({ cpuMs, ms }) => (100 * cpuMs) / ms)
  const callsOf = (one: Watched) => [[...one.calls.values()].reduce((sum, hits) => sum + hits, 0) / 60]
  /** Of all that reads, patch_state alone is read by pread(2). */
  const polls = (one: Watched, each: number) => {
    const [preads = 0, reads = 0] = ['sys_pread64', 'sys_read'].map((name) => one.calls.get(name) ?? 0)
    return one.minutes.map((minute) => minute.cpuMs / ((minute.reads * preads) / (preads + reads) / each))
  }
  const [emptyNode, bareReader, bareLoop] = ['empty Node', 'bare reader', 'bare loop']
  const MiB = 'MiB'

  report.row({ what: 'the emulator, times as much processor time', unit: '', values: times })
  for (const [name, one] of [
    [emptyNode, idle],
    [bareReader, rest],
  ] as const) {
    const beside = { name, values: ofCore(one) }
    report.row({ what: 'at rest, of a core of the guest', unit: '%', values: ofCore(agent), beside })
  }
  report.row({
    ...{ what: 'at rest, of a core without the emulator', unit: '%', values: without(ofCore(agent)) },
    budget: { of: 'median', atMost: 0.2 },
  })
  const resident = { name: emptyNode, values: [idle.memory.residentMiB] }
  report.row({
    ...{ what: 'at rest, resident', unit: MiB, values: [agent.memory.residentMiB], beside: resident },
    budget: { of: 'median', atMost: 60 },
  })
  const share = { name: emptyNode, values: [idle.memory.shareMiB] }
  report.row({ what: 'at rest, its share (Pss)', unit: MiB, values: [agent.memory.shareMiB], beside: share })
  const calls = { name: bareReader, values: callsOf(rest) }
  report.row({ what: 'at rest, system calls a second', unit: '', values: callsOf(agent), beside: calls })

  const loop = { name: bareLoop, values: polls(poll, held) }
  const agentPolls = polls(watching, tasks)
  report.row({ what: 'in a transition, a poll in the guest', unit: 'ms', values: agentPolls, beside: loop })
  report.row({
    ...{ what: 'in a transition, a poll without the emulator', unit: 'ms', values: without(agentPolls) },
    budget: { of: 'median', atMost: 40 },
  })
  report.row({
    ...{ what: 'in a transition, of a core without the emulator', unit: '%', values: without(ofCore(watching)) },
    beside: { name: bareLoop, values: without(ofCore(poll)) },
  })
  report.row({
    ...{ what: 'in a transition, resident', unit: MiB, values: [watching.memory.residentMiB] },
    beside: { name: bareLoop, values: [poll.memory.residentMiB] },
  })
  report.row({
    ...{ what: 'in a transition, system calls a second', unit: '', values: callsOf(watching) },
    beside: { name: bareLoop, values: callsOf(poll) },
  })
  report.note(
    `It wakes each ${Math.round(wakesEveryMs)} ms at rest. The transition is over ${tasks} tasks; a poll is all that the agent does meanwhile, divided by its polls.`,
  )
}

const report = startReport('agent')
const program = await startProgramUnderTest(0)
try {
  const files = [
    { path: 'bin/bench-sleepers', kind: 'program', content: await sleepers() },
    { path: BARE.slice(1), kind: 'file', content: await readFile(path.join(guest, 'bare.mjs')) },
  ] as const
  const options = { kernel: KERNEL, agentBundle: AGENT, hostname: HOST, files } as const
  const found = await withMachine(options, async (machine) => {
    report.version('Linux', machine.release)
    return await measure(machine, program)
  })
  tell(found)
} finally {
  await program.stop()
}
if (!(await report.end())) process.exitCode = 1
