// Goal: tools are asked when there may be news and hardly ever else, never hold up the looks at sysfs, and a snapshot
// says what they say. Method: made-up providers on a file tree and a virtual clock; what they are asked is counted.
import type { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { ProviderFindings } from '@rebootless/shared/domain/provider-report.ts'
import { PROVIDER_TITLES } from '@rebootless/shared/domain/provider-titles.ts'
import { describe, expect, test } from 'vitest'
import type { HostPrograms } from '../programs/programs.ts'
import type { Provider, ProviderHost } from '../providers/provider.ts'
import { FileTree, treeFs } from '../recorded/tree-fs.ts'
import { createVirtualClock } from '../recorded/virtual-clock.ts'
import { createObserver } from './observer.ts'

const EPOCH = Date.UTC(2026, 10, 26)

const noPrograms: HostPrograms = {
  run: async () => ({ ok: false, errno: 'ENOENT', detail: 'not there', stdout: '', stderr: '' }),
}

interface Made {
  provider: Provider
  counts: { detects: number; reads: number }
}

const made = (read: (host: ProviderHost) => Promise<ProviderFindings>, name: Provider['name'] = 'ksplice'): Made => {
  const counts = { detects: 0, reads: 0 }
  return {
    counts,
    provider: {
      ...{ name, title: PROVIDER_TITLES[name] },
      async detect(host) {
        counts.detects += 1
        return host.exists('/tool')
      },
      watches: () => ['/state', '/updates'],
      async read(host) {
        counts.reads += 1
        return read(host)
      },
    },
  }
}

const state = async (host: ProviderHost): Promise<ProviderFindings> => {
  const text = await host.readText('/state')
  return { detail: text.ok ? text.value : 'No state.', checkedAt: new Date(host.now()).toISOString() }
}

const base = (): FileTree => {
  const tree = new FileTree()
  tree.add('/proc/sys/kernel/osrelease', '6.12.0\n')
  tree.add('/proc/sys/kernel/random/boot_id', 'boot-1\n')
  tree.add('/proc/modules', '')
  tree.addDirectory('/sys/kernel/livepatch')
  tree.add('/tool', '')
  tree.add('/state', 'one')
  tree.addDirectory('/updates')
  return tree
}

/** A running observer, and what it said. */
const watching = (providers: Provider[], tree: FileTree, virtual = createVirtualClock(EPOCH)) => {
  const told: { atMs: number; snapshot: Snapshot }[] = []
  let reads = 0
  const stop = new AbortController()
  const fs = treeFs(
    () => {
      reads += 1
      return tree
    },
    async (_onRecord, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      return { ok: true as const, value: undefined }
    },
  )
  const observer = createObserver({ fs, programs: noPrograms, providers, clock: virtual.clock, architecture: 'x86_64' })
  const running = observer.run(
    {
      snapshot: (snapshot) => told.push({ atMs: virtual.elapsedMs(), snapshot }),
      transition: () => undefined,
    },
    stop.signal,
  )
  return {
    told,
    observer,
    details: () => told.map(({ snapshot }) => snapshot.providers.slice(1).map(({ detail }) => detail)),
    reads: () => reads,
    advance: virtual.advance,
    async stop() {
      stop.abort()
      await virtual.advance(0)
      await running
    },
  }
}

describe('what a host says', () => {
  test('the first snapshot has every system that is there, and none that is not', async () => {
    const tree = base()
    const absent = made(state, 'kernelcare')
    absent.provider.detect = async () => false
    const host = watching([made(state).provider, absent.provider], tree)
    await host.advance(1_000)
    expect(host.details()).toEqual([['one']])
    expect(host.told[0]?.snapshot.providers.map(({ name, present }) => [name, present])).toEqual([
      ['livepatch', true],
      ['ksplice', true],
    ])
    expect(host.told[0]?.snapshot.raw).toContainEqual(
      expect.objectContaining({ path: '/state', content: 'one', provider: 'ksplice' }),
    )
    await host.stop()
  })

  test('a watched file, a name in a watched folder, a module: each is read anew with the next look', async () => {
    const tree = base()
    const { provider, counts } = made(state)
    const host = watching([provider], tree)
    await host.advance(30_000)
    expect(counts.reads).toBe(1)
    tree.add('/state', 'two')
    await host.advance(5_100)
    expect(host.details()).toEqual([['one'], ['two']])
    tree.add('/updates/new', '')
    await host.advance(5_100)
    expect(counts.reads).toBe(3)
    tree.add('/proc/modules', 'ksplice_x 16384 1 - Live 0x0 (OE)\n')
    await host.advance(5_100)
    expect(counts.reads).toBe(4)
    expect(host.details()).toHaveLength(2)
    await host.stop()
  })

  test('a tool that says the same again has said so since the first time, whatever else is read anew', async () => {
    const tree = base()
    const host = watching([made(state).provider], tree)
    await host.advance(30_000)
    tree.add('/updates/new', '')
    tree.add('/proc/sys/kernel/tainted', '512')
    await host.advance(60_000)
    tree.add('/state', 'two')
    await host.advance(5_100)
    const since = host.told.map(({ snapshot }) => Date.parse(snapshot.providers[1]?.since ?? '') - EPOCH)
    expect(since).toHaveLength(3)
    expect(since[0]).toBeLessThan(1_000)
    expect(since[1]).toBe(since[0])
    expect(since[2]).toBeGreaterThan(90_000)
    await host.stop()
  })

  test('a system that is installed later is found within a minute, one that is removed is no longer spoken of', async () => {
    const tree = base()
    tree.add('/tool', { errno: 'ENOENT' })
    const { provider } = made(state)
    const host = watching([provider], tree)
    await host.advance(10_000)
    expect(host.details()).toEqual([[]])
    tree.add('/tool', '')
    await host.advance(65_100)
    expect(host.details()).toEqual([[], ['one']])
    tree.add('/tool', { errno: 'ENOENT' })
    tree.add('/state', { errno: 'ENOENT' })
    await host.advance(5_100)
    expect(host.details()).toEqual([[], ['one'], []])
    await host.stop()
  })

  test('the distribution is asked as well, and a kernel that is installed later is told of with the next look', async () => {
    const tree = base()
    tree.add('/lib/modules/6.12.0/modules.dep', '')
    tree.add('/etc/os-release', 'ID=debian\nVERSION_ID="13"\n')
    const host = watching([], tree)
    await host.advance(1_000)
    tree.add('/lib/modules/6.12.1/modules.dep', '')
    await host.advance(5_100)
    expect(host.told.map(({ snapshot }) => snapshot.distribution?.installedKernels)).toEqual([
      ['6.12.0'],
      ['6.12.0', '6.12.1'],
    ])
    await host.stop()
  })

  test('without programs only livepatch is read, and nothing is said of the distribution', async () => {
    const virtual = createVirtualClock(EPOCH)
    const snapshot = createObserver({
      fs: treeFs(base, async () => ({ ok: true, value: undefined })),
      ...{ providers: [made(state).provider], clock: virtual.clock, architecture: 'x86_64' },
    }).current()
    await virtual.advance(1_000)
    expect(await snapshot).toMatchObject({ providers: [{ name: 'livepatch' }], distribution: null })
  })

  test('asked once, outside a run, it waits for the tools', async () => {
    const virtual = createVirtualClock(EPOCH)
    const slow = made(async (host) => {
      await virtual.clock.sleep(20_000)
      return state(host)
    })
    const observer = createObserver({
      fs: treeFs(base, async () => ({ ok: true, value: undefined })),
      ...{ programs: noPrograms, providers: [slow.provider], clock: virtual.clock, architecture: 'x86_64' },
    })
    const snapshot = observer.current()
    await virtual.advance(30_000)
    expect((await snapshot).providers.map(({ detail }) => detail)).toContain('one')
  })
})

describe('a slow tool', () => {
  test('holds up neither the looks nor, for more than a few seconds, the first snapshot', async () => {
    const tree = base()
    let open = (): void => undefined
    const { provider } = made(async (host) => {
      await new Promise<void>((resolve) => {
        open = resolve
      })
      return state(host)
    })
    const host = watching([made(state, 'kernelcare').provider, provider], tree)
    await host.advance(4_900)
    expect(host.told).toEqual([])
    await host.advance(1_000)
    expect(host.details()).toEqual([['one']])
    expect(host.told[0]?.snapshot.distribution).toBeNull()
    tree.add('/sys/kernel/livepatch/lp_x/enabled', '1\n')
    tree.add('/sys/kernel/livepatch/lp_x/transition', '0\n')
    await host.advance(5_100)
    expect(host.told.at(-1)?.snapshot.livepatches).toHaveLength(1)
    open()
    await host.advance(1_000)
    expect(host.details().at(-1)).toEqual(['one', 'one'])
    await host.stop()
  })

  test('whoever asks while it runs is answered at once, and stopping does not wait for it', async () => {
    const host = watching([made(() => new Promise(() => undefined)).provider], base())
    await host.advance(1_000)
    const current = host.observer.current()
    await host.advance(1_000)
    expect((await current).kernel.bootId).toBe('boot-1')
    await host.stop()
  })

  test('one that takes long is asked seldom, but within a minute or so when the kernel has changed', async () => {
    const tree = base()
    const virtual = createVirtualClock(EPOCH)
    const { provider, counts } = made(async (host) => {
      await virtual.clock.sleep(20_000)
      return state(host)
    })
    const host = watching([provider], tree, virtual)
    for (let second = 0; second < 600; second += 5) {
      tree.add('/state', `at ${second}`)
      await host.advance(5_000)
    }
    expect(counts.reads).toBe(3)
    tree.add('/proc/modules', 'ksplice_x 16384 1 - Live 0x0 (OE)\n')
    await host.advance(90_000)
    expect(counts.reads).toBe(4)
    await host.stop()
  })
})

describe('at rest', () => {
  test('a tool that is there is read each ten minutes, one that is not is looked for each minute', async () => {
    const tree = base()
    const there = made(state)
    const absent = made(state, 'kernelcare')
    absent.provider.detect = async (host) => {
      absent.counts.detects += 1
      return host.exists('/nothing')
    }
    const host = watching([there.provider, absent.provider], tree)
    await host.advance(3_600_000)
    expect(there.counts.reads).toBeGreaterThanOrEqual(6)
    expect(there.counts.reads).toBeLessThanOrEqual(7)
    expect(absent.counts.detects).toBeLessThanOrEqual(61)
    // What it last heard from its vendor is new each time, and is no news.
    expect(host.told).toHaveLength(1)
    await host.stop()
  })

  test('a tool that failed is asked again after one minute, then two, four, eight; once it answers, each ten minutes', async () => {
    const tree = base()
    tree.add('/state', { errno: 'EACCES' })
    const atMs: number[] = []
    const { provider } = made(async (host) => {
      atMs.push(host.now() - EPOCH)
      const text = await host.readText('/state')
      const troubles = text.ok ? [] : [{ source: '/state', code: null, text: text.errno }]
      return { detail: 'Read.', troubles }
    })
    provider.watches = () => []
    const host = watching([provider], tree)
    await host.advance(45 * 60_000)
    const pauses = () => atMs.slice(1).map((at, index) => Math.floor((at - (atMs[index] ?? 0)) / 60_000))
    expect(pauses().slice(0, 6)).toEqual([1, 2, 4, 8, 10, 10])
    tree.add('/state', 'one')
    atMs.length = 0
    await host.advance(31 * 60_000)
    expect(pauses().slice(0, 2)).toEqual([10, 10])
    tree.add('/state', { errno: 'EACCES' })
    atMs.length = 0
    await host.advance(31 * 60_000)
    expect(pauses().slice(0, 3)).toEqual([1, 2, 4])
    await host.stop()
  })
})
