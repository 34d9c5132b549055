// Goal: a program of the host can neither hold up nor flood the agent, and is not one that somebody else may have put
// there. Method: small real scripts in a temporary folder; what lies above that folder is exempt from the rule of trust.
import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLinuxPrograms } from './linux-programs.ts'
import { type TrustRule, trustOnly } from './trusted-path.ts'

let folder = ''
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'rebootless-programs-')))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const ownUser = process.geteuid?.() ?? 0
const trust: TrustRule = (path, facts) => (path.startsWith(folder) ? trustOnly(ownUser)(path, facts) : undefined)
const limits = { timeMs: 10_000, bytesMax: 64 * 1024 }
const programs = () => createLinuxPrograms({ trust })

const script = async (name: string, body: string): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${body}\n`)
  await chmod(path, 0o755)
  return path
}

/** Processes, zombies aside, with this word in their arguments. */
const processesWith = async (word: string): Promise<string[]> => {
  const found = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (text.includes(word)) found.push(pid)
  }
  return found
}

/** SIGKILL takes effect a moment after it was sent. */
const untilGone = async (word: string): Promise<void> => {
  while ((await processesWith(word)).length > 0) await wait(20)
}

describe('what it prints', () => {
  test('both outputs and the exit code come back', async () => {
    const tool = await script('tool', 'echo told; echo complained >&2; exit 3')
    expect(await programs().run(tool, [], limits)).toEqual({
      ...{ ok: true, exitCode: 3, stdout: 'told\n', stderr: 'complained\n', truncated: false },
    })
  })

  test('one that a signal ended has no exit code', async () => {
    const tool = await script('tool', 'kill -9 $$')
    expect(await programs().run(tool, [], limits)).toMatchObject({ ok: true, exitCode: null, truncated: false })
  })

  test('ten megabytes are cut at the limit, and whoever prints them is ended', async () => {
    const mark = `mark${randomBytes(8).toString('hex')}`
    const tool = await script('tool', 'head -c 10485760 /dev/zero | tr "\\0" x; sleep 600')
    const result = await programs().run(tool, [mark], limits)
    expect(result).toMatchObject({ ok: true, exitCode: null, truncated: true })
    expect(result.stdout).toBe('x'.repeat(limits.bytesMax))
    await untilGone(mark)
  })

  test('a flood of errors is cut likewise', async () => {
    const tool = await script('tool', 'while :; do echo complaint >&2; done')
    const result = await programs().run(tool, [], limits)
    expect(result).toMatchObject({ ok: true, truncated: true, stdout: '' })
    expect(result.stderr.length).toBe(limits.bytesMax)
  })

  test('a character that the limit cuts in two is left out', async () => {
    const tool = await script('tool', "printf 'ab\\303\\244\\303\\244'")
    expect(await programs().run(tool, [], { timeMs: 10_000, bytesMax: 3 })).toMatchObject({ stdout: 'ab' })
  })
})

describe('how long it takes', () => {
  test('at the limit it is ended with its children, and what it had printed is kept', async () => {
    const mark = `mark${randomBytes(8).toString('hex')}`
    const child = await script('child', 'trap "" TERM; sleep 600; :')
    const tool = await script('tool', `echo begun; ${child} $1 & trap "" TERM INT HUP; wait; wait; sleep 600`)
    const result = await programs().run(tool, [mark], { ...limits, timeMs: 2_000 })
    expect(result).toMatchObject({ ok: false, errno: 'ETIMEDOUT', stdout: 'begun\n' })
    await untilGone(mark)
  })

  test('a grandchild that holds the pipe is ended once the program has exited', async () => {
    const mark = `mark${randomBytes(8).toString('hex')}`
    const child = await script('child', 'sleep 600; :')
    const tool = await script('tool', `${child} $1 & echo done; exit 0`)
    expect(await programs().run(tool, [mark], limits)).toMatchObject({ ok: true, exitCode: 0, stdout: 'done\n' })
    await untilGone(mark)
  })

  test('one that left the process group does not hold the agent up', async () => {
    const mark = `mark${randomBytes(8).toString('hex')}`
    const child = await script('child', 'sleep 600; :')
    const tool = await script('tool', `setsid ${child} $1 & echo done; exit 0`)
    expect(await programs().run(tool, [mark], limits)).toMatchObject({ ok: true, exitCode: 0, stdout: 'done\n' })
    const left = await processesWith(mark)
    expect(left).toHaveLength(1)
    for (const pid of left) process.kill(-Number(pid), 'SIGKILL')
    await untilGone(mark)
  })

  test('at most one runs at a time', async () => {
    const tool = await script('tool', `mkdir ${folder}/busy || exit 9; sleep 0.05; rmdir ${folder}/busy`)
    const together = programs()
    const results = await Promise.all([1, 2, 3, 4].map(() => together.run(tool, [], limits)))
    expect(results).toEqual(results.map(() => expect.objectContaining({ ok: true, exitCode: 0 })))
  })

  test('an agent that stops ends the one that runs and starts no other', async () => {
    const stop = new AbortController()
    const stopping = createLinuxPrograms({ trust, signal: stop.signal })
    const tool = await script('tool', `touch ${folder}/runs; sleep 600`)
    const running = [stopping.run(tool, [], limits), stopping.run(tool, [], limits)]
    while ((await lstat(join(folder, 'runs')).catch(() => null)) === null) await wait(10)
    stop.abort()
    for (const result of await Promise.all(running)) expect(result).toMatchObject({ ok: false, errno: 'ECANCELED' })
  })
})

describe('what it is given', () => {
  test('T29 no shell: arguments arrive as they were given, whatever is in them', async () => {
    const tool = await script('tool', 'for one in "$@"; do printf "[%s]" "$one"; done')
    const given = ['-x', '../../etc', '$(touch pwned)', '`id`', 'a\nb', "'", '"', '*', '', '--', ';', 'y'.repeat(4096)]
    const result = await programs().run(tool, given, limits)
    expect(result.stdout).toBe(given.map((one) => `[${one}]`).join(''))
  })

  test('T29 a zero byte in an argument is refused', async () => {
    const tool = await script('tool', 'echo ran')
    expect(await programs().run(tool, ['a\0b'], limits)).toMatchObject({ ok: false, stdout: '' })
  })

  test("T29 the environment is fixed: nothing of the agent's own goes along", async () => {
    process.env.REBOOTLESS_TEST_SECRET = 'not to be seen'
    try {
      const result = await programs().run('/usr/bin/env', [], limits)
      expect(result.stdout.trim().split('\n').sort()).toEqual([
        ...[
          'HOME=/',
          'LANG=C',
          'LC_ALL=C',
          'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
          'PYTHONDONTWRITEBYTECODE=1',
          'TZ=UTC',
        ],
      ])
    } finally {
      delete process.env.REBOOTLESS_TEST_SECRET
    }
  })

  test('it stands in the root folder, with empty input, in a session of its own', async () => {
    const tool = await script('tool', 'pwd; wc -c; cut -d" " -f1,5,6 /proc/$$/stat')
    const [where, bytes, ids = ''] = (await programs().run(tool, [], limits)).stdout.trim().split('\n')
    expect([where, bytes?.trim()]).toEqual(['/', '0'])
    const [pid, group, session] = ids.split(' ')
    expect([group, session]).toEqual([pid, pid])
  })

  test('it is called by the name it was asked for by, also through a link', async () => {
    await symlink('/bin/sh', join(folder, 'called-so'))
    const result = await programs().run(join(folder, 'called-so'), ['-c', 'echo $0'], limits)
    expect(result.stdout).toBe(`${folder}/called-so\n`)
  })
})

describe('where it lies', () => {
  const runAt = (path: string) => programs().run(path, [], limits)

  test.each(['tool', './tool', 'bin/tool', '', '/usr/bin/../bin/env', '/usr/bin/', '/usr//bin/env', '/usr/bin/en\0v'])(
    'T29 only an absolute path is run, and none that winds: %j',
    async (path) => {
      expect(await runAt(path)).toMatchObject({ ok: false, errno: 'EINVAL' })
    },
  )

  test('what is not there is told by its errno', async () => {
    expect(await runAt(join(folder, 'nothing'))).toMatchObject({ ok: false, errno: 'ENOENT' })
    expect(await runAt(folder)).toMatchObject({ ok: false, errno: 'EACCES' })
    const mute = await script('mute', 'echo ran')
    await chmod(mute, 0o644)
    expect(await runAt(mute)).toMatchObject({ ok: false, errno: 'EACCES' })
    const orphan = join(folder, 'orphan')
    await writeFile(orphan, '#!/nowhere/interpreter\n')
    await chmod(orphan, 0o755)
    expect(await runAt(orphan)).toMatchObject({ ok: false, errno: 'ENOEXEC' })
    await symlink('round', join(folder, 'round'))
    expect(await runAt(join(folder, 'round'))).toMatchObject({ ok: false, errno: 'ELOOP' })
  })

  test.each([0o775, 0o757, 0o1777])('T29 not from a folder that others can write (%o)', async (mode) => {
    const below = join(folder, 'below')
    await mkdir(below)
    const tool = await script('below/tool', 'echo ran')
    expect(await runAt(tool)).toMatchObject({ ok: true, stdout: 'ran\n' })
    await chmod(below, mode)
    expect(await runAt(tool)).toMatchObject({
      ...{ ok: false, errno: 'EPERM', stdout: '' },
      detail: `${below} can be written by others than its owner, so ${tool} is not run`,
    })
  })

  test('T29 not a file that others can write, nor one below such a folder further up', async () => {
    await mkdir(join(folder, 'up/below'), { recursive: true })
    const tool = await script('up/below/tool', 'echo ran')
    await chmod(join(folder, 'up'), 0o777)
    expect(await runAt(tool)).toMatchObject({ ok: false, errno: 'EPERM' })
    await chmod(join(folder, 'up'), 0o755)
    await chmod(tool, 0o766)
    expect(await runAt(tool)).toMatchObject({ ok: false, errno: 'EPERM' })
  })

  test('T29 not through a link that others can replace, nor to a place that they can write', async () => {
    await mkdir(join(folder, 'open'))
    await mkdir(join(folder, 'closed'))
    await script('open/tool', 'echo ran')
    await script('closed/tool', 'echo ran')
    await symlink('../closed/tool', join(folder, 'open/link'))
    await symlink('../open/tool', join(folder, 'closed/link'))
    await symlink(join(folder, 'closed'), join(folder, 'good'))
    await chmod(join(folder, 'open'), 0o777)
    expect(await runAt(join(folder, 'open/link'))).toMatchObject({ ok: false, errno: 'EPERM' })
    expect(await runAt(join(folder, 'closed/link'))).toMatchObject({ ok: false, errno: 'EPERM' })
    expect(await runAt(join(folder, 'good/tool'))).toMatchObject({ ok: true, stdout: 'ran\n' })
  })

  test.runIf(ownUser === 0)('T29 not what belongs to another user', async () => {
    const tool = await script('tool', 'echo ran')
    await chown(tool, 65534, 65534)
    expect(await runAt(tool)).toMatchObject({ ok: false, errno: 'EPERM' })
  })

  test('T29 the rule in force: the temporary folder of all is refused, the system’s own programs are run', async () => {
    const real = createLinuxPrograms()
    const tool = await script('tool', 'echo ran')
    expect(await real.run(tool, [], limits)).toMatchObject({ ok: false, errno: 'EPERM' })
    expect(await real.run('/usr/bin/env', [], limits)).toMatchObject({ ok: true, exitCode: 0 })
    expect(trustOnly(1000)('/x', { uid: 1000, mode: 0o100755 })).toBeUndefined()
    expect(trustOnly(1000)('/x', { uid: 1001, mode: 0o100755 })).toContain('belongs to user 1001')
    expect(trustOnly(0)('/x', { uid: 0, mode: 0o100775 })).toContain('can be written by others')
  })
})
