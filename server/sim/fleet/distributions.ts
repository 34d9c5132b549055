import type { KernelFacts, LivepatchFeatures } from '../kernel/kernel-facts.ts'
import type { FleetKind } from './fleet-mix.ts'

/** A kernel release as a distribution ships it. */
export interface DistributionKernel {
  /** `uname -r` without the architecture that Red Hat's and Amazon's carry at the end; key of PUBLISHED_PATCHES. */
  readonly release: string
  /** Kinds of hosts that have it. */
  readonly kinds: readonly FleetKind[]
  /** `uname -v`, where it tells something. */
  readonly version?: string
  /** A later release, as `release`, that may be installed besides and wait for a reboot. */
  readonly next?: string
  /** Text of /etc/os-release, its first lines. */
  readonly osRelease: string
  /** Those for which the distribution ships livepatches. */
  readonly architectures: readonly KernelFacts['architecture'][]
  /** The architecture stands at the end of `uname -r`. */
  readonly namesArchitecture: boolean
  readonly features: LivepatchFeatures
  /** How often it is met among a hundred hosts of its kinds. */
  readonly weight: number
}

const osRelease = (id: string, version: string, prettyName: string, name: string) =>
  `NAME="${name}"\nVERSION_ID="${version}"\nPRETTY_NAME="${prettyName}"\nID="${id}"\n`

const SLES_15_SP5 = osRelease('sles', '15.5', 'SUSE Linux Enterprise Server 15 SP5', 'SLES')
const SLES_15_SP6 = osRelease('sles', '15.6', 'SUSE Linux Enterprise Server 15 SP6', 'SLES')
const SLES_12_SP3 = osRelease('sles', '12.3', 'SUSE Linux Enterprise Server 12 SP3', 'SLES')
const RHEL_7_7 = osRelease(
  'rhel',
  '7.7',
  'Red Hat Enterprise Linux Server 7.7 (Maipo)',
  'Red Hat Enterprise Linux Server',
)
const CENTOS_7 = osRelease('centos', '7', 'CentOS Linux 7 (Core)', 'CentOS Linux')
const ORACLE_9 = osRelease('ol', '9.4', 'Oracle Linux Server 9.4', 'Oracle Linux Server')
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

const SUSE = {
  architectures: ['x86_64', 'ppc64le', 's390x'],
  namesArchitecture: false,
  kinds: ['livepatch', 'klp'],
} as const
const sp6 = (release: string, weight: number, next?: string): DistributionKernel => ({
  ...{ release: `6.4.0-150600.${release}-default`, osRelease: SLES_15_SP6, ...SUSE, features: features(6.04), weight },
  ...(next !== undefined && { next: `6.4.0-150600.${next}-default` }),
})
const sp5 = (release: string, weight: number, next?: string): DistributionKernel => ({
  ...(next !== undefined && { next: `5.14.21-150500.${next}-default` }),
  ...{
    release: `5.14.21-150500.${release}-default`,
    osRelease: SLES_15_SP5,
    ...SUSE,
    features: features(5.14),
    weight,
  },
})

/** Kernels of a fleet; how many hosts have which kind is in fleet-mix.ts. */
export const DISTRIBUTION_KERNELS: readonly DistributionKernel[] = [
  sp6('21', 22, '23.7'),
  sp6('23.7', 12, '23.14'),
  sp6('23.14', 10, '23.17'),
  sp6('23.17', 8, '23.22'),
  sp6('23.22', 4, '23.25'),
  sp6('23.25', 4),
  sp5('55.49', 6, '55.62'),
  sp5('55.62', 6, '55.68'),
  sp5('55.68', 4),
  {
    ...{ release: '5.14.0-70.13.1.el9_0', osRelease: RHEL_9_0, namesArchitecture: true, weight: 8 },
    kinds: ['kpatch'],
    ...{ architectures: ['x86_64', 'ppc64le'], features: features(5.14) },
  },
  {
    ...{
      release: '5.4.0-150-generic',
      version: '#167-Ubuntu SMP Mon May 15 17:35:05 UTC 2023',
      osRelease: UBUNTU_20_04,
      namesArchitecture: false,
      weight: 6,
    },
    ...{ kinds: ['canonical'], next: '5.4.0-200-generic' },
    ...{ architectures: ['x86_64'], features: features(5.04) },
  },
  {
    ...{
      release: '5.4.0-100-generic',
      version: '#113-Ubuntu SMP Thu Feb 3 18:43:29 UTC 2022',
      osRelease: UBUNTU_20_04,
      namesArchitecture: false,
      weight: 2,
    },
    ...{ kinds: ['canonical'], next: '5.4.0-150-generic' },
    ...{ architectures: ['x86_64'], features: features(5.04) },
  },
  {
    ...{ release: '6.1.12-19.43.amzn2023', osRelease: AMAZON_2023, namesArchitecture: true, weight: 5 },
    kinds: ['amazon'],
    ...{ architectures: ['x86_64', 'aarch64'], features: features(6.01) },
  },
  // Debian publishes no livepatches: such a host stands without one.
  {
    ...{
      release: '6.1.0-56-amd64',
      version: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.172-1 (2026-05-12)',
      osRelease: DEBIAN_12,
      namesArchitecture: false,
      weight: 3,
    },
    kinds: ['none'],
    ...{ architectures: ['x86_64'], features: features(6.01) },
  },
  // The releases below have another system in livepatch's place.
  {
    ...{ release: '4.4.180-94.138-default', osRelease: SLES_12_SP3, namesArchitecture: false, weight: 1 },
    ...{ kinds: ['kgraft'], architectures: ['x86_64', 'ppc64le'], features: features(4.04) },
    ...{ version: '#1 SMP Mon Jan 25 12:00:00 UTC 2021 (8b8f2e8/kGraft-8b8f2e8)', next: '4.4.180-94.141-default' },
  },
  {
    ...{ release: '3.10.0-1062.1.1.el7', osRelease: RHEL_7_7, namesArchitecture: true, weight: 1 },
    ...{ kinds: ['kpatch_core'], architectures: ['x86_64'], features: features(3.1) },
  },
  {
    ...{ release: '3.10.0-1160.el7', osRelease: CENTOS_7, namesArchitecture: true, weight: 1 },
    ...{ kinds: ['kernelcare'], architectures: ['x86_64'], features: features(3.1), next: '3.10.0-1160.119.1.el7' },
    version: '#1 SMP Mon Oct 19 16:18:59 UTC 2020',
  },
  {
    ...{ release: '5.15.0-100.96.32.el9uek', osRelease: ORACLE_9, namesArchitecture: true, weight: 1 },
    ...{ kinds: ['ksplice'], architectures: ['x86_64'], features: features(5.15) },
    ...{ version: '#2 SMP Tue Mar 21 19:50:01 PDT 2023', next: '5.15.0-305.176.4.el9uek' },
  },
]

/** `uname -r` of such a release: the kernel's own unless said otherwise. */
export const releaseOn = (
  kernel: DistributionKernel,
  architecture: KernelFacts['architecture'],
  release = kernel.release,
): string => (kernel.namesArchitecture ? `${release}.${architecture}` : release)
