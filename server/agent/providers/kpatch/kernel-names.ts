/**
 * How packages and modules name the kernel that they are for: `5.14.0-658.el9.x86_64` is `5_14_0-658` in Red Hat's packages
 * (dynup/kpatch-dnf, `_kpp_name_from_kernel_pkg`). null: no release of Red Hat's or Amazon's.
 */
export const packagedRelease = (release: string): string | null =>
  /^(\d[^\s]*?)\.(?:el|amzn)\d/.exec(release)?.[1] ?? null

/** Whether the package carries livepatches for this kernel, by its name; null for a kernel that no such package is made for. */
export const packagePrefix = (release: string): string | null => {
  const packaged = packagedRelease(release)
  if (packaged === null) return null
  return release.includes('.amzn') ? `kernel-livepatch-${packaged}-` : `kpatch-patch-${packaged.replaceAll('.', '_')}-`
}

/**
 * What follows the kernel's digits in the name of a Red Hat module: `kpatch_3_10_0_1062_1_1_1_4` on 3.10.0-1062.1.1 is version
 * `1-4`, as the package's VERSION-RELEASE. null: its name says none.
 */
export const moduleVersion = (module: string, release: string): string | null => {
  const prefix = `kpatch_${(packagedRelease(release) ?? release).replace(/[-.]/g, '_')}_`
  if (!module.startsWith(prefix)) return null
  const tail = module.slice(prefix.length)
  return /^\d{1,9}_\d{1,9}$/.test(tail) ? tail.replace('_', '-') : null
}

/** Amazon Linux names a module after what it fixes: `livepatch_CVE_2022_36946`. */
export const cvesOfModule = (module: string): string[] => [
  ...new Set(
    [...module.matchAll(/(?<![A-Za-z0-9])CVE_(\d{4})_(\d{4,19})(?!\d)/gi)].map(
      ([, year, number]) => `CVE-${year}-${number}`,
    ),
  ),
]
