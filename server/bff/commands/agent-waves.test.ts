// Goal: agents are replaced wave by wave, and a release that does not come back stops at the wave that it broke. Method: the
// dispatcher over real PostgreSQL, with links that the test answers on.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CommandResult } from '@rebootless/shared/contract/agent-message.ts'
import { Command } from '@rebootless/shared/contract/command.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newKey, signatureBy } from '../../agent/commands/test-commands.ts'
import { makeAgentRelease } from '../../build/agent-release.ts'
import { type OfferedAgent, readOfferedAgent } from './agent-release-file.ts'
import { addTestHost, listeningLink, type TestHost } from './test-fleet.ts'
import { startOutboxBench } from './test-outbox.ts'

let bench: Awaited<ReturnType<typeof startOutboxBench>>
let folder: string
let offered: OfferedAgent
const log = { warn: () => undefined }
beforeEach(async () => {
  bench = await startOutboxBench()
  folder = await mkdtemp(path.join(tmpdir(), 'rebootless-offered-'))
  const key = newKey()
  const agent = Buffer.from('#!/usr/bin/env node\n// rebootless-agent 9.0.0, Apache-2.0\n')
  const sign = async (type: Parameters<typeof signatureBy>[1], payload: string) => signatureBy(key, type, payload)
  await writeFile(path.join(folder, 'agent.release'), await makeAgentRelease(agent, { ...key, sign }))
  offered = (await readOfferedAgent(path.join(folder, 'agent.release'), log)) as OfferedAgent
})
afterEach(async () => {
  await bench.end()
  await rm(folder, { recursive: true, force: true })
})

/** The first host at once, the others an hour later; all are linked. */
const askedFor = async (hosts: readonly TestHost[]) => {
  const dispatcher = bench.dispatcherOver(undefined, offered)
  await bench.updateAgents(hosts, offered)
  const links = hosts.map((host) => listeningLink(host))
  for (const link of links) dispatcher.linkOpened(link)
  await dispatcher.look()
  const commandOf = (index: number) =>
    links[index]?.sent.flatMap((message) =>
      message.type === 'command' ? [Command.parse(JSON.parse(message.command.payload))] : [],
    )[0]
  return {
    dispatcher,
    commandOf,
    async ends(index: number, state: CommandResult['state']) {
      const commandId = commandOf(index)?.id ?? ''
      const at = bench.clock.now().toISOString()
      const result = {
        type: 'result',
        epoch: 1,
        sequence: 1,
        sentAt: at,
        commandId,
        code: null,
        detail: 'so',
        at,
      } as const
      await dispatcher.accept(hosts[index]?.id ?? '', { ...result, state }, bench.clock.now())
      await dispatcher.look()
    },
    async waitingFor(index: number) {
      const rows = await bench.database.kysely.selectFrom('commands').selectAll().execute()
      return rows.find((row) => row.host_id === hosts[index]?.id)?.waiting_for
    },
  }
}
const someHosts = async () => {
  const hosts: TestHost[] = []
  for (const name of ['one', 'two', 'three']) {
    hosts.push(await addTestHost(bench.database.kysely, { name, now: bench.clock.now() }))
  }
  return hosts
}
const LATER_MS = 3_700_000

test('a wave waits for its time and for every host before it, and then goes', async () => {
  const fleet = await askedFor(await someHosts())
  expect([0, 1, 2].map((index) => fleet.commandOf(index) !== undefined)).toEqual([true, false, false])
  bench.pass(LATER_MS)
  await fleet.dispatcher.look()
  expect(fleet.commandOf(1)).toBeUndefined()
  expect(await fleet.waitingFor(1)).toBe('It waits until 1 host of a wave before has the new agent.')
  await fleet.ends(0, 'done')
  expect([1, 2].map((index) => fleet.commandOf(index) !== undefined)).toEqual([true, true])
})

test.each(['failed', 'unknown'] as const)('one that ends as %s stops the waves after it', async (state) => {
  const fleet = await askedFor(await someHosts())
  await fleet.ends(0, state)
  bench.pass(LATER_MS)
  await fleet.dispatcher.look()
  expect([1, 2].map((index) => fleet.commandOf(index))).toEqual([undefined, undefined])
  expect(await fleet.waitingFor(2)).toContain('It stopped at 1 host of a wave before')
})

test('a host that refuses keeps what it had, and holds nobody up', async () => {
  const fleet = await askedFor(await someHosts())
  await fleet.ends(0, 'refused')
  bench.pass(LATER_MS)
  await fleet.dispatcher.look()
  expect(fleet.commandOf(1)).toBeDefined()
})

test('the release is given to the hosts that were told of it, as long as they are at it; none of another form is offered', async () => {
  const [first, second, third] = await someHosts()
  if (first === undefined || second === undefined || third === undefined) throw new Error('no hosts')
  const fleet = await askedFor([first, second, third])
  const given = async (host: TestHost) => (await fleet.dispatcher.artefact(host.id, offered.sha256))?.size
  expect([await given(first), await given(second)]).toEqual([offered.content.length, undefined])
  await fleet.ends(0, 'done')
  expect(await given(first)).toBeUndefined()

  await writeFile(path.join(folder, 'cut'), offered.content.subarray(0, -1))
  expect(await readOfferedAgent(path.join(folder, 'cut'), log)).toBeUndefined()
  expect(await readOfferedAgent(path.join(folder, 'none'), log)).toBeUndefined()
  await expect(bench.updateAgents([first], undefined)).rejects.toThrow(/offers no agent.*agent\.release/)
})
