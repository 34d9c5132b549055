import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { cachedFolder } from './cache.ts'
import type { CpioEntry } from './cpio.ts'
import { downloadNewest } from './debian-archive.ts'
import type { MachineOptions } from './machine.ts'
import { run } from './run.ts'

/** Debian 12 has no such package; this release has version 0.9.10. */
const SUITE = 'trixie'
const UNIT = 'usr/lib/systemd/system/kpatch.service'

/** kpatch itself, as Debian packages it: a script for bash, with what it calls; its unit is enabled. */
export async function kpatchTool(): Promise<Pick<MachineOptions, 'programs' | 'files'>> {
  const folder = await cachedFolder('kpatch', async (draft) => {
    const archive = { suite: SUITE, architecture: 'amd64' }
    await run('dpkg-deb', ['-x', await downloadNewest(archive, /^kpatch$/, draft), draft])
  })
  const content = async (name: string) => await readFile(path.join(folder, name))
  const files: CpioEntry[] = [
    { path: 'bin/kpatch', kind: 'program', content: await content('usr/sbin/kpatch') },
    { path: UNIT, kind: 'file', content: await content(UNIT) },
    { path: 'etc/systemd/system/multi-user.target.wants/kpatch.service', kind: 'link', content: `/${UNIT}` },
  ]
  return { programs: ['/bin/bash', '/usr/bin/readelf'], files }
}
