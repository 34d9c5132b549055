import type { KernelFacts, LivepatchFeatures } from '../kernel/kernel-facts.ts'

/** A kernel release as a distribution ships it. */
export interface DistributionKernel {
  /** `uname -r` without the architecture that Red Hat's and Amazon's carry at the end; key of PUBLISHED_PATCHES. */
  readonly release: string
  /** Text of /etc/os-release, its first lines. */
  readonly osRelease: string
  /** Those for which the distribution ships livepatches. */
  readonly architectures: readonly KernelFacts['architecture'][]
  /** The architecture stands at the end of `uname -r`. */
  readonly namesArchitecture: boolean
  readonly features: LivepatchFeatures
  /** How often it is met among a hundred hosts. */
  readonly weight: number
}

const osRelease = (id: string, version: string, prettyName: string, name: string) =>
  `NAME="${name}"\nVERSION_ID="${version}"\nPRETTY_NAME="${prettyName}"\nID="${id}"\n`

const SLES_15_SP5 = osRelease('sles', '15.5', 'SUSE Linux Enterprise Server 15 SP5', 'SLES')
const SLES_15_SP6 = osRelease('sles', '15.6', 'SUSE Linux Enterprise Server 15 SP6', 'SLES')
const RHEL_9_0 = osRelease('rhel', '9.0', 'Red Hat Enterprise Linux 9.0 (Plow)', 'Red Hat Enterprise Linux')
const UBUNTU_20_04 = osRelease('ubuntu', '20.04', 'Ubuntu 20.04.6 LTS', 'Ubuntu')
const AMAZON_2023 = osRelease('amzn', '2023', 'Amazon Linux 2023', 'Amazon Linux')
const DEBIAN_12 = osRelease('debian', '12', 'Debian GNU/Linux 12 (bookworm)', 'Debian GNU/Linux')

/** By upstream release; none of these is new enough for the attributes `replace` and `stack_order`. */
const features = (upstream: number): LivepatchFeatures => ({
  replaceAttribute: false,
  stackOrderAttribute: false,
  touchedFunctions: upstream >= 6.04,
  modversions: true,
  ftraceSwitch: 'honoured',
  reliableStacks: true,
  switchesInCondResched: upstream >= 6.04,
  kicksIdle: upstream >= 5.16,
})

const SUSE = { architectures: ['x86_64', 'ppc64le', 's390x'], namesArchitecture: false } as const
const sp6 = (release: string, weight: number): DistributionKernel => ({
  ...{ release: `6.4.0-150600.${release}-default`, osRelease: SLES_15_SP6, ...SUSE, features: features(6.04), weight },
})
const sp5 = (release: string, weight: number): DistributionKernel => ({
  ...{
    release: `5.14.21-150500.${release}-default`,
    osRelease: SLES_15_SP5,
    ...SUSE,
    features: features(5.14),
    weight,
  },
})

/** A fleet's mix: mostly SUSE, since its livepatches are the ones whose functions are published. */
export const DISTRIBUTION_KERNELS: readonly DistributionKernel[] = [
  sp6('21', 22),
  sp6('23.7', 12),
  sp6('23.14', 10),
  sp6('23.17', 8),
  sp6('23.22', 4),
  sp6('23.25', 4),
  sp5('55.49', 6),
  sp5('55.62', 6),
  sp5('55.68', 4),
  {
    ...{ release: '5.14.0-70.13.1.el9_0', osRelease: RHEL_9_0, namesArchitecture: true, weight: 8 },
    ...{ architectures: ['x86_64', 'ppc64le'], features: features(5.14) },
  },
  {
    ...{ release: '5.4.0-150-generic', osRelease: UBUNTU_20_04, namesArchitecture: false, weight: 6 },
    ...{ architectures: ['x86_64'], features: features(5.04) },
  },
  {
    ...{ release: '5.4.0-100-generic', osRelease: UBUNTU_20_04, namesArchitecture: false, weight: 2 },
    ...{ architectures: ['x86_64'], features: features(5.04) },
  },
  {
    ...{ release: '6.1.12-19.43.amzn2023', osRelease: AMAZON_2023, namesArchitecture: true, weight: 5 },
    ...{ architectures: ['x86_64', 'aarch64'], features: features(6.01) },
  },
  // Debian publishes no livepatches: such a host stands without one.
  {
    ...{ release: '6.1.0-56-amd64', osRelease: DEBIAN_12, namesArchitecture: false, weight: 3 },
    ...{ architectures: ['x86_64'], features: features(6.01) },
  },
]

/** `uname -r` */
export const releaseOn = (kernel: DistributionKernel, architecture: KernelFacts['architecture']): string =>
  kernel.namesArchitecture ? `${kernel.release}.${architecture}` : kernel.release
