import type { ProviderHost } from '../provider.ts'
import { isModuleName, moduleName } from '../tool-text.ts'

export const INSTALL_DIRECTORY = '/var/lib/kpatch'
const SYSTEMD_DIRECTORY = '/etc/systemd/system'
const RELEASES_MAX = 64

export interface InstalledModules {
  /** For the running kernel, by module name; null: could not be listed. */
  readonly here: readonly string[] | null
  /** The files of those, by their paths. */
  readonly files: readonly string[]
  readonly elsewhere: readonly { readonly release: string; readonly names: readonly string[] }[]
}

/** /var/lib/kpatch/RELEASE/*.ko: dynup/kpatch, kpatch/kpatch (`INSTALLDIR`). */
export const readInstalledModules = async (host: ProviderHost): Promise<InstalledModules> => {
  const releases = await host.list(INSTALL_DIRECTORY)
  if (!releases.ok) return { here: releases.errno === 'ENOENT' ? [] : null, files: [], elsewhere: [] }
  const modules = async (release: string) => {
    const files = await host.list(`${INSTALL_DIRECTORY}/${release}`)
    if (!files.ok) return files.errno === 'ENOENT' ? [] : null
    return files.value.flatMap(({ name, directory }) =>
      !directory && name.endsWith('.ko') && isModuleName(moduleName(name)) ? [name] : [],
    )
  }
  const elsewhere: { release: string; names: string[] }[] = []
  const others = releases.value.filter(({ name, directory }) => directory && name !== host.kernel.release)
  for (const { name } of others.slice(0, RELEASES_MAX)) {
    const files = await modules(name)
    if (files !== null && files.length > 0) elsewhere.push({ release: name, names: files.map(moduleName) })
  }
  const here = await modules(host.kernel.release)
  const files = (here ?? []).map((file) => `${INSTALL_DIRECTORY}/${host.kernel.release}/${file}`)
  return { here: here?.map(moduleName) ?? null, files, elsewhere }
}

/**
 * Whether installed modules are loaded at the next boot: kpatch.service (`kpatch load --all`) is enabled by a link in a
 * `.wants` folder and not masked by an empty unit (systemd.unit(5)), and `kpatch.enable=0` is not on the kernel's command
 * line (dynup/kpatch, contrib/kpatch.service). null: could not be read.
 */
export const readLoadedAtBoot = async (host: ProviderHost): Promise<boolean | null> => {
  const units = await host.list(SYSTEMD_DIRECTORY)
  if (!units.ok) return units.errno === 'ENOENT' ? false : null
  const mask = units.value.some(({ name }) => name === 'kpatch.service')
    ? await host.readText(`${SYSTEMD_DIRECTORY}/kpatch.service`, { unlisted: true })
    : null
  if (mask?.ok && mask.value.trim() === '') return false
  // Unlisted: what else stands on the command line is nobody's business here.
  const commandLine = await host.readText('/proc/cmdline', { unlisted: true })
  if (commandLine.ok && commandLine.value.split(/\s+/).includes('kpatch.enable=0')) return false
  for (const { name } of units.value)
    if (name.endsWith('.wants') && (await host.exists(`${SYSTEMD_DIRECTORY}/${name}/kpatch.service`))) return true
  return false
}
