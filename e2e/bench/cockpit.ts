import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@rebootless/server/process/free-port.ts'
import { cachedFolder } from '../kernel/lab/cache.ts'
import { unpackWithDependencies } from '../kernel/lab/debian-archive.ts'
import { run } from '../kernel/lab/run.ts'

const PACKAGES = ['cockpit-ws', 'cockpit-bridge', 'cockpit-system']
const PROGRAM = '/usr/lib/cockpit/cockpit-ws'
const READY_MS_MAX = 30_000
const NOBODY = '65534:65534'
/** In a mount namespace of its own, so that both mounts are gone with the program. */
const ENTER = `mount --rbind /dev "$0/dev" && mount --rbind /proc "$0/proc" && exec chroot --userspec=${NOBODY} "$0" "$@"`

interface Cockpit {
  /** Of its overview of this machine. */
  readonly overview: string
  readonly version: string
  stop(): Promise<void>
}

/**
 * Debian's Cockpit, unpacked and not installed. Whoever reaches its port has its session without a password, so that is nobody's, who may
 * change nothing here; without D-Bus the overview shows a little less than it would, and loads no slower for that.
 */
export const startCockpit = async (): Promise<Cockpit> => {
  if (process.getuid?.() !== 0) throw new Error("Cockpit is given nobody's session, which only root can do.")
  const root = await cachedFolder('debian-cockpit', async (draft) => {
    console.log('downloading Cockpit')
    await unpackWithDependencies({ architecture: 'amd64' }, PACKAGES, draft)
    for (const name of ['dev', 'proc', 'run', 'tmp']) await mkdir(path.join(draft, name), { recursive: true })
    // The session's own folder; without it Cockpit asks for a password.
    await chmod(path.join(draft, 'tmp'), 0o1777)
    await writeFile(path.join(draft, 'etc/passwd'), 'nobody:x:65534:65534:nobody:/tmp:/usr/sbin/nologin\n')
    await writeFile(path.join(draft, 'etc/group'), 'nogroup:x:65534:\n')
    await writeFile(path.join(draft, 'etc/os-release'), 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n')
  })
  const address = `http://127.0.0.1:${await freePort()}`
  const listens = ['--no-tls', '--address', '127.0.0.1', '--port', new URL(address).port]
  const session = ['--local-session', '/usr/bin/cockpit-bridge']
  const child = spawn('unshare', ['--mount', 'sh', '-c', ENTER, root, PROGRAM, ...listens, ...session], {
    stdio: 'ignore',
  })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  const overview = `${address}/system`
  for (const deadline = Date.now() + READY_MS_MAX; ; await sleep(100)) {
    const page = await fetch(overview)
      .then((answer) => answer.text())
      .catch(() => '')
    if (page.includes('id="shell-page"')) break
    if (child.exitCode === null && Date.now() < deadline) continue
    await stop()
    throw new Error('Cockpit does not show its overview')
  }
  const version = /^Version: (\S+)/m.exec(await run('chroot', [root, PROGRAM, '--version']))?.[1] ?? 'unknown'
  return { overview, version, stop }
}
