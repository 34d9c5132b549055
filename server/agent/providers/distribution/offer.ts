import type { ProviderHost } from '../provider.ts'

const NONE = 'makes no livepatches of its own.'

/**
 * What live patching the distribution has for its kernels, in a sentence: from the makers' manuals (Red Hat, "Applying patches with
 * kernel live patching"; SUSE, "Live kernel patching with KLP"; Oracle, "Ksplice User's Guide"; Canonical, "Livepatch"; Amazon, "Kernel
 * Live Patching"). null: a distribution not looked into.
 */
export const livepatchOffer = ({
  operatingSystem: { id, versionId },
  kernel,
}: Pick<ProviderHost, 'operatingSystem' | 'kernel'>): string | null => {
  const version = Number.parseInt(versionId ?? '', 10)
  switch (id) {
    case 'rhel':
      return 'Red Hat makes livepatches for some of its kernels, with a subscription: packages kpatch-patch-*, loaded by kpatch.'
    case 'ol':
      return 'Oracle makes Ksplice updates for its kernels (UEK and the Red Hat compatible one), with Premier support.'
    case 'sles':
    case 'sle-micro':
    case 'sl-micro':
      return version === 12
        ? 'SUSE makes livepatches for a kernel for a year, with SLE Live Patching: packages kgraft-patch-*.'
        : 'SUSE makes livepatches for a kernel for a year, with SLE Live Patching: packages kernel-livepatch-*, read by klp.'
    case 'ubuntu':
      return 'Canonical makes livepatches for kernels of releases with long-term support, with Ubuntu Pro: canonical-livepatch.'
    case 'amzn':
      return kernel.architecture === 'x86_64' || kernel.architecture === 'aarch64'
        ? 'Amazon makes livepatches for a kernel for three months: packages kernel-livepatch-*, loaded by kpatch.'
        : 'Amazon makes livepatches for x86_64 and aarch64 only.'
    case 'debian':
      return `Debian ${NONE}`
    case 'fedora':
      return `Fedora ${NONE}`
    case 'centos':
      return `CentOS ${NONE}`
    case 'rocky':
      return `Rocky Linux ${NONE}`
    case 'almalinux':
      return `AlmaLinux ${NONE}`
    case 'arch':
      return `Arch Linux ${NONE}`
    default:
      return null
  }
}
