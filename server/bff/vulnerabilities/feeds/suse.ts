import { isSuseKernel } from '../products.ts'

const ARCHITECTURE =
  /\.(x86_64|aarch64|ppc64le|s390x|i586|i686|ia64|ppc64|s390|armv7hl|armv6hl|riscv64|noarch|src|nosrc)$/

/** `kernel-default-5.14.21-150500.55.52.1.x86_64`, or the package's name alone, in the product. */
export const suseTarget = (product: string | null, component: string) => {
  if (product === null) return null
  const whole = component.replace(ARCHITECTURE, '')
  const [, name, version] = /^(.+?)-(\d[^-]*-\d[^-]*)$/.exec(whole) ?? []
  if (name !== undefined && version !== undefined) {
    return isSuseKernel(name) ? { product, package: name, version } : null
  }
  return isSuseKernel(whole) ? { product, package: whole, version: null } : null
}

/**
 * `kernel-livepatch-5_14_21-150400_24_100-default-2-150400.2.1.x86_64` names the kernel that it is for, and its own version, 2.
 * Version 1 comes with the kernel and fixes nothing.
 */
export const suseLivepatch = (component: string): { package: string; kernel: string } | null => {
  const [, base, release, flavour, version] =
    /^(?:kernel-livepatch|kgraft-patch)-(\d+_\d+_\d+)-(\d[\d_]*)-([a-z0-9]+)-(\d+)-/.exec(component) ?? []
  if (base === undefined || release === undefined || Number(version) < 2) return null
  return {
    package: component.replace(ARCHITECTURE, ''),
    kernel: `${base.replaceAll('_', '.')}-${release.replaceAll('_', '.')}-${flavour}`,
  }
}
