import type { ProviderHost } from '../provider.ts'
import { firstProgram } from '../tool-text.ts'

/**
 * Oracle's clients by their packages. The offline ones take updates from packages that the host's own repositories
 * bring, and need neither key nor network (Oracle Linux, Ksplice User's Guide).
 */
const ONLINE = ['uptrack', 'ksplice'] as const
const OFFLINE = ['uptrack-offline', 'ksplice-offline'] as const

export interface ClientPackage {
  readonly offline: boolean
  readonly version: string
}

/** null: no package of a client is known on this host. */
export const readClientPackage = async (host: ProviderHost): Promise<ClientPackage | null> => {
  const rpm = await firstProgram(host, ['/usr/bin/rpm', '/bin/rpm'])
  if (rpm === null) return null
  // It exits with the number of those that are not installed, so the code says nothing.
  const asked = await host.run(rpm, ['-q', '--queryformat', '%{NAME} %{VERSION}\\n', ...OFFLINE, ...ONLINE])
  return asked.ok ? parseClientPackage(asked.stdout) : null
}

export const parseClientPackage = (text: string): ClientPackage | null => {
  const names: readonly string[] = [...OFFLINE, ...ONLINE]
  const found = text.split('\n').flatMap((line) => {
    const [, name = '', version = ''] = /^([a-z-]{1,32}) ([\w.+~^]{1,64})$/.exec(line.trim()) ?? []
    return names.includes(name) ? [{ name, version }] : []
  })
  const [first] = found.sort((left, right) => names.indexOf(left.name) - names.indexOf(right.name))
  return first === undefined ? null : { offline: first.name.endsWith('-offline'), version: first.version }
}
