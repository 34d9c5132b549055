import type { DistributionFacts } from '@rebootless/shared/contract/provider.ts'
import type { ProviderHost } from '../provider.ts'

const PACKAGES_MAX = 64

/** What makes /run/reboot-required on Ubuntu (update-notifier-common) and Debian (unattended-upgrades); without it none is kept. */
const HOOKS = [
  '/usr/share/update-notifier/notify-reboot-required',
  '/etc/kernel/postinst.d/unattended-upgrades',
] as const

/**
 * /run/reboot-required of Debian and Ubuntu, with the packages that asked for it beside it, and /run/reboot-needed of SUSE, by which
 * `zypper needs-rebooting` answers (openSUSE/zypper, NeedsRebootingCmd; openSUSE/zypp-boot-plugin). Red Hat and Amazon keep none.
 */
export const readRebootFiles = async (
  host: ProviderHost,
): Promise<Pick<DistributionFacts, 'rebootRequired' | 'rebootPackages'>> => {
  const required = await host.exists('/run/reboot-required')
  const needed = await host.exists('/run/reboot-needed')
  if (!required && !needed) return { rebootRequired: (await keepsOne(host)) ? false : null, rebootPackages: [] }
  const packages = required ? await host.readText('/run/reboot-required.pkgs') : null
  const names = packages?.ok ? packages.value.split('\n').map((line) => line.trim()) : []
  const known = names.filter((name) => /^[a-z0-9][\w.+:~-]{0,127}$/.test(name))
  return { rebootRequired: true, rebootPackages: [...new Set(known)].slice(0, PACKAGES_MAX) }
}

const keepsOne = async (host: ProviderHost): Promise<boolean> => {
  const { id, versionId } = host.operatingSystem
  if (/^(?:sles|sled|sle-micro|sl-micro|opensuse)/.test(id ?? ''))
    return Number.parseInt(versionId ?? '', 10) >= 15 || /micro|tumbleweed/.test(id ?? '')
  for (const hook of HOOKS) if (await host.exists(hook)) return true
  return false
}
