// Goal: the observer gives a clear account of odd hosts, says each thing once, and keeps what sysfs forgets over a
// restart. Method: made-up file trees and recorded kernels on a virtual clock; a temporary directory for the memory.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import { hostState } from '@rebootless/shared/domain/host-state.ts'
import { patchStatuses } from '@rebootless/shared/domain/patch-status.ts'
import { providerReport } from '@rebootless/shared/domain/provider-report.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { boundSnapshot, SNAPSHOT_BYTES_MAX } from '../providers/bound-snapshot.ts'
import { snapshotHash } from '../providers/snapshot-hash.ts'
import { FileTree, treeFs } from '../recorded/tree-fs.ts'
import { createVirtualClock } from '../recorded/virtual-clock.ts'
import { createHostWatch } from './host-watch.ts'
import { loadMemory, saveMemory } from './memory-file.ts'
import { createObserver } from './observer.ts'

const EPOCH = Date.UTC(2026, 0, 1)
const refusedLog = async () => ({ ok: false as const, errno: 'EPERM' })
const emptyLog = async () => ({ ok: true as const, value: undefined })

const kernel = (fill: (tree: FileTree) => void): FileTree => {
  const tree = new FileTree()
  tree.add('/proc/sys/kernel/osrelease', '6.12.0\n')
  tree.add('/proc/sys/kernel/random/boot_id', 'boot-1\n')
  tree.add('/proc/modules', '')
  fill(tree)
  return tree
}

const patch = (tree: FileTree, name: string, enabled: string, transition: string): void => {
  const path = `/sys/kernel/livepatch/${name}`
  tree.add(`${path}/enabled`, enabled)
  tree.add(`${path}/transition`, transition)
  tree.add(`${path}/vmlinux/patched`, '1\n')
  tree.addDirectory(`${path}/vmlinux/f,1`)
}

const read = async (tree: FileTree, log = emptyLog as typeof emptyLog | typeof refusedLog) => {
  const virtual = createVirtualClock(EPOCH)
  const reading = createObserver({
    fs: treeFs(() => tree, log),
    clock: virtual.clock,
    architecture: 'x86_64',
  }).current()
  await virtual.advance(10_000)
  const snapshot = Snapshot.parse(await reading)
  return { snapshot, state: hostState({ snapshot, transition: null, connected: true, lastSeenAt: 0, now: 0 }) }
}

describe('odd hosts', () => {
  test('no livepatch at all is unsupported', async () => {
    const { state } = await read(kernel((tree) => tree.addDirectory('/sys/kernel')))
    expect(state).toMatchObject({ state: 'unsupported', reason: expect.stringContaining('/sys/kernel/livepatch') })
  })

  test('without sysfs, as in a container, nothing is said of the kernel', async () => {
    const { state } = await read(kernel(() => undefined))
    expect(state).toMatchObject({ state: 'stale', reason: expect.stringContaining('is sysfs mounted?') })
  })

  test('an unreadable sysfs is not "unsupported", and not "unpatched" either', async () => {
    const { state, snapshot } = await read(kernel((tree) => tree.refuse('/sys/kernel/livepatch', 'EACCES')))
    expect(state).toMatchObject({ state: 'stale', reason: expect.stringContaining('EACCES') })
    expect(snapshot.livepatches).toBeNull()
    expect(snapshot.unreadable).toContainEqual(
      expect.objectContaining({ path: '/sys/kernel/livepatch', errno: 'EACCES' }),
    )
  })

  test('an empty directory says only that livepatch has nothing in', async () => {
    const { state } = await read(kernel((tree) => tree.addDirectory('/sys/kernel/livepatch')))
    expect(state.reason).toContain('as far as the livepatch provider can see')
  })

  test('without root it says what it cannot see', async () => {
    const { snapshot } = await read(
      kernel((tree) => {
        patch(tree, 'lp_x', '1\n', '1\n')
        tree.add('/proc/1/task/1/patch_state', { errno: 'EACCES' })
        tree.add('/proc/1/patch_state', { errno: 'EACCES' })
        tree.add('/proc/1/stack', { errno: 'EACCES' })
        tree.add('/sys/kernel/tracing/enabled_functions', { errno: 'EACCES' })
      }),
      refusedLog,
    )
    expect(snapshot).toMatchObject({ kernelEvents: null, enabledFunctions: null })
    expect(snapshot.unreadable.map(({ consequence }) => consequence)).toEqual(
      expect.arrayContaining([
        "without root the blocking tasks' stacks are not visible",
        'without root it is not visible which tasks have switched',
        'whether ftrace really redirects the patched functions is not known',
      ]),
    )
  })

  test('T04 unknown attributes, bad values and hostile names are borne and kept as text', async () => {
    const name = `<script>${'\u202e'}x`
    const { snapshot } = await read(
      kernel((tree) => {
        patch(tree, name, 'perhaps\n', '')
        tree.add(`/sys/kernel/livepatch/${name}/replace_set`, '7\n')
        tree.add(`/sys/kernel/livepatch/${name}/stack_order`, { errno: 'ENODEV' })
        tree.add('/proc/sys/kernel/tainted', 'very\n')
      }),
    )
    expect(snapshot.livepatches).toMatchObject([
      { name, enabled: null, transition: null, stackOrder: null, unknownAttributes: ['replace_set'] },
    ])
    expect(snapshot.kernel.taints).toBeNull()
  })

  test('ftrace that does not confirm is drift, but only outside a transition', async () => {
    const tree = (transition: string) =>
      kernel((files) => {
        patch(files, 'lp_x', '1\n', transition)
        files.add('/sys/kernel/tracing/enabled_functions', '')
      })
    expect((await read(tree('0\n'))).state.state).toBe('drifted')
    expect((await read(tree('1\n'))).state.state).toBe('patching')
  })
})

/** A running observer of a kernel that can become another between two looks. */
const watched = (first: FileTree) => {
  const virtual = createVirtualClock(EPOCH)
  let tree = first
  const heard: string[][] = []
  let listed: string[] | undefined
  let logs: (record: string) => void = () => undefined
  const stop = new AbortController()
  const log = async (onRecord: (record: string) => void, signal: AbortSignal) => {
    logs = onRecord
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    return { ok: true as const, value: undefined }
  }
  const running = createObserver({
    fs: treeFs(() => tree, log),
    clock: virtual.clock,
    architecture: 'x86_64',
  }).run(
    {
      snapshot: (snapshot) => {
        heard.push(patchStatuses(snapshot).map(({ name }) => name))
        listed = snapshot.livepatches?.map(({ name }) => name)
      },
      transition: () => undefined,
    },
    stop.signal,
  )
  return {
    heard,
    listed: () => listed,
    becomes: (next: FileTree) => {
      tree = next
    },
    logs: (record: string) => logs(record),
    advance: virtual.advance,
    async stop() {
      stop.abort()
      await virtual.advance(0)
      await running
    },
  }
}

describe('watching', () => {
  test('a host at rest is told of once, and an unlogged change by the next look', async () => {
    const host = watched(kernel((files) => files.addDirectory('/sys/kernel/livepatch')))
    await host.advance(300_000)
    expect(host.heard).toEqual([[]])
    host.becomes(kernel((files) => patch(files, 'lp_x', '1\n', '0\n')))
    await host.advance(5_100)
    expect(host.heard).toEqual([[], ['lp_x']])
    await host.stop()
  })

  test('a patch that leaves sysfs after the log has told of the end is seen to have gone within half a second', async () => {
    const host = watched(kernel((files) => patch(files, 'lp_old', '1\n', '0\n')))
    await host.advance(60_000)
    host.becomes(
      kernel((files) => {
        patch(files, 'lp_old', '0\n', '0\n')
        patch(files, 'lp_new', '1\n', '0\n')
      }),
    )
    host.logs("5,7,60000000,-;livepatch: 'lp_new': patching complete")
    await host.advance(1_000)
    host.becomes(kernel((files) => patch(files, 'lp_new', '1\n', '0\n')))
    await host.advance(500)
    expect(host.listed()).toEqual(['lp_new'])
    await host.stop()
  })

  test('a new boot id forgets the boot before', async () => {
    const virtual = createVirtualClock(EPOCH)
    let tree = kernel((files) => patch(files, 'lp_x', '1\n', '0\n'))
    const watch = createHostWatch({ fs: treeFs(() => tree, emptyLog), clock: virtual.clock, architecture: 'x86_64' })
    const at = new Date(EPOCH).toISOString()
    await watch.look(
      [{ sequence: 5, at, kind: 'forced', patch: 'lp_x', direction: null, object: null, text: '' }],
      null,
    )
    expect((await watch.snapshot(null)).memory[0]?.forcedAt).toBe(at)
    tree = kernel((files) => patch(files, 'lp_x', '1\n', '0\n'))
    tree.add('/proc/sys/kernel/random/boot_id', 'boot-2\n')
    await watch.look([], null)
    const after = await watch.snapshot(null)
    expect(after.memory[0]?.forcedAt).toBeNull()
    expect(after.kernelEvents).toEqual([])
  })
})

describe('the memory on disk', () => {
  let directory = ''
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rebootless-memory-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  test('a force outlives a restart of the agent although the log has lost it', async () => {
    const tree = kernel((files) => patch(files, 'lp_x', '1\n', '0\n'))
    const options = {
      fs: treeFs(() => tree, emptyLog),
      clock: createVirtualClock(EPOCH).clock,
      architecture: 'x86_64',
      dataDirectory: directory,
    }
    const at = new Date(EPOCH).toISOString()
    const first = createHostWatch(options)
    await first.look([], null)
    await first.look(
      [{ sequence: 5, at, kind: 'forced', patch: 'lp_x', direction: null, object: null, text: '' }],
      null,
    )
    const second = createHostWatch(options)
    await second.look([], null)
    expect((await second.snapshot(null)).memory[0]?.forcedAt).toBe(at)
  })

  test('a torn file and another boot start afresh', async () => {
    await saveMemory(directory, { bootId: 'boot-1', lastSequence: 3, entries: [] })
    expect(await loadMemory(directory, 'boot-1')).toMatchObject({ lastSequence: 3 })
    expect(await loadMemory(directory, 'boot-2')).toBeNull()
    const path = join(directory, 'patch-memory.json')
    const text = await readFile(path, 'utf8')
    for (const torn of ['', text.slice(0, 20), `${text}x`, 'null', '{"bootId":"boot-1"}']) {
      await writeFile(path, torn)
      expect(await loadMemory(directory, 'boot-1')).toBeNull()
    }
  })
})

describe('the snapshot', () => {
  test('its hash holds still while nothing happens', async () => {
    const { snapshot } = await read(kernel((tree) => patch(tree, 'lp_x', '1\n', '0\n')))
    const later = {
      ...snapshot,
      takenAt: '2026-02-02T00:00:00.000Z',
      raw: [],
      kernel: { ...snapshot.kernel, bootedAt: '2026-01-01T00:00:00.001Z' },
    }
    expect(snapshotHash(later)).toBe(snapshotHash(snapshot))
    expect(snapshotHash({ ...later, livepatches: [] })).not.toBe(snapshotHash(snapshot))
  })

  test('its hash tells what a tool says, and of the last check only the day', async () => {
    const { snapshot } = await read(kernel((tree) => patch(tree, 'lp_x', '1\n', '0\n')))
    const hash = (checkedAt: string, version: string) =>
      snapshotHash({ ...snapshot, providers: [providerReport('ksplice', { detail: '', checkedAt, version })] })
    expect(hash('2026-02-02T23:00:00.000Z', '1')).toBe(hash('2026-02-02T01:00:00.000Z', '1'))
    expect(hash('2026-02-03T01:00:00.000Z', '1')).not.toBe(hash('2026-02-02T01:00:00.000Z', '1'))
    expect(hash('2026-02-02T01:00:00.000Z', '2')).not.toBe(hash('2026-02-02T01:00:00.000Z', '1'))
  })

  test('stays within its bound whatever tools say: patches are cut, and at last not known, but never none', async () => {
    const { snapshot } = await read(kernel((tree) => patch(tree, 'lp_x', '1\n', '0\n')))
    const cves = Array.from({ length: 2048 }, (_, index) => `CVE-2026-${10_000 + index}`)
    const blockers = [{ pid: 1, tid: null, comm: null, stack: Array.from({ length: 64 }, () => 's'.repeat(512)) }]
    const told = (patches: number, ofEach: number, text: string) =>
      Array.from({ length: 15 }, () =>
        providerReport('kernelcare', {
          ...{ detail: text.slice(0, 300), blockers },
          patches: Array.from({ length: patches }, (_, index) => ({
            ...{ id: `p${index}`, name: text.slice(0, 300), version: null, target: 'kernel', state: 'applied' },
            ...{ stateText: null, cves: cves.slice(0, ofEach), livepatch: null, atNextBoot: null },
            ...{ protects: true, withdrawn: false },
          })),
        }),
      )
    const bounded = (patches: number, ofEach: number, text = 'n') => {
      const result = boundSnapshot({ ...snapshot, providers: told(patches, ofEach, text) })
      expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(SNAPSHOT_BYTES_MAX)
      const [report] = Snapshot.parse(result).providers
      return { patches: report?.patches?.length, cves: report?.patches?.[0]?.cves.length, troubles: report?.troubles }
    }
    const said = [{ source: 'kernelcare', code: null, text: expect.stringContaining('left out') }]
    expect(bounded(1, 100)).toEqual({ patches: 1, cves: 100, troubles: [] })
    expect(bounded(1, 2048)).toEqual({ patches: 1, cves: 2048, troubles: said })
    expect(bounded(2, 2048)).toEqual({ patches: 2, cves: 128, troubles: said })
    expect(bounded(300, 10)).toEqual({ patches: 64, cves: 10, troubles: said })
    expect(bounded(100, 100, '\u2620'.repeat(300))).toEqual({ patches: undefined, cves: undefined, troubles: said })
  })

  test('stays within its bound whatever a kernel holds, and says that it was cut', async () => {
    const { snapshot } = await read(kernel((tree) => patch(tree, 'lp_x', '1\n', '0\n')))
    const functions = Array.from({ length: 4_096 }, (_, index) => ({ name: 'f'.repeat(500) + index, sympos: 1 }))
    const [one] = snapshot.livepatches ?? []
    if (one === undefined) throw new Error('no livepatch was read')
    const livepatches = Array.from({ length: 4 }, (_, index) => ({
      ...one,
      name: `lp_${index}`,
      objects: [{ name: 'vmlinux', patched: true, functions }],
    }))
    const enabledFunctions = functions.map(({ name }) => ({
      name,
      module: null,
      count: 1,
      ipModify: true,
      line: 'x'.repeat(512),
    }))
    const raw = Array.from({ length: 512 }, (_, index) => ({
      path: `/f${index}`,
      content: 'y'.repeat(16_384),
      errno: null,
      truncated: false,
    }))
    const bounded = boundSnapshot({ ...snapshot, livepatches, enabledFunctions, raw })
    expect(Buffer.byteLength(JSON.stringify(bounded))).toBeLessThanOrEqual(SNAPSHOT_BYTES_MAX)
    expect(Snapshot.parse(bounded).livepatches).toHaveLength(4)
    expect(bounded.unreadable.at(-1)).toMatchObject({ path: 'snapshot' })
    expect(boundSnapshot(snapshot)).toBe(snapshot)
  })
})
