import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Debian's libfaketime, by architecture. */
const LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu', 'powerpc64le-linux-gnu', 's390x-linux-gnu'].map(
  (triplet) => `/usr/lib/${triplet}/faketime/libfaketimeMT.so.1`,
)

const found = async (): Promise<string> => {
  for (const library of LIBRARIES) {
    const isThere = await access(library).then(
      () => true,
      () => false,
    )
    if (isThere) return library
  }
  throw new Error(
    'The clock of one program is set by libfaketime, which is not on this machine: apt-get install faketime',
  )
}

/** The library looks at its file so often. */
const CACHED_S = 1

/** The wall clock of a program that has this environment, and of all that it starts; what counts monotonically goes on as it is. */
export const makeTestClock = async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-clock-'))
  const file = path.join(folder, 'offset')
  const set = async (days: number) => {
    await writeFile(file, `${days < 0 ? '-' : '+'}${Math.abs(days)}d\n`, { mode: 0o644 })
    await sleep(1_000 * CACHED_S + 100)
  }
  const library = await found()
  await set(0)
  return {
    environment: {
      ...{ LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: `${CACHED_S}` },
      ...{ FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' },
    },
    /** Resolves once the clock is so many days wrong. */
    set,
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
