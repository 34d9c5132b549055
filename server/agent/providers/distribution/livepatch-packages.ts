import type { ProviderHost } from '../provider.ts'
import { firstProgram } from '../tool-text.ts'

const PACKAGES_MAX = 128
const STATUS_BYTES_MAX = 4 * 1024 * 1024
const PATTERNS = ['kpatch-patch*', 'kernel-livepatch*', 'kgraft-patch*'] as const
/** Followed by a kernel's version: kernel-livepatch-tools and kernel-livepatch-repo-s3 carry no livepatch. */
const CARRIES = /^(?:kpatch-patch|kernel-livepatch|kgraft-patch)-\d[\w.+~^-]{0,180}$/

/** Installed packages that carry livepatches, as NAME-VERSION; null: could not be read. */
export const readLivepatchPackages = async (host: ProviderHost): Promise<string[] | null> => {
  const info = await host.list('/var/lib/dpkg/info')
  if (info.ok) {
    // Names from a listing first: the status file is long, and such packages are rare where dpkg is.
    if (!info.value.some(({ name }) => CARRIES.test(name.replace(/(?::[a-z0-9]+)?\.list$/, '')))) return []
    const status = await host.readText('/var/lib/dpkg/status', { unlisted: true, bytesMax: STATUS_BYTES_MAX })
    return status.ok ? parseDpkgStatus(status.value).slice(0, PACKAGES_MAX) : null
  }
  const rpm = await firstProgram(host, ['/usr/bin/rpm', '/bin/rpm'])
  if (rpm === null) return null
  const listed = await host.run(rpm, ['-qa', ...PATTERNS])
  return listed.ok && listed.exitCode === 0 && !listed.truncated
    ? parseRpmNames(listed.stdout).slice(0, PACKAGES_MAX)
    : null
}

export const parseRpmNames = (text: string): string[] =>
  text
    .split('\n')
    .flatMap((line) => (CARRIES.test(line.trim()) ? [line.trim()] : []))
    .sort()

/** Stanzas of /var/lib/dpkg/status that are installed: dpkg(1), deb822(5). */
export const parseDpkgStatus = (text: string): string[] => {
  const found: string[] = []
  let fields: Record<string, string> = {}
  for (const line of [...text.split('\n'), '']) {
    const colon = line.indexOf(':')
    const { Package: name = '', Status: status = '', Version: version = '' } = fields
    if (line === '') {
      if (status === 'install ok installed' && CARRIES.test(name)) found.push(`${name}-${version}`.slice(0, 200))
      fields = {}
    } else if (/^(?:Package|Status|Version):/.test(line)) fields[line.slice(0, colon)] = line.slice(colon + 1).trim()
  }
  return found.sort()
}
