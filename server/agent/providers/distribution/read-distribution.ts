import type { DistributionFacts } from '@rebootless/shared/contract/provider.ts'
import type { ProviderHost } from '../provider.ts'
import { newestOfKind } from './compare-releases.ts'
import { readInstalledKernels } from './installed-kernels.ts'
import { readLivepatchPackages } from './livepatch-packages.ts'
import { readNewestKnown } from './newest-known.ts'
import { livepatchOffer } from './offer.ts'
import { readRebootFiles } from './reboot-files.ts'

/** The distribution's side of a host: its kernels on disk, whether it asks for a reboot, its packages of livepatches. */
export const readDistribution = async (host: ProviderHost): Promise<DistributionFacts> => {
  const installedKernels = await readInstalledKernels(host)
  return {
    installedKernels,
    newestInstalled: installedKernels === null ? null : newestOfKind(host.kernel.release, installedKernels),
    newestKnown: await readNewestKnown(host),
    ...(await readRebootFiles(host)),
    livepatchPackages: await readLivepatchPackages(host),
    offer: livepatchOffer(host),
  }
}
