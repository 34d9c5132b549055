// Goal: fixed programs with fixed words, and each errno of the kernel known again in what they print (T29). Method: a port that
// records what is run, and the texts of kmod and busybox.
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { HostPrograms, ProgramResult } from '../programs/programs.ts'
import { errnoAdvice, errnoOfText } from './errno-advice.ts'
import { sha256Of } from './get-artefact.ts'
import { keptArtefacts, privateModuleFiles } from './private-files.ts'
import { insertModule, removeModule } from './run-kmod.ts'

const recorded = (...answers: Partial<ProgramResult>[]) => {
  const argv: string[][] = []
  const programs: HostPrograms = {
    async run(program, args) {
      argv.push([program, ...args])
      const answer = answers[argv.length - 1] ?? { ok: true, exitCode: 0 }
      const silent = { stdout: '', stderr: '', truncated: false, errno: '', detail: '' }
      return { ...silent, ...answer } as ProgramResult
    },
  }
  return { argv, programs }
}

test('T29 argv: one absolute program, one word, nothing forced; the other place only where the first is not', async () => {
  const { argv, programs } = recorded({ ok: false, errno: 'ENOENT' })
  expect(await insertModule(programs, '/var/lib/rebootless/inserting/a.ko')).toEqual({ ok: true })
  expect(await removeModule(programs, 'livepatch_1')).toEqual({ ok: true })
  expect(argv).toEqual([
    ['/usr/sbin/insmod', '/var/lib/rebootless/inserting/a.ko'],
    ['/sbin/insmod', '/var/lib/rebootless/inserting/a.ko'],
    ['/usr/sbin/rmmod', 'livepatch_1'],
  ])
})

test('T29 a program that others could have put there is not run, and that is no answer of the kernel', async () => {
  const { programs } = recorded({ ok: false, errno: 'EPERM', detail: '/usr/sbin can be written by others' })
  expect(await insertModule(programs, '/x.ko')).toMatchObject({ ok: false, ran: false, errno: 'EPERM' })
})

test.each([
  ['insmod: ERROR: could not insert module /x.ko: File exists', 'EEXIST'],
  ['insmod: ERROR: could not insert module /x.ko: Device or resource busy', 'EBUSY'],
  ['insmod: ERROR: could not insert module /x.ko: Unknown symbol in module', 'ENOENT'],
  ['insmod: ERROR: could not insert module /x.ko: Invalid parameters', 'EINVAL'],
  ['insmod: ERROR: could not insert module /x.ko: Invalid module format', 'ENOEXEC'],
  ['insmod: ERROR: could not insert module /x.ko: Operation not permitted', 'EPERM'],
  ['insmod: ERROR: could not insert module /x.ko: Key was rejected by service', 'EKEYREJECTED'],
  ["insmod: can't insert '/x.ko': unknown symbol in module, or unknown parameter", 'ENOENT'],
  ["insmod: can't insert '/x.ko': invalid module format", 'ENOEXEC'],
  ["insmod: can't insert '/x.ko': Device or resource busy", 'EBUSY'],
  ['rmmod: ERROR: Module x is in use', 'EAGAIN'],
  ['rmmod: ERROR: Module x is not currently loaded', 'ENOENT'],
  ["rmmod: can't unload module 'x': Resource temporarily unavailable", 'EAGAIN'],
])('%s', async (text, errno) => {
  expect(errnoOfText(`${text}\n`)).toBe(errno)
  const attempt = text.startsWith('rmmod') ? 'remove' : 'insert'
  const { programs } = recorded({ ok: true, exitCode: 1, stderr: `${text}\n` })
  const result = await (attempt === 'remove' ? removeModule(programs, 'x') : insertModule(programs, '/x.ko'))
  expect(result).toEqual({ ok: false, ran: true, errno, detail: errnoAdvice(attempt, errno) })
})

test('each errno that a kernel has been seen to answer has advice of its own', () => {
  const seen = {
    insert: ['EEXIST', 'EBUSY', 'ENOENT', 'EINVAL', 'ENOEXEC', 'EPERM', 'EKEYREJECTED'],
    remove: ['EAGAIN', 'ENOENT', 'EPERM'],
    write_enabled: ['EBUSY', 'EINVAL', 'ENOENT', 'EACCES'],
    force: ['EINVAL', 'ENOENT', 'EACCES'],
  } as const
  for (const [attempt, errnos] of Object.entries(seen) as [keyof typeof seen, readonly string[]][]) {
    for (const errno of errnos) expect(errnoAdvice(attempt, errno)).not.toMatch(/^The kernel answered/)
  }
  expect(errnoAdvice('insert', 'EXYZ')).toMatch(/EXYZ/)
})

test('T24 copies are new, for root alone, and gone after use; a kept module that was changed counts as none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rebootless-files-'))
  try {
    const bytes = Buffer.from('module')
    const copy = await privateModuleFiles(folder).put(bytes)
    expect((await stat(copy.path)).mode & 0o777).toBe(0o400)
    expect((await stat(join(folder, 'inserting'))).mode & 0o777).toBe(0o700)
    expect(await copy.read()).toEqual(bytes)
    await copy.remove()
    expect(await readdir(join(folder, 'inserting'))).toEqual([])
    const kept = keptArtefacts(folder)
    const real = sha256Of(bytes)
    expect(await kept.read(real)).toBeUndefined()
    await kept.keep(real, bytes)
    expect(await kept.read(real)).toEqual(bytes)
    await writeFile(join(folder, 'artefacts', real), 'another')
    expect(await kept.read(real)).toBeUndefined()
    // Somebody's link in its place is replaced, not followed.
    const outside = join(folder, 'outside')
    await writeFile(outside, 'untouched')
    await rm(join(folder, 'artefacts', real))
    await symlink(outside, join(folder, 'artefacts', real))
    await kept.keep(real, bytes)
    expect(await readFile(outside, 'utf8')).toBe('untouched')
    for (let number = 0; number < 12; number += 1) {
      const other = Buffer.from(`module ${number}`)
      await kept.keep(sha256Of(other), other)
    }
    expect(await readdir(join(folder, 'artefacts'))).toHaveLength(8)
  } finally {
    await rm(folder, { recursive: true })
  }
})
