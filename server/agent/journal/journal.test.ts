// Goal: what stands in the journal is what comes back, whatever was cut off, and doubt is told apart from nothing. Method: the
// journal over a text in memory that can be torn and refused, and over a real file.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { type JournalFile, openJournal } from './journal.ts'
import { journalFile } from './journal-file.ts'
import type { JournalRecord } from './journal-state.ts'

const AT = '2026-11-26T12:00:00.000Z'
const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
const taken = (number: number, sequence = number): JournalRecord => ({
  ...{ kind: 'taken', epoch: 1, sequence, signedAt: AT },
  command: {
    ...{
      id: idOf(number),
      digest: 'a'.repeat(64),
      action: 'load',
      reversal: false,
      patch: 'p',
      artefact: null,
      bootId: 'b',
    },
    ...{ takenAt: AT, effects: [], end: null, acknowledged: false },
  },
})
const ended = (number: number): JournalRecord => ({
  ...{ kind: 'ended', id: idOf(number), end: { state: 'done', code: null, detail: '', at: AT } },
})
const acknowledged = (number: number): JournalRecord => ({ kind: 'acknowledged', id: idOf(number) })

const memory = (text?: string) => {
  const disk = { text, refuse: false, tear: false }
  const put = (whole: string, added: string) => {
    if (disk.refuse) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    disk.text = whole + (disk.tear ? added.slice(0, added.length / 2) : added)
    if (disk.tear) throw new Error('EIO')
  }
  const file: JournalFile = {
    read: async () => disk.text,
    append: async (added) => put(disk.text ?? '', added),
    replace: async (added) => put('', added),
  }
  return { disk, file }
}

test('T38 what was written is there after a restart, cut at any byte of the last record', async () => {
  const { disk, file } = memory()
  const journal = await openJournal(file)
  await journal.write(taken(1))
  const before = journal.state
  const length = disk.text?.length ?? 0
  await journal.write(taken(2))
  const whole = disk.text ?? ''
  for (let cut = length; cut <= whole.length; cut += 1) {
    const again = await openJournal(memory(whole.slice(0, cut)).file)
    expect(again.damage).toBeNull()
    expect(again.state).toEqual(cut === whole.length ? journal.state : before)
  }
})

test('T38 behind a torn record the next one is not lost, in the same run and in the next', async () => {
  const { disk, file } = memory()
  const journal = await openJournal(file)
  await journal.write(taken(1))
  disk.tear = true
  await expect(journal.write(taken(2))).rejects.toThrow('EIO')
  expect(journal.state.last).toEqual({ epoch: 1, sequence: 1 })
  disk.tear = false
  await journal.write(taken(3))
  expect((await openJournal(file)).state).toEqual(journal.state)
  disk.text += '{"kind":"ta'
  const next = await openJournal(file)
  await next.write(taken(4))
  expect((await openJournal(file)).state).toEqual(next.state)
})

test('T33 a full disk refuses, and nothing counts as written', async () => {
  const { disk, file } = memory()
  const journal = await openJournal(file)
  disk.refuse = true
  await expect(journal.write(taken(1))).rejects.toThrow('ENOSPC')
  expect(journal.state.last).toBeNull()
})

test.each([
  ['empty', ''],
  ['no journal', 'hello\n'],
  ['a line in the middle', '{"kind":"state"}\n'],
])('T33 damaged (%s): nothing can be written over it', async (_name, text) => {
  const { file, disk } = memory(text)
  const journal = await openJournal(file)
  expect(journal.damage).not.toBeNull()
  await expect(journal.write(taken(1))).rejects.toThrow()
  expect(disk.text).toBe(text)
})

test('T33 a line that was changed in the middle is damage, not an end', async () => {
  const { disk, file } = memory()
  const journal = await openJournal(file)
  for (const number of [1, 2, 3]) await journal.write(taken(number))
  const lines = (disk.text ?? '').split('\n')
  lines[1] = lines[1]?.slice(5) ?? ''
  expect((await openJournal(memory(lines.join('\n')).file)).damage).toMatch(/line 2/)
})

test('it stays small, and keeps its counters and whatever is open', async () => {
  const { disk, file } = memory()
  const journal = await openJournal(file)
  await journal.write(taken(0))
  for (let number = 1; number <= 600; number += 1) {
    await journal.write(taken(number))
    await journal.write(ended(number))
    if (number > 300) await journal.write(acknowledged(number))
  }
  expect(journal.state.last).toEqual({ epoch: 1, sequence: 600 })
  expect(journal.state.commands.length).toBeLessThanOrEqual(300)
  expect(journal.state.commands.some(({ id }) => id === idOf(0))).toBe(true)
  expect(disk.text?.length).toBeLessThan(1024 * 1024)
  expect((await openJournal(file)).state).toEqual(journal.state)
})

test('any history, cut into runs anywhere, comes to the same state', async () => {
  const record = fc.oneof(
    fc.nat(9).map((number) => taken(number)),
    fc.nat(9).map(ended),
    fc.nat(9).map(acknowledged),
    fc.boolean().map((frozen): JournalRecord => ({ kind: 'freeze', epoch: 1, sequence: 1, signedAt: AT, frozen })),
    fc.nat(9).map(
      (number): JournalRecord => ({
        ...{ kind: 'effect', id: idOf(number), effect: { step: 'insert', aim: { patch: 'p', want: 'in' }, tasks: [] } },
      }),
    ),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(record, fc.boolean()), { maxLength: 40 }), async (history) => {
      const [one, other] = [memory(), memory()]
      const through = await openJournal(one.file)
      let inRuns = await openJournal(other.file)
      for (const [entry, restarts] of history) {
        await through.write(entry)
        await inRuns.write(entry)
        if (restarts) inRuns = await openJournal(other.file)
      }
      expect(inRuns.state).toEqual(through.state)
    }),
    { numRuns: 100 },
  )
})

test('on a real disk: one file, for its owner alone, appended to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rebootless-journal-'))
  try {
    const journal = await openJournal(journalFile(folder))
    await journal.write(taken(1))
    await journal.write(ended(1))
    const path = join(folder, 'commands.journal')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(3)
    expect((await openJournal(journalFile(folder))).state).toEqual(journal.state)
    await writeFile(path, 'x')
    expect((await openJournal(journalFile(folder))).damage).not.toBeNull()
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('T38 T19 an entry is on the disk before it counts: file, then name, each by a sync that can be held', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rebootless-journal-'))
  const path = join(folder, 'commands.journal')
  const held: { inode: number; inFile: string | null; release: () => void }[] = []
  const file = journalFile(folder, async (handle) => {
    const found = await handle.stat()
    const inFile = found.isDirectory() ? null : await readFile(`/proc/self/fd/${handle.fd}`, 'utf8')
    await new Promise<void>((release) => held.push({ inode: found.ino, inFile, release: () => release() }))
  })
  const isHeld = (count: number) => vi.waitFor(() => expect(held).toHaveLength(count))
  const journal = await openJournal(file)
  let written = 0
  const write = async (record: JournalRecord) => {
    await journal.write(record)
    written += 1
  }

  const first = write(taken(1))
  await isHeld(1)
  expect(held[0]?.inFile).toContain(idOf(1))
  await expect(stat(path), 'no name before its content').rejects.toThrow('ENOENT')
  held[0]?.release()
  await isHeld(2)
  expect([held[1]?.inode, written]).toEqual([(await stat(folder)).ino, 0])
  held[1]?.release()
  await first

  const second = write(taken(2))
  await isHeld(3)
  expect(held[2]?.inFile).toContain(idOf(2))
  expect([held[2]?.inode, written]).toEqual([(await stat(path)).ino, 1])
  expect(journal.state.commands.map(({ id }) => id)).toEqual([idOf(1)])
  held[2]?.release()
  await second
  expect(journal.state.commands.map(({ id }) => id)).toEqual([idOf(1), idOf(2)])
  await rm(folder, { recursive: true })
})
