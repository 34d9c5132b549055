// Goal: an agent whose files were damaged by a power cut or a bad disk refuses what it can no longer know, says what to do, and touches
// nothing; what it can make anew it does, as the same host. Method: the built agent, linked once to the built program; each file cut at
// a place of chance, filled with zeros, or emptied; the agent started on it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { EnrolmentToken } from '@rebootless/shared/contract/enrolment.ts'
import { expect, test } from 'vitest'
import { end, runBuilt, spawnBuilt } from '../program.ts'
import { beginFault, until } from './fault.ts'

/** As the agent writes them; a journal of a host that has begun an act. */
const JOURNAL = 'commands.journal'

test('state-file', async () => {
  const fault = beginFault(
    'state-file',
    'without a sound identity the agent ends with a sentence; without a sound journal it takes no command and says so; any other file it ' +
      'makes anew, as the same host. A damaged file is never overwritten by what replaces a lost one.',
  )
  const { random, measured, report, inTheEnd, step } = fault
  const program = await startProgramUnderTest(0, { quiet: true })
  inTheEnd(program.stop)
  const data = await mkdtemp(path.join(tmpdir(), 'rebootless-faults-'))
  inTheEnd(() => rm(data, { recursive: true, force: true }))
  const { token } = EnrolmentToken.parse(await (await program.ask('POST', '/api/v1/enrolment-tokens', {})).json())
  const words = ['--data', data]
  const enrolled = await runBuilt('agent.mjs', ['enrol', '--server', program.agentAddress, '--token', token, ...words])
  expect(enrolled.code, enrolled.output).toBe(0)
  const { hostId } = JSON.parse(await readFile(path.join(data, 'identity.json'), 'utf8'))

  const run = ['run', '--config', path.join(data, 'agent.json'), ...words]
  /** Starts it, and ends it once `isSo`. */
  const started = async (isSo: (output: string) => boolean | Promise<boolean>): Promise<string> => {
    const { child, output } = spawnBuilt('agent.mjs', run)
    try {
      await until('the agent does it', async () => child.exitCode !== null || (await isSo(output())), { everyMs: 100 })
    } finally {
      await end(child, 'SIGTERM')
    }
    return output()
  }
  const isConnected = (output: string) => output.includes('connected to https://')
  await started(isConnected)
  const journal = path.join(data, JOURNAL)
  const sound: Record<string, Buffer> = {
    'identity.json': await readFile(path.join(data, 'identity.json')),
    [JOURNAL]: await readFile(journal).catch(() => Buffer.from('{"accepted":')),
    epoch: await readFile(path.join(data, 'epoch')),
  }
  const damages: Record<string, (whole: Buffer) => Buffer> = {
    cut: (whole) => whole.subarray(0, random.integer(1, Math.max(1, whole.length - 3))),
    zeros: (whole) => Buffer.alloc(whole.length),
    empty: () => Buffer.alloc(0),
  }
  let [tried, silentlyGone, wordless, otherHosts] = [0, 0, 0, 0]
  for (const [name, whole] of Object.entries(sound)) {
    for (const damage of Object.values(damages)) {
      const file = path.join(data, name)
      const damaged = damage(whole)
      await writeFile(file, damaged)
      tried += 1
      const output = await started(
        (said) => isConnected(said) && (name !== JOURNAL || said.includes('no command is taken')),
      )
      const after = await readFile(file)
      if (name === 'identity.json' && !/is damaged: remove it and enrol this host again/.test(output)) wordless += 1
      if (name === JOURNAL && !/no command is taken: .*enrol this host again/.test(output)) wordless += 1
      if (name !== 'epoch' && !after.equals(damaged)) silentlyGone += 1
      const { items } = await program.hosts('limit=100')
      if (items.filter(({ id }) => id === hostId).length !== 1) otherHosts += 1
      await writeFile(file, whole)
    }
    step(`${name} damaged`)
  }
  const output = await started(isConnected)
  expect(output, 'sound again, it is linked').toContain('connected to')
  measured('damages tried', '', tried)
  measured('that were not told, with what to do', '', wordless, 0)
  measured('damaged files that were overwritten', '', silentlyGone, 0)
  measured('that made another host of it', '', otherHosts, 0)
  report.note('Identity, journal and epoch, each cut short, filled with zeros, and emptied.')
  expect(await report.end()).toBe(true)
})
