import { open } from 'node:fs/promises'
import { ensureHostPackages } from './packages.ts'
import { run } from './run.ts'

const DISK_BYTES = 64 * 1024 * 1024

/**
 * A disk of a lab machine, as a file of the host: what the agent keeps, from one boot to the next. What the guest has not
 * synced when the plug is pulled is not on it, since it never left the guest's memory.
 */
export async function makeDisk(file: string): Promise<string> {
  await ensureHostPackages({ e2fsprogs: '/usr/sbin/mke2fs' })
  const image = await open(file, 'w')
  await image.truncate(DISK_BYTES).finally(() => image.close())
  await run('/usr/sbin/mke2fs', ['-q', '-t', 'ext4', file])
  return file
}
