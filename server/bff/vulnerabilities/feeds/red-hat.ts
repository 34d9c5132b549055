import { isRedHatKernel, redHatProduct } from '../products.ts'
import type { CsafComponent } from './csaf-tree.ts'

/**
 * `kernel-0:5.14.0-284.18.1.el9_2.x86_64`, `kernel-0:…` without an architecture, `kernel.src`, or `kernel`.
 * @returns the version with its epoch; null: the component has none
 */
export const redHatComponent = (component: string): { name: string; version: string | null } | null => {
  const [, name, version] =
    /^([A-Za-z0-9._+-]+)-(\d+:[^-:\s]+-[^-:\s]+?)(?:\.(?:src|x86_64|aarch64|ppc64le|ppc64|s390x|s390|i686|i386|noarch))?$/.exec(
      component,
    ) ?? []
  if (name !== undefined && version !== undefined) return { name, version }
  const [, plain] = /^([A-Za-z0-9._+-]+?)(?:\.src)?$/.exec(component) ?? []
  return plain === undefined ? null : { name: plain, version: null }
}

export const redHatTarget = (found: CsafComponent | null) => {
  const component = redHatComponent(found?.component ?? '')
  const product = redHatProduct(found?.product.cpe ?? '', found?.product.id)
  if (component === null || product === null || !isRedHatKernel(component.name)) return null
  return { product, package: component.name, version: component.version }
}

/** `kpatch-patch-3_10_0-1062_1_1` → `3.10.0-1062.1.1`; null: the name does not tell. */
export const kpatchKernel = (name: string): string | null => {
  const [, base, release] = /^kpatch-patch-(\d+_\d+_\d+)-(\d[\d_]*)$/.exec(name) ?? []
  return base === undefined || release === undefined
    ? null
    : `${base.replaceAll('_', '.')}-${release.replaceAll('_', '.')}`
}
