// Goal: whatever is wrong with the host's own settings, it is only observed, and the reason is shown (T27).
// Method: a table of files in a temporary folder; ownership by a claimed user id.
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readHostPolicy } from './host-policy.ts'
import { policySummary } from './policy-summary.ts'
import { isStopped, putStopFile, removeStopFile } from './stop-file.ts'

const key = (letter: string) => `${letter.repeat(42)}A=`
const production = {
  class: 'production',
  approvers: [
    { name: 'ada', publicKey: key('a') },
    { name: 'bob', publicKey: key('b') },
  ],
  threshold: 2,
}
const me = process.geteuid?.() ?? 0
let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rebootless-config-'))
  path = join(folder, 'agent.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const write = (content: unknown, mode = 0o644) =>
  writeFile(path, typeof content === 'string' ? content : JSON.stringify(content), { mode }).then(() =>
    chmod(path, mode),
  )

describe('the host policy', () => {
  test.each(['observe', 'lab', 'production'])('a good file gives its class: %s', async (hostClass) => {
    await write({ ...production, class: hostClass })
    expect(await readHostPolicy(path, me)).toMatchObject({ hostClass, reason: null, config: { threshold: 2 } })
  })

  test.each<[string, unknown, RegExp]>([
    ['empty', '', /is not JSON/],
    ['not JSON', '{class: lab}', /is not JSON/],
    ['two documents', '{"class":"lab"}{}', /is not JSON/],
    ['an array', [], /expected object/],
    ['no class', {}, /class/],
    ['an unknown class', { class: 'prod' }, /class/],
    ['an unknown key', { class: 'lab', allowForce: true }, /allowForce/],
    ['__proto__ instead of a class', '{"__proto__":{"class":"lab"}}', /./],
    [
      'an unknown key of an approver',
      { ...production, approvers: [{ name: 'a', publicKey: key('a'), x: 1 }] },
      /approvers/,
    ],
    ['a threshold of 0', { ...production, threshold: 0 }, /threshold/],
    ['a threshold of text', { ...production, threshold: '1' }, /threshold/],
    ['more signatures than approvers', { ...production, threshold: 3 }, /threshold/],
    ['production without approvers', { class: 'production' }, /threshold/],
    ['one key twice', { ...production, approvers: [production.approvers[0], production.approvers[0]] }, /same key/],
    ['a key of another length', { ...production, approvers: [{ name: 'a', publicKey: 'AAAA' }] }, /publicKey/],
    ['hours of no time zone', { class: 'lab', hours: { from: '01:00', to: '02:00' } }, /hours/],
    ['hours of an unknown time zone', { class: 'lab', hours: { from: '01:00', to: '02:00', zone: 'X/Y' } }, /hours/],
    [
      'an unknown key of the hours',
      { class: 'lab', hours: { from: '01:00', to: '02:00', zone: 'UTC', at: 1 } },
      /hours/,
    ],
    ['neverForce as text', { class: 'lab', neverForce: 'no' }, /neverForce/],
    ['an unknown action', { class: 'lab', actions: ['reboot'] }, /actions/],
    ['larger than any settings', ' '.repeat(70_000), /larger/],
  ])('T27 observe: %s', async (_name, content, reason) => {
    await write(content)
    const policy = await readHostPolicy(path, me)
    expect(policy).toMatchObject({ hostClass: 'observe', config: null })
    expect(policy.reason).toMatch(reason)
  })

  test('hours, neverForce and actions are told to the server in words', async () => {
    const hours = { days: ['sat', 'sun'], from: '22:00', to: '04:00', zone: 'Europe/Berlin' }
    await write({ ...production, hours, neverForce: true, actions: ['load', 'disable'] })
    const policy = await readHostPolicy(path, me)
    expect(policy.config?.actions).toEqual(['load', 'disable'])
    expect(policySummary(policy, false)).toEqual({
      ...{ hostClass: 'production', reason: null, approvers: production.approvers, threshold: 2 },
      ...{ hours: 'sat, sun 22:00 to 04:00, Europe/Berlin', neverForce: true, stopped: false },
      actions: ['load', 'disable'],
    })
    expect(policySummary(await readHostPolicy(join(folder, 'none'), me), true)).toMatchObject({
      ...{ hostClass: 'observe', reason: expect.stringMatching(/there is no/), threshold: 1, stopped: true },
    })
  })

  test('T27 packages may be installed where the file says so, and nowhere else', async () => {
    for (const [packageUpdates, told] of [
      [true, { packageUpdates: true }],
      [false, {}],
      [undefined, {}],
    ] as const) {
      await write({ class: 'lab', packageUpdates })
      const summary = policySummary(await readHostPolicy(path, me), false)
      expect('packageUpdates' in summary ? { packageUpdates: summary.packageUpdates } : {}).toEqual(told)
    }
    await write({ class: 'lab', packageUpdates: 'yes' })
    expect(await readHostPolicy(path, me)).toMatchObject({
      hostClass: 'observe',
      reason: expect.stringMatching(/packageUpdates/),
    })
  })

  test('T28 only the certain absence of the stop file lets changes go on', async () => {
    expect(await isStopped(folder)).toBe(false)
    await putStopFile(folder)
    expect(await isStopped(folder)).toBe(true)
    await removeStopFile(folder)
    expect(await isStopped(folder)).toBe(false)
    await symlink('/nowhere', join(folder, 'stop'))
    expect(await isStopped(folder)).toBe(true)
    await write({})
    expect(await isStopped(path)).toBe(true)
  })

  test('T27 observe: missing', async () => {
    expect(await readHostPolicy(path, me)).toEqual({
      hostClass: 'observe',
      reason: `there is no ${path}`,
      config: null,
    })
  })

  test.each([0o666, 0o664, 0o646])('T27 observe: writable by others (%i)', async (mode) => {
    await write({ class: 'lab' }, mode)
    expect((await readHostPolicy(path, me)).reason).toMatch(/can be written by others/)
  })

  test('T27 observe: in a folder that others may write, where they could put another file', async () => {
    await write({ class: 'lab' })
    await chmod(folder, 0o777)
    expect((await readHostPolicy(path, me)).reason).toMatch(/can be written by others/)
  })

  // Only root can give a file away, so the reader is told to be somebody else; root's own files stay trusted.
  test.runIf(me === 0)('T27 observe: of another owner', async () => {
    await write({ class: 'lab' })
    const { chown } = await import('node:fs/promises')
    await chown(path, 12_345, 12_345)
    expect((await readHostPolicy(path, me)).reason).toMatch(/belongs to user 12345/)
  })

  test('T27 observe: a symbolic link, a folder, a folder that is no folder', async () => {
    await write({ class: 'lab' })
    await symlink(path, join(folder, 'link.json'))
    expect((await readHostPolicy(join(folder, 'link.json'), me)).reason).toMatch(/symbolic link/)
    await mkdir(join(folder, 'directory'))
    expect((await readHostPolicy(join(folder, 'directory'), me)).reason).toMatch(/not a regular file/)
    expect((await readHostPolicy(join(path, 'x'), me)).reason).toMatch(/ENOTDIR/)
  })
})
