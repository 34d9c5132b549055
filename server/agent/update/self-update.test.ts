// Goal: only a newer agent of the makers whom the host names takes the place of the one that runs, only after it has proven
// itself, and whatever goes wrong or dies on the way, an agent that works runs afterwards and says what happened. Method: the
// bundled agent as a service of a temporary folder, over real TLS; newer ones are made from it, and bent.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { buildAgent } from '../../build/build-agent.ts'
import { putStopFile } from '../config/stop-file.ts'
import { createUpdateBench, newKey, releaseOf, type UpdateBench } from './test-updates.ts'

const NOW = '0.1.0'
const NEXT = '0.2.0'
const key = newKey()
let built: string
let today: string
let bench: UpdateBench
beforeAll(async () => {
  built = await mkdtemp(path.join(tmpdir(), 'rebootless-update-'))
  today = await readFile(await buildAgent(path.join(built, 'agent.mjs')), 'utf8')
})
afterEach(() => bench.end())
afterAll(() => rm(built, { recursive: true, force: true }))

const policy = { class: 'lab', makersKey: key.publicKey }
const begin = async (own: object = policy) => {
  bench = await createUpdateBench(today, own)
}
/** `line` runs before all else of it. */
const newer = (line = '', version = NEXT): string => {
  const [shebang, banner, ...rest] = today.replaceAll(NOW, version).split('\n')
  return [shebang, banner, line, ...rest].join('\n')
}
const IN_PLACE = 'process.argv.includes("run")&&!process.argv.includes("--trial")'
const ON_TRIAL = 'process.argv.includes("--trial")'
/** It asks for a server of another name, which is not there. */
const cannotConnect = (when: string): string =>
  newer().replaceAll('"rebootless.internal"', `(${when}?"other.internal":"rebootless.internal")`)

describe('T34 a newer agent of the makers', () => {
  test('is tried, takes the place, and says so; the former one is kept; stop and start find the new one', async () => {
    await begin()
    bench.start()
    const id = await bench.offer(await releaseOf(newer(), key))
    expect(await bench.ended(id)).toMatchObject({ state: 'done', detail: `${NEXT} runs; ${NOW} is kept.` })
    expect(await bench.installed()).toBe(NEXT)
    expect(await readFile(path.join(bench.data, 'agent', 'former.mjs'), 'utf8')).toBe(today)
    expect([bench.ends, await bench.leftovers()]).toEqual([[75], []])
    // The one before, on trial, and in its place.
    expect(bench.versions()).toEqual([NOW, NEXT, NEXT])
    // A second one after it.
    const last = await bench.offer(await releaseOf(newer('', '0.2.1'), key))
    expect(await bench.ended(last)).toMatchObject({ state: 'done' })
    expect(await bench.installed()).toBe('0.2.1')
  }, 90_000)
})

describe('T34 T38 one that fails', () => {
  test.each([
    ['crashes when it is tried', () => newer(`if(${ON_TRIAL})process.exit(3)`), 60, /ended with 3/],
    ['cannot connect', () => cannotConnect(ON_TRIAL), 8, /did not connect in 8 s/],
    ['hangs when it is tried', () => newer(`if(${ON_TRIAL})for(;;);`), 3, /did not connect in 3 s/],
  ])(
    '%s: the former one never lost its place, and says why',
    async (_what, make, seconds, why) => {
      await begin()
      bench.start(seconds)
      const id = await bench.offer(await releaseOf(make(), key))
      expect(await bench.ended(id)).toMatchObject({
        ...{ state: 'failed', code: 'went_back', detail: expect.stringMatching(why) },
      })
      expect([await bench.installed(), bench.ends]).toEqual([NOW, []])
      if (seconds < 60) return
      // It goes on as before, and takes a good one.
      const good = await bench.offer(await releaseOf(newer(), key))
      expect(await bench.ended(good)).toMatchObject({ state: 'done' })
    },
    120_000,
  )

  test.each([
    ['cannot connect once it is in its place', () => cannotConnect(IN_PLACE), 12, 'did not connect'],
    [
      'crashes again and again once it is in its place',
      () => cannotConnect(IN_PLACE).replace('\n\n', `\nif(${IN_PLACE})setTimeout(()=>process.exit(3),2500)\n`),
      30,
      'was started 3 times',
    ],
  ])(
    '%s: it puts the former one back',
    async (_what, make, seconds, why) => {
      await begin()
      bench.start(seconds)
      const id = await bench.offer(await releaseOf(make(), key))
      expect(await bench.ended(id)).toMatchObject({
        ...{ state: 'failed', code: 'went_back', detail: expect.stringContaining(why) },
      })
      expect(await bench.installed()).toBe(NOW)
      expect(await readFile(bench.program, 'utf8')).toBe(today)
    },
    120_000,
  )
})

describe('T34 what is refused, with nothing changed', () => {
  const agent = () => newer()
  test.each<[string, () => Promise<Uint8Array>, string, object?]>([
    ['signed by somebody else', () => releaseOf(agent(), newKey()), 'release_signature'],
    ['cut off', async () => (await releaseOf(agent(), key)).subarray(0, -1), 'release_unfit'],
    [
      'another agent behind the same signature',
      async () => {
        const bytes = Buffer.from(await releaseOf(agent(), key))
        bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) ^ 1
        return bytes
      },
      'release_unfit',
    ],
    ['the bare agent', async () => Buffer.from(agent()), 'release_unfit'],
    ['an older one', () => releaseOf(newer('', '0.0.9'), key, { from: '0.0.1' }), 'release_unfit'],
    ['the same again', () => releaseOf(newer('', NOW), key), 'release_unfit'],
    ['another version than it says of itself', () => releaseOf(agent(), key, { version: '0.9.0' }), 'release_unfit'],
    ['only for agents newer than this', () => releaseOf(agent(), key, { from: '0.1.1' }), 'release_unfit'],
    ['an older protocol', () => releaseOf(agent(), key, { protocol: 1 }), 'release_unfit'],
    ['for a newer Node.js', () => releaseOf(agent(), key, { node: 99 }), 'release_unfit'],
    ['no JavaScript', () => releaseOf(newer('this is no program'), key), 'release_unfit'],
    ['the host names no makers', () => releaseOf(agent(), key), 'action_barred', { class: 'lab' }],
    ['the host takes no update', () => releaseOf(agent(), key), 'action_barred', { ...policy, actions: ['load'] }],
    ['the host is only observed', () => releaseOf(agent(), key), 'class_observe', { ...policy, class: 'observe' }],
    [
      'approvers of a production host did not sign',
      () => releaseOf(agent(), key),
      'approvals_missing',
      { ...policy, class: 'production', approvers: [{ name: 'ann', publicKey: newKey().publicKey }] },
    ],
  ])(
    '%s',
    async (_what, make, code, own) => {
      await begin(own)
      bench.start()
      const id = await bench.offer(await make())
      expect(await bench.ended(id)).toMatchObject({ state: 'refused', code })
      expect([await readFile(bench.program, 'utf8'), bench.ends, await bench.leftovers()]).toEqual([today, [], []])
      expect(bench.versions()).toEqual([NOW])
    },
    60_000,
  )

  test('other bytes than were approved, and a host that was stopped', async () => {
    await begin()
    bench.start()
    const release = await releaseOf(agent(), key)
    const sha256 = 'a'.repeat(64)
    const other = { authorisation: { artefact: { sha256, size: release.length, releaseCounter: 0 } } }
    expect(await bench.ended(await bench.offer(release, other))).toMatchObject({ code: 'artefact_unavailable' })
    await putStopFile(bench.data)
    expect(await bench.ended(await bench.offer(release))).toMatchObject({ state: 'refused', code: 'stopped' })
    expect(await bench.installed()).toBe(NOW)
  }, 60_000)

  test('the file was replaced by hand meanwhile, or others can write it', async () => {
    await begin()
    bench.start()
    await bench.linked()
    const release = await releaseOf(agent(), key)
    await chmod(bench.program, 0o777)
    const open = await bench.ended(await bench.offer(release))
    expect(open).toMatchObject({ code: 'not_a_service', detail: expect.stringContaining('can be written by others') })
    await chmod(bench.program, 0o755)
    await writeFile(bench.program, newer('', '0.3.0'))
    const id = await bench.offer(release)
    expect(await bench.ended(id)).toMatchObject({ code: 'not_a_service', detail: expect.stringContaining('0.3.0') })
    expect(await bench.installed()).toBe('0.3.0')
  }, 60_000)
})

describe('T38 kill -9 of the agent', () => {
  test.each([
    ['after former.mjs', NOW],
    ['after candidate.mjs', NOW],
    ['after update.json', NOW],
    ['started self-test', NOW],
    ['started --trial', NOW],
    ['heard of --trial', NOW],
    ['before rebootless-agent', NOW],
    ['after rebootless-agent', NEXT],
  ])(
    '%s: %s is what runs then, and says how it went',
    async (effect, version) => {
      await begin()
      bench.start(60, effect)
      const id = await bench.offer(await releaseOf(newer(), key))
      const { state, code } = await bench.ended(id)
      expect(bench.ends[0]).toBe('SIGKILL')
      expect({ state, code }).toEqual(
        version === NEXT ? { state: 'done', code: null } : { state: 'failed', code: 'interrupted' },
      )
      expect(await bench.installed()).toBe(version)
      await bench.linked()
      expect(bench.versions().at(-1)).toBe(version)
      if (version === NEXT) return
      const again = await bench.offer(await releaseOf(newer(), key))
      expect(await bench.ended(again)).toMatchObject({ state: 'done' })
      expect([await bench.installed(), await bench.leftovers()]).toEqual([NEXT, []])
    },
    90_000,
  )
})
