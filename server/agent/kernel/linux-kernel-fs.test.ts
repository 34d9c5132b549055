// Goal: the port over a real machine keeps its promises. Method: this machine's own /proc, and files in a temporary
// directory; nothing of the kernel is written.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { createLinuxKernelFs } from './linux-kernel-fs.ts'
import { parseTaskStat } from './task-stat.ts'

const fs = createLinuxKernelFs()

test('reads procfs, whose files have no size, and at most so much', async () => {
  const stat = await fs.read('/proc/self/stat')
  expect(stat.ok && stat.value.startsWith(String(process.pid))).toBe(true)
  expect(await fs.read('/proc/self/stat', 3)).toMatchObject({
    ok: true,
    value: String(process.pid).padEnd(3).slice(0, 3),
  })
})

test('says why it cannot, by errno', async () => {
  expect(await fs.read('/proc/self/nothing')).toEqual({ ok: false, errno: 'ENOENT' })
  expect(await fs.read('/proc')).toEqual({ ok: false, errno: 'EISDIR' })
  expect(await fs.list('/proc/self/stat')).toEqual({ ok: false, errno: 'ENOTDIR' })
})

test('T29 writes nothing but two files of a livepatch, and signals no group', async () => {
  const paths = [
    'enabled',
    'a/../b/enabled',
    '../x/force',
    'a/transition',
    'a b/enabled',
    'é/force',
    `${'x'.repeat(56)}/enabled`,
  ]
  for (const path of [...paths.map((rest) => `/sys/kernel/livepatch/${rest}`), '/proc/sysrq-trigger', '/dev/null']) {
    expect(await fs.write(path, '1')).toEqual({ ok: false, errno: 'EROFS' })
  }
  expect(await fs.write('/sys/kernel/livepatch/no_such_patch/enabled', '1')).toEqual({ ok: false, errno: 'ENOENT' })
  for (const tid of [0, -1, 1, 1.5, Number.NaN]) {
    expect(await fs.signal?.(tid, 'SIGSTOP')).toEqual({ ok: false, errno: 'EINVAL' })
  }
})

test('stops a process and lets it go on', async () => {
  const child = spawn('sleep', ['30'])
  const pid = child.pid ?? 0
  const stateOf = async () => {
    const stat = await fs.read(`/proc/${pid}/stat`)
    return stat.ok ? parseTaskStat(stat.value)?.state : undefined
  }
  try {
    expect(await fs.signal?.(pid, 'SIGSTOP')).toEqual({ ok: true, value: undefined })
    await vi.waitFor(async () => expect(await stateOf()).toBe('T'))
    await fs.signal?.(pid, 'SIGCONT')
    await vi.waitFor(async () => expect(await stateOf()).toBe('S'))
  } finally {
    child.kill('SIGKILL')
  }
})

test('never writes elsewhere', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rebootless-fs-'))
  try {
    const path = join(directory, 'enabled')
    await writeFile(path, '1\n')
    expect(await fs.write(path, '0\n')).toEqual({ ok: false, errno: 'EROFS' })
    expect(await fs.read(path)).toEqual({ ok: true, value: '1\n' })
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('a held file shows what it says now, and nothing once closed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rebootless-fs-'))
  try {
    const path = join(directory, 'patch_state')
    await writeFile(path, '0\n')
    const held = await fs.hold(path)
    if (!held.ok) throw new Error(held.errno)
    expect(await held.value.read()).toEqual({ ok: true, value: '0\n' })
    await writeFile(path, '1\n')
    expect(await held.value.read()).toEqual({ ok: true, value: '1\n' })
    await held.value.close()
    await held.value.close()
    expect(await held.value.read()).toEqual({ ok: false, errno: 'EBADF' })
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('following the log ends when told to, or says at once that it may not', async () => {
  const stop = new AbortController()
  const ended = fs.followKernelLog(() => undefined, stop.signal)
  stop.abort()
  const result = await ended
  expect(result.ok || ['EPERM', 'EACCES', 'ENOENT', 'ENXIO'].includes(result.errno)).toBe(true)
})
