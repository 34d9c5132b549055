// Goal: whoever holds the server with every key in it can make a host of class production do nothing but what its approvers
// signed, for that host, kernel and time, and once (T22). Method: the real agent over its own data directory and a simulated
// kernel; a server of the test's own that signs with the server's key whatever it likes; all that reaches kernel and programs is
// counted, and the reason of each refusal must be the right one.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandMessage } from '@rebootless/shared/contract/agent-message.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { eventually } from '../../bff/link/link-test-bench.ts'
import type { HostPolicy } from '../config/host-policy.ts'
import { freezeOf, HOST_ID, idOf, instant, newKey, signedBy } from './test-commands.ts'
import { ALTERED, type HostileServer, startHostileServer } from './test-hostile-server.ts'

const [server, ada, bob, eve] = [newKey(), newKey(), newKey(), newKey()]
const policy: HostPolicy = {
  ...{ hostClass: 'production', reason: null },
  config: {
    ...{ class: 'production', threshold: 2, neverForce: true },
    approvers: [
      { name: 'ada', publicKey: ada.publicKey },
      { name: 'bob', publicKey: bob.publicKey },
    ],
  },
}

let hostile: HostileServer
beforeAll(async () => {
  hostile = await startHostileServer(server, policy)
})
afterAll(() => hostile.end())

beforeEach(() => {
  hostile.acts.length = 0
})

test('the host tells what it lets be done to it, and which build its kernel is', async () => {
  await eventually('a snapshot', () => hostile.told.buildId !== null)
  expect(hostile.told.buildId).toMatch(/^[0-9a-f]{40}$/)
  expect(hostile.told.policy).toMatchObject({ hostClass: 'production', threshold: 2, neverForce: true, stopped: false })
})

describe('T22 with every key of the server', () => {
  const both = [ada, bob]
  const OTHER = '11111111-1111-4111-8111-111111111111'
  const refusals: readonly (readonly [name: string, code: string, make: () => CommandMessage])[] = [
    ['arbitrary: nobody approved it', 'approvals_missing', () => hostile.message(hostile.signed(hostile.load(), []))],
    [
      'arbitrary: approved by keys of its own',
      'approver_unknown',
      () => hostile.message(hostile.signed(hostile.load(), [server, eve])),
    ],
    ['by one stolen key of two', 'approver_unknown', () => hostile.message(hostile.signed(hostile.load(), [ada, eve]))],
    [
      'altered: another patch than was signed',
      'approver_signature',
      () => {
        const { payload, ...rest } = hostile.signed(hostile.load(), both)
        return hostile.message({ ...rest, payload: payload.replace(hostile.patchName, 'livepatch_1') })
      },
    ],
    [
      'altered after the command was made',
      'authorisation_mismatch',
      () => {
        const good = hostile.message(hostile.signed(hostile.load(), both))
        return { ...good, authorisation: hostile.signed(hostile.load({ reason: 'another' }), both) }
      },
    ],
    [
      'mixed: the command of one, the authorisation of another',
      'authorisation_mismatch',
      () => {
        const one = hostile.message(hostile.signed(hostile.load(), both))
        const other = hostile.message(hostile.signed(hostile.load({ action: 'disable' }), both))
        return { ...one, authorisation: other.authorisation }
      },
    ],
    [
      'early: its wave has not begun',
      'wave_not_begun',
      () =>
        hostile.message(
          hostile.signed(
            hostile.load({ hosts: [{ id: HOST_ID, notBefore: instant(hostile.clock.now() + 60_000) }] }),
            both,
          ),
        ),
    ],
    [
      'late: its approval is over',
      'authorisation_expired',
      () => hostile.message(hostile.signed(hostile.load({ expiresAt: instant(hostile.clock.now() - 1) }), both)),
    ],
    [
      'endless approval',
      'authorisation_endless',
      () => hostile.message(hostile.signed(hostile.load({ expiresAt: instant(hostile.clock.now() + 4e9) }), both)),
    ],
    [
      'endless command',
      'command_endless',
      () => hostile.message(hostile.signed(hostile.load(), both), { expiresAt: instant(hostile.clock.now() + 1e9) }),
    ],
    [
      'misdirected: approved for another host',
      'host_not_authorised',
      () => hostile.message(hostile.signed(hostile.load({ hosts: [{ id: OTHER, notBefore: instant(0) }] }), both)),
    ],
    [
      'misdirected: the command of another host',
      'host_wrong',
      () => hostile.message(hostile.signed(hostile.load(), both), { hostId: OTHER }),
    ],
    [
      'for the key that the host had before',
      'host_key_wrong',
      () => hostile.message(hostile.signed(hostile.load(), both), { hostKey: 'b'.repeat(64) }),
    ],
    [
      'rolled back: another kernel',
      'kernel_release',
      () => hostile.message(hostile.signed(hostile.load({ kernel: { release: '5.0.0', buildId: null } }), both)),
    ],
    [
      'another build of the same release',
      'kernel_build_id',
      () =>
        hostile.message(
          hostile.signed(hostile.load({ kernel: { release: hostile.plan.release, buildId: 'ab'.repeat(20) } }), both),
        ),
    ],
    [
      'rolled back: a number that was had',
      'sequence_old',
      () => hostile.message(hostile.signed(hostile.load(), both), { sequence: 0 }),
    ],
    [
      'an altered module',
      'artefact_mismatch',
      () => {
        const artefact = { sha256: '0'.repeat(64), size: ALTERED.length, releaseCounter: 1 }
        return hostile.message(hostile.signed(hostile.load({ artefact }), both))
      },
    ],
    [
      'a force, which the host never allows',
      'never_force',
      () => {
        const force = { action: 'force', artefact: null, target: 'patching' } as const
        return hostile.message(
          hostile.signed(hostile.load({ ...force, blockingTasks: [{ tid: 1, name: 'init' }] }), both),
        )
      },
    ],
    [
      'a program of its own choice',
      'update_unsupported',
      () => hostile.message(hostile.signed(hostile.load({ action: 'update', provider: '/bin/sh -c id' }), both)),
    ],
    [
      'signed by another key than the server’s',
      'server_signature',
      () => {
        const good = hostile.message(hostile.signed(hostile.load(), both))
        return { ...good, command: signedBy([eve], PAYLOAD_TYPES.command, good.command.payload) }
      },
    ],
  ]
  test.each(refusals)('T22 %s: %s', async (_name, code, make) => {
    expect(await hostile.endOf(make())).toMatchObject({ state: 'refused', code })
    expect(hostile.acts).toEqual([])
  })

  test('T22 T20 what is no message at all ends the link, and the agent comes back', async () => {
    const garbage = [
      '{',
      'null',
      '{"type":"shell","command":"id"}',
      JSON.stringify({ type: 'command' }),
      '['.repeat(100_000),
    ]
    for (const text of garbage) {
      const before = hostile.socket()
      hostile.send(text)
      await eventually(
        'another link',
        () => hostile.socket() !== before && hostile.socket()?.readyState === WebSocket.OPEN,
      )
    }
    expect(hostile.acts).toEqual([])
  }, 30_000)

  test('T22 endless: a flood of commands does nothing, and the agent still answers', async () => {
    for (let count = 0; count < 300; count += 1) hostile.send(hostile.message(hostile.signed(hostile.load(), [eve])))
    await eventually(
      'some are answered',
      () => hostile.results.filter(({ code }) => code === 'approver_unknown').length > 10,
    )
    expect(hostile.acts).toEqual([])
    await hostile.clock.sleep(500)
    expect(await hostile.endOf(hostile.message(hostile.signed(hostile.load(), [])))).toMatchObject({
      code: 'approvals_missing',
    })
  })

  test('T22 T28 frozen: nothing is done, and an older lifting does not lift it', async () => {
    hostile.send({ type: 'freeze', freeze: freezeOf(server, true, 10, hostile.clock.now()) })
    hostile.send({ type: 'freeze', freeze: freezeOf(server, false, 9, hostile.clock.now()) })
    hostile.send({ type: 'freeze', freeze: freezeOf(eve, false, 11, hostile.clock.now()) })
    await hostile.clock.sleep(200)
    expect(await hostile.endOf(hostile.message(hostile.signed(hostile.load(), both)))).toMatchObject({ code: 'frozen' })
    await hostile.restartAgent()
    expect(await hostile.endOf(hostile.message(hostile.signed(hostile.load(), both)))).toMatchObject({ code: 'frozen' })
    hostile.send({ type: 'freeze', freeze: freezeOf(server, false, 12, hostile.clock.now()) })
    await hostile.clock.sleep(200)
    expect(hostile.acts).toEqual([])
  })

  test('T22 T28 the stop file of local root has the last word', async () => {
    await writeFile(join(hostile.dataDirectory, 'stop'), '')
    expect(await hostile.endOf(hostile.message(hostile.signed(hostile.load(), both)))).toMatchObject({
      code: 'stopped',
    })
    await eventually(
      'told to the server',
      () => (hostile.told.policy as { stopped?: boolean }).stopped === true,
      12_000,
    )
    await rm(join(hostile.dataDirectory, 'stop'))
    expect(hostile.acts).toEqual([])
  }, 20_000)

  test('T22 what was approved is done; T19 replayed, also after a restart, it is not done again', async () => {
    const good = hostile.message(hostile.signed(hostile.load(), both))
    expect(await hostile.endOf(good)).toMatchObject({ state: 'done' })
    expect(hostile.acts).toEqual([expect.stringMatching(/^\/usr\/sbin\/insmod \/\S+\.ko$/)])
    const counted = () =>
      hostile.results.filter(({ commandId, state }) => commandId === idOf(good) && state === 'done').length
    hostile.send(good)
    await eventually('said again', () => counted() === 2)
    await hostile.restartAgent()
    hostile.send(good)
    await eventually('said again', () => counted() === 3)
    expect(await hostile.endOf(hostile.message(good.authorisation, { sequence: 1 }))).toMatchObject({
      code: 'sequence_old',
    })
    expect(hostile.acts).toHaveLength(1)
  }, 20_000)
})
