// Goal: an agent that is killed, and a host that loses its power, at any step of an act neither lose it nor do it twice, and
// what is told of it is true (T38). Method: the bundled agent on a real kernel, with guest/at-effect.mjs to end it before each
// effect that it has, one after the other; its data directory on a disk, of which a cut of power leaves what was synced.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from '@playwright/test'
import type { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import { afterAll, beforeAll, test } from 'vitest'
import { type Program, startProgram } from '../program.ts'
import { LAB_CLASS, sleepInOldFunction, stalled, TOLD_WITHIN_MS, upload } from './acts.ts'
import { kernelFolder } from './lab/cache.ts'
import { makeDisk } from './lab/disk.ts'
import { livepatchFiles, transitionEnds } from './lab/livepatch.ts'
import type { Machine, MachineOptions } from './lab/machine.ts'
import { withMachine } from './lab/with-machine.ts'
import { AGENT } from './live-host.ts'
import {
  type Act,
  addPerson,
  answer,
  askWhenPossible,
  endOf,
  PASSWORD,
  type Person,
  signInAsAdmin,
  tryToAsk,
} from './people.ts'

let program: Program
let admin: Person
let operator: Person
let folder: string

beforeAll(async () => {
  program = await startProgram({ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' })
  admin = await signInAsAdmin(program)
  operator = await addPerson(admin, program, 'operator', 'operator')
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-disk-'))
})

afterAll(async () => {
  await program?.remove()
  if (folder !== undefined) await rm(folder, { recursive: true })
})

/** A guest that takes commands, and can be ended at their effects. */
async function crashing(hostname: string): Promise<MachineOptions> {
  const hook = await readFile(path.join(kernelFolder, 'guest/at-effect.mjs'))
  return {
    ...{ kernel: '6.12', agentBundle: AGENT, hostname },
    files: [LAB_CLASS, { path: 'lib/lab/at-effect.mjs', kind: 'file', content: hook }],
    disk: await makeDisk(path.join(folder, hostname)),
  }
}

test('T38 killed at each effect of a load and of a disable, and without power at the end of a load', async () => {
  const options = await crashing('killed')
  let open: AuthorisationDetail | undefined
  await withMachine(options, async (machine) => {
    const hosts = await enrol(machine)
    const load: Act = { action: 'load', artefact: await upload(operator, machine, 'lp_simple'), hosts }
    const effects = await killedAtEach(machine, load, {
      count: () => countOf(machine, "enabling patch 'lp_simple'"),
      isDone: async () => (await livepatchFiles(machine, 'lp_simple'))?.enabled === true,
      undo: () => takeOut(machine),
    })
    expect(effects).toEqual(expect.arrayContaining(['record of the taking', 'record insert', 'insmod', 'record ended']))

    await machine.insmod('lp_simple')
    const disable: Act = { action: 'disable', patch: 'lp_simple', hosts }
    const others = await killedAtEach(machine, disable, {
      count: () => countOf(machine, "'lp_simple': starting unpatching"),
      isDone: async () => (await livepatchFiles(machine, 'lp_simple')) === undefined,
      undo: async () => {
        await machine.rmmod('lp_simple')
        await machine.insmod('lp_simple')
        await transitionEnds(machine, 'lp_simple')
      },
    })
    expect(others).toEqual(expect.arrayContaining(['record write_enabled', 'write enabled', 'record ended']))
    await takeOut(machine)

    const agent = await startAgent(machine, 'hold:record ended')
    open = await askWhenPossible(operator, load)
    await comesTo(machine, agent, 'record ended')
    expect(await livepatchFiles(machine, 'lp_simple'), 'it was in').toMatchObject({ enabled: true })
    await machine.stop()
  })
  await withMachine(options, async (machine) => {
    await isToldRestarted(machine, open)
    await machine.powerOff()
  })
})

test('T38 T26 without power before a force is written down and before it is done, and killed before it is told', async () => {
  const options = await crashing('forced')
  let open: Forced | undefined
  await withMachine(options, async (machine) => {
    await enrol(machine)
    open = await forceHeldAt(machine, 'record forced')
    await machine.stop()
  })
  await withMachine(options, async (machine) => {
    await isToldRestarted(machine, open?.load, open?.force)
    open = await forceHeldAt(machine, 'write force')
    await machine.stop()
  })
  await withMachine(options, async (machine) => {
    await isToldRestarted(machine, open?.load, open?.force)
    await forceKilledBeforeItIsTold(machine)
    await machine.powerOff()
  })
})

/** Starts the agent; `atEffect` as guest/at-effect.mjs takes it. */
const startAgent = (machine: Machine, atEffect = ''): Promise<number> =>
  machine.spawn([
    ...['env', `AT_EFFECT=${atEffect}`],
    ...['node', '--import', '/lib/lab/at-effect.mjs', '/usr/lib/rebootless/agent.mjs', 'run'],
  ])

async function stopAgent(machine: Machine, agent: number): Promise<void> {
  // It may have been killed before the very last effect, which nobody waits for.
  await machine.exec(['kill', `${agent}`])
  await machine.wait(agent)
}

async function effectsOf(machine: Machine, agent: number): Promise<string[]> {
  const { stderr } = await machine.output(agent)
  return Array.from(stderr.matchAll(/^effect \d+: (.*)$/gm), ([, name = '']) => name)
}

async function enrol(machine: Machine) {
  await machine.exec(['sh', '-c', 'rm -rf /var/lib/rebootless/*'])
  const { token } = await answer(admin.api.post('/api/v1/enrolment-tokens', { data: {} }))
  const server = `https://10.0.2.2:${new URL(program.agentAddress).port}`
  const enrolled = await machine.exec(['rebootless-agent', 'enrol', '--server', server, '--token', token])
  expect(enrolled.code, enrolled.stderr).toBe(0)
  return await hostsOf(machine)
}

const countOf = async (machine: Machine, text: string): Promise<number> =>
  (await machine.exec(['dmesg'])).stdout.split(text).length - 1

async function takeOut(machine: Machine): Promise<void> {
  await machine.write('/sys/kernel/livepatch/lp_simple/enabled', '0\n')
  await transitionEnds(machine, 'lp_simple', 'gone')
  await machine.rmmod('lp_simple')
}

/** How the kernel tells of an act, and how to begin anew. */
interface Told {
  /** How often it was done in this boot, by the kernel's log. */
  count(): Promise<number>
  isDone(): Promise<boolean>
  undo(): Promise<void>
}

/**
 * Each agent is killed before one effect more than the one before it, and finds what that one left. Ends when one comes
 * through; answers the names of its effects.
 */
async function killedAtEach(machine: Machine, act: Act, told: Told): Promise<string[]> {
  const forgetModules = () => machine.exec(['rm', '-rf', '/var/lib/rebootless/artefacts'])
  await forgetModules()
  let agent = await startAgent(machine, 'die:1')
  let asked = await askWhenPossible(operator, act)
  let before = await told.count()
  for (let at = 1; ; ) {
    const ended = await Promise.race([machine.wait(agent), endOf(operator, asked)])
    if ('signal' in ended) {
      expect(await effectsOf(machine, agent), 'killed where it was to be').toHaveLength(at)
      at += 1
      agent = await startAgent(machine, `die:${at}`)
      continue
    }
    const isDone = await told.isDone()
    expect(`${ended.state} ${ended.code}`).toBe(isDone ? 'done null' : 'failed interrupted')
    expect(await told.count(), 'never twice').toBe(before + Number(isDone))
    const effects = await effectsOf(machine, agent)
    if (isDone) await told.undo()
    if (effects.length > 0) {
      await stopAgent(machine, agent)
      return effects
    }
    // One that is kept already would be one effect less.
    await forgetModules()
    before = await told.count()
    asked = await askWhenPossible(operator, act)
  }
}

/** Until the agent stands still before the effect of this name. */
const comesTo = (machine: Machine, agent: number, name: string) =>
  expect.poll(() => effectsOf(machine, agent), { timeout: TOLD_WITHIN_MS }).toContain(name)

const hostsOf = async (machine: Machine) => [
  { id: String(JSON.parse(await machine.read('/var/lib/rebootless/identity.json')).hostId) },
]

/** After a cut of power: what was open is ended by what the agent finds. */
async function isToldRestarted(machine: Machine, ...open: (AuthorisationDetail | undefined)[]): Promise<void> {
  const agent = await startAgent(machine)
  for (const asked of open) {
    if (asked === undefined) throw new Error('nothing was asked for')
    const { state, code } = await endOf(operator, asked)
    expect(`${state} ${code}`).toMatch(/^failed (restarted|interrupted)$/)
  }
  expect(await countOf(machine, 'livepatch:'), 'nothing is repeated').toBe(0)
  expect(await effectsOf(machine, agent)).toEqual([])
  await stopAgent(machine, agent)
}

interface Forced {
  readonly load: AuthorisationDetail
  readonly force: AuthorisationDetail
}

/** A stalled load, and a force of it that comes no further than this. */
async function forceHeldAt(machine: Machine, name: string): Promise<Forced> {
  const { agent, load, force } = await stallAndForce(machine, `hold:${name}`)
  await comesTo(machine, agent, name)
  expect(await livepatchFiles(machine, 'lp_killable'), 'not forced').toEqual({ enabled: true, transition: true })
  return { load, force }
}

/** By one agent, to which `atEffect` happens. */
async function stallAndForce(machine: Machine, atEffect: string) {
  await sleepInOldFunction(machine)
  const agent = await startAgent(machine, atEffect)
  const hosts = await hostsOf(machine)
  const artefact = await upload(operator, machine, 'lp_killable')
  const load = await askWhenPossible(operator, { action: 'load', artefact, hosts })
  await stalled(operator, hosts[0]?.id ?? '')
  const force = await askWhenPossible(operator, { action: 'force', patch: 'lp_killable', hosts })
  return { agent, hosts, load, force }
}

/** The kernel has done it, the agent has not said so: the next one finds it in the kernel's log, and nothing more may be done. */
async function forceKilledBeforeItIsTold(machine: Machine): Promise<void> {
  const { agent, hosts, load, force } = await stallAndForce(machine, 'die:record ended')
  expect(await machine.wait(agent)).toMatchObject({ signal: 'SIGKILL' })
  expect(await effectsOf(machine, agent)).toContain('write force')
  await startAgent(machine)
  expect(await endOf(operator, force)).toMatchObject({ state: 'done' })
  expect(await endOf(operator, load)).toMatchObject({ state: 'done' })
  expect(await countOf(machine, 'forcing remaining tasks'), 'never twice').toBe(1)
  const artefact = await upload(operator, machine, 'lp_target')
  const more = await tryToAsk(operator, { action: 'load', artefact, hosts })
  expect([more.status(), (await more.json()).detail]).toEqual([409, expect.stringContaining('only a restart')])
}
