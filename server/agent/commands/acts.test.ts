// Goal: each command does to a kernel what it says, once, and says what became of it; what the kernel would refuse is refused
// before. Method: the desk over a simulated host on which the oldest patch is in, on a virtual clock.
import { beforeEach, describe, expect, test } from 'vitest'
import type { FleetKind } from '../../sim/fleet/fleet-mix.ts'
import { type AgentConfig, LAB_POLICY } from '../config/host-policy.ts'
import { actsOn, type Message } from './test-acts.ts'
import { type CommandBench, commandsOn, createCommandBench } from './test-command-bench.ts'
import { freezeOf, newKey } from './test-commands.ts'
import { planOf } from './test-plans.ts'

let bench: CommandBench
let make: ReturnType<typeof commandsOn>
let agent: Awaited<ReturnType<CommandBench['startAgent']>>
let newest: string
beforeEach(async () => {
  bench = await createCommandBench()
  make = commandsOn(bench)
  newest = bench.patchName(-1)
  agent = await bench.startAgent()
  await bench.advance(8)
})

const { begin, endOf, run, done, stalledLoad } = actsOn(() => ({ bench, make, agent }))

describe('the way in and out', () => {
  test('load, disable, enable: in, out, and in again by rmmod and insmod of the copy that was kept', async () => {
    expect(await run(make.load(-1))).toMatchObject({ state: 'done', code: null })
    expect(bench.inEffect()).toEqual([newest])
    expect(await run(make.onPatch('disable', -1))).toMatchObject({ state: 'done' })
    expect(bench.inEffect()).toEqual([])
    expect(await run(make.onPatch('enable', -1))).toMatchObject({ state: 'done' })
    expect(bench.inEffect()).toEqual([newest])
    const enabled = `${newest}/enabled`
    expect(done()).toEqual(['run insmod FILE', `write 0 ${enabled}`, `run rmmod ${newest}`, 'run insmod FILE'])
  })

  test('what was approved with a load takes it out again, in effect or on its way', async () => {
    const load = make.load(-1, { reversal: true })
    expect(await run(load)).toMatchObject({ state: 'done' })
    const authorisation = JSON.parse(load.authorisation.payload)
    const undo = make.send(authorisation, { command: { part: 'reversal' } })
    expect(await run(undo)).toMatchObject({ state: 'done' })
    expect(bench.inEffect()).toEqual([])
  })

  test('a load that is reversed meanwhile has failed, and says why', async () => {
    const { message, told } = await stalledLoad()
    expect(told).toMatchObject({ state: 'started', detail: expect.stringMatching(/is stalled: 1 task blocks/) })
    expect(await run(make.onPatch('reverse', -1))).toMatchObject({ state: 'done' })
    expect(endOf(message)).toMatchObject({ state: 'failed', code: 'gone' })
    expect(bench.inEffect()).toEqual([bench.patchName(0)])
  })

  test('a stalled load is done when its blocker has gone on; until then it says that it stalls, also when asked again', async () => {
    const { message, told } = await stalledLoad()
    expect(endOf(message)).toBeUndefined()
    await begin(message, 1)
    expect(bench.results.at(-1)).toMatchObject({ state: 'started', detail: told?.detail })
    bench.letGo()
    await bench.advance(5)
    expect(endOf(message)).toMatchObject({ state: 'done' })
  })

  test('retry: back, out, and in anew, by the copy that is at hand', async () => {
    const { message } = await stalledLoad()
    const retry = await begin(make.onPatch('retry', -1), 3)
    bench.letGo()
    await bench.advance(10)
    expect(endOf(retry)).toMatchObject({ state: 'done' })
    expect(endOf(message)?.state).toBeDefined()
    expect(bench.inEffect()).toEqual([newest])
    expect(done().slice(1)).toEqual([`write 0 ${newest}/enabled`, `run rmmod ${newest}`, 'run insmod FILE'])
  })

  test('refresh reads and changes nothing', async () => {
    expect(await run(make.send({ action: 'refresh', kernel: null }))).toMatchObject({ state: 'done' })
    expect(done()).toEqual([])
  })

  test('an update of a system without a documented command is refused; of a tool that is not there too', async () => {
    expect(await run(make.send({ action: 'update', provider: 'kgraft' }))).toMatchObject({ code: 'update_unsupported' })
    expect(await run(make.send({ action: 'update', provider: '__proto__' }))).toMatchObject({
      code: 'update_unsupported',
    })
    expect(done()).toEqual([])
    const absent = make.send({ action: 'update', provider: 'kernelcare' })
    expect(await run(absent)).toMatchObject({ state: 'refused', code: 'tool_missing' })
  })

  const dnf = '--setopt=install_weak_deps=False'
  const zypper = 'install --no-recommends --type package --name'
  test.each<[FleetKind, string, RegExp[]]>([
    ['kernelcare', 'kernelcare', [/^run kcarectl --update$/]],
    ['ksplice', 'ksplice', [/^run uptrack-upgrade -y$/]],
    ['canonical', 'canonical', [/^run canonical-livepatch refresh$/]],
    [
      ...(['kpatch', 'kpatch'] as const),
      [
        /^run rpm -q kpatch-patch-5_14_0-70_13_1$/,
        new RegExp(`^run dnf --assumeno ${dnf} install kpatch-patch-5_14_0-70_13_1$`),
        new RegExp(`^run dnf -y ${dnf} install kpatch-patch-5_14_0-70_13_1-1-1\\.el9_0\\.x86_64$`),
        /^run kpatch load --all$/,
      ],
    ],
    [
      ...(['amazon', 'kpatch'] as const),
      [
        /^run rpm -q kernel-livepatch-6\.1\.12-19\.43$/,
        new RegExp(`^run dnf --assumeno ${dnf} install kernel-livepatch-6\\.1\\.12-19\\.43$`),
        new RegExp(`^run dnf -y ${dnf} install kernel-livepatch-6\\.1\\.12-19\\.43-1\\.0-0\\.amzn2023\\.\\w+$`),
        /^run kpatch load --all$/,
      ],
    ],
    [
      ...(['kpatch_core', 'kpatch'] as const),
      [
        /^run rpm -q kpatch-patch-3_10_0-1062_1_1$/,
        /^run dnf --assumeno /,
        /^run rpm -q kpatch-patch-3_10_0-1062_1_1$/,
        /^run yum --assumeno install kpatch-patch-3_10_0-1062_1_1$/,
        /^run yum -y install kpatch-patch-3_10_0-1062_1_1-1-2\.el7\.x86_64$/,
        /^run kpatch load --all$/,
      ],
    ],
    [
      ...(['klp', 'klp'] as const),
      [
        new RegExp(`^run zypper --non-interactive --xmlout ${zypper} --dry-run kernel-livepatch-[\\d_-]+-default$`),
        new RegExp(
          `^run zypper --non-interactive --no-refresh ${zypper} kernel-livepatch-[\\d_-]+-default-\\d+-[\\d.]+\\.\\w+$`,
        ),
      ],
    ],
  ])('update of %s by %s: the vendor’s own words, and its patches are in', async (kind, provider, expected) => {
    const plan = planOf(kind)
    bench = await createCommandBench({ plan })
    make = commandsOn(bench)
    agent = await bench.startAgent()
    await bench.advance(8)
    const update = make.send({ action: 'update', provider })
    expect(await run(update, 120)).toMatchObject({ state: 'done' })
    expect(done()).toEqual(expected.map((pattern) => expect.stringMatching(pattern)))
    const { system, livepatch } = bench.host.kernel?.state ?? {}
    const names = system == null ? livepatch?.patches.map(({ name }) => name) : system.applied.map(({ name }) => name)
    expect(names).toContain(plan.patches.at(-1)?.image.name)
    // Once: told again, nothing is run again.
    const before = done().length
    expect(await run(update)).toBeDefined()
    expect(done()).toHaveLength(before)
  })

  test('T27 no package is installed where agent.json does not say packageUpdates', async () => {
    const policy = { ...LAB_POLICY, config: { ...LAB_POLICY.config, packageUpdates: undefined } as AgentConfig }
    for (const [kind, provider, expected] of [
      ['klp', 'klp', []],
      ['kpatch', 'kpatch', ['run kpatch load --all']],
    ] as const) {
      bench = await createCommandBench({ plan: planOf(kind), policy })
      make = commandsOn(bench)
      agent = await bench.startAgent()
      await bench.advance(8)
      const ended = await run(make.send({ action: 'update', provider }), 120)
      if (kind === 'klp') expect(ended).toMatchObject({ state: 'refused', code: 'action_barred' })
      expect(done()).toEqual(expected)
    }
  })

  test('a recording is not changed', async () => {
    bench = await createCommandBench({ recorded: true })
    make = commandsOn(bench)
    agent = await bench.startAgent()
    expect(await run(make.load(-1))).toMatchObject({ state: 'refused', code: 'recording' })
  })
})

describe('what is refused before the kernel is asked', () => {
  const nothingDone = async (message: Message, code: string) => {
    const before = done().length
    expect(await run(message)).toMatchObject({ state: 'refused', code })
    expect(done()).toHaveLength(before)
  }

  test('T24 a load of what is loaded; an enable, disable, reverse, retry of what is not so', async () => {
    await nothingDone(make.load(0), 'already_loaded')
    await nothingDone(make.onPatch('enable', -1), 'not_loaded')
    await nothingDone(make.onPatch('enable', 0), 'not_disabled')
    await nothingDone(make.onPatch('disable', -1), 'not_loaded')
    await nothingDone(make.onPatch('reverse', 0), 'no_transition')
    await nothingDone(make.onPatch('retry', 0), 'no_transition')
  })

  test('T24 a load or disable during a transition, which the kernel would answer with EBUSY', async () => {
    await stalledLoad()
    await nothingDone(make.load(-2), 'transition_running')
    await nothingDone(make.onPatch('disable', 0), 'transition_running')
  })

  const altered = (change: (file: string) => string) => {
    const bytes = Buffer.from(change(Buffer.from(bench.moduleFile(-1)).toString('latin1')), 'latin1')
    return make.load(-1, { artefact: { sha256: bench.offer(bytes), size: bytes.length, releaseCounter: 9 } })
  }
  test.each<[string, (file: string) => string, string]>([
    ['a plain module', (file) => file.replace('livepatch=Y', 'livepatch=N'), 'artefact_not_livepatch'],
    ['not ELF', (file) => `#!/bin/sh\n${file}`, 'artefact_not_livepatch'],
    ['cut short', (file) => file.slice(0, 100), 'artefact_not_livepatch'],
    ['another name', (file) => file.replace(/name=(.)/, 'name=X'), 'artefact_name'],
    ['another kernel', (file) => file.replace(/vermagic=./, 'vermagic=9'), 'artefact_kernel'],
    [
      'a module that is not loaded',
      (file) => file.replace('depends=\0srcversion=', 'depends=nf_xyz,abcd='),
      'artefact_depends',
    ],
  ])('T24 %s', async (_name, change, code) => {
    await nothingDone(altered(change), code)
  })

  test('T24 the file is not the approved one, of another size, or not to be had', async () => {
    const artefact = make.artefact(-1)
    const load = (change: object) => make.load(-1, { artefact: { ...artefact, ...change } })
    await nothingDone(load({ size: artefact.size + 1 }), 'artefact_mismatch')
    await nothingDone(load({ sha256: '0'.repeat(64) }), 'artefact_unavailable')
  })

  test('T24 the file is swapped between the check and the load: what lies there is hashed once more', async () => {
    bench.swapFile((bytes) => Uint8Array.from([...bytes.slice(0, -1), 0]))
    await nothingDone(make.load(-1), 'artefact_mismatch')
  })

  test('T24 an older release than was in, but for an approved downgrade', async () => {
    const old = bench.patchName(-2)
    expect(await run(make.load(-1, { artefact: make.artefact(-1, 7) }))).toMatchObject({ state: 'done' })
    await nothingDone(make.load(-2, { artefact: make.artefact(-2, 6) }), 'artefact_older')
    const downgrade = make.load(-2, { artefact: make.artefact(-2, 6), downgrade: true })
    expect(await run(downgrade)).toMatchObject({ state: 'done' })
    expect(bench.inEffect()).toEqual([old])
  })

  test('T24 unsigned, where the kernel wants signatures', async () => {
    const unsigned = (file: string) => file.slice(0, -'~Module signature appended~\n'.length)
    const { kernel } = bench.host
    if (kernel === null) throw new Error('off')
    kernel.state.switches.signaturesEnforced = true
    await nothingDone(altered(unsigned), 'artefact_unsigned')
    kernel.state.switches.signaturesEnforced = false
    kernel.state.switches.lockdown = 'integrity'
    await nothingDone(altered(unsigned), 'artefact_unsigned')
  })
})

describe('T28 stop and freeze', () => {
  test('T28 between two steps: the next is not taken, and it is said where that leaves the patch', async () => {
    expect(await run(make.load(-1))).toMatchObject({ state: 'done' })
    expect(await run(make.onPatch('disable', -1))).toMatchObject({ state: 'done' })
    const enable = make.onPatch('enable', -1)
    agent.desk.command(enable)
    while (!done().at(-1)?.startsWith('run rmmod')) await bench.advance(0.001)
    bench.setStopped(true)
    await bench.advance(10)
    expect(endOf(enable)).toMatchObject({
      state: 'failed',
      code: 'stopped',
      detail: expect.stringMatching(/was removed/),
    })
    expect(done().filter((effect) => effect.startsWith('run insmod'))).toHaveLength(1)
  })

  test('what comes right behind a lifting finds it lifted', async () => {
    agent.desk.freeze(freezeOf(bench.server, true, 1, bench.nowMs()))
    await bench.advance(1)
    expect(await run(make.load(-1))).toMatchObject({ state: 'refused', code: 'frozen' })
    const lifting = freezeOf(bench.server, false, 2, bench.nowMs())
    const load = make.load(-1)
    agent.desk.freeze(lifting)
    expect(await run(load)).toMatchObject({ state: 'done' })
  })

  test('a key of the server that is another one freezes nothing', async () => {
    const other = newKey()
    agent.desk.freeze(freezeOf(other, true, 1))
    await bench.advance(1)
    expect(await run(make.load(-1))).toMatchObject({ state: 'done' })
  })
})
