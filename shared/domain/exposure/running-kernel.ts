import type { ExposureFacts } from '../../contract/exposure.ts'
import { compareDpkgVersions } from './dpkg-version.ts'
import { type UpstreamRelease, upstreamRelease } from './kernel-version.ts'
import { compareRpmVersions } from './rpm-version.ts'

/** A kernel of a distribution: judged by its vendor's word on its package. */
export interface VendorKernel {
  readonly kind: 'vendor'
  /** Whose word decides, as a sentence names it. */
  readonly vendor: string
  /** Who rebuilds that vendor's package and runs here; null: it is the vendor's own. */
  readonly rebuiltBy: string | null
  /** Products as in VendorStatement. The first group of which anything is said decides alone: a stream before its release. */
  readonly products: readonly (readonly string[])[]
  readonly packages: readonly string[]
  /** Of the package that runs; null: what was read does not tell it. */
  readonly version: string | null
  /** Versions of another series (5.10 beside 4.14) say nothing of it. */
  readonly onlySeries: string | null
  readonly compare: (running: string, fixed: string) => number
  /** The stable release that it was made of, for a hint; null: not known. */
  readonly base: UpstreamRelease | null
}

/** What upstream released: judged by upstream's ranges. */
export interface UpstreamKernel {
  readonly kind: 'upstream'
  readonly release: UpstreamRelease
}

/** Of nobody whose word is read here. */
export interface ForeignKernel {
  readonly kind: 'foreign'
  readonly base: UpstreamRelease | null
}

export type KernelIdentity = VendorKernel | UpstreamKernel | ForeignKernel

type OperatingSystem = ExposureFacts['operatingSystem']

/** `uname -r` without what is no part of the package's version: `+rt`, `.x86_64`. */
export const withoutArchitecture = (release: string): string =>
  release
    .replace(/\+[a-z0-9-]+$/, '')
    .replace(/\.(x86_64|aarch64|ppc64le|ppc64|s390x|i[3-6]86|armv7hl|riscv64|loongarch64)$/, '')

/**
 * Whose kernel it is, and which package.
 * @param release `uname -r`, or a name below /lib/modules
 * @param version `uname -v`; null: not known, as of a kernel that is only installed
 */
export const identifyKernel = (release: string, version: string | null, os: OperatingSystem): KernelIdentity =>
  debianKernel(release, version, os) ??
  ubuntuKernel(release, version, os) ??
  redHatKernel(release, os) ??
  suseKernel(release, os) ??
  amazonKernel(release, os) ??
  upstreamKernel(release, version) ?? { kind: 'foreign', base: baseOf(release) }

const baseOf = (text: string): UpstreamRelease | null =>
  upstreamRelease(/^\d+\.\d+(?:\.\d+)?(?![\w])/.exec(text)?.[0] ?? '')

const seriesOf = (version: string): string => /^(?:\d+:)?(\d+\.\d+)/.exec(version)?.[1] ?? ''

/** Debian's own package `linux` of each release has this series: https://www.debian.org/releases/. */
const DEBIAN_SERIES: Readonly<Record<string, string>> = {
  ...{ '8': '3.16', '9': '4.9', '10': '4.19', '11': '5.10', '12': '6.1', '13': '6.12' },
}

/** As Debian names what it builds: `6.1.0-18-amd64`, `6.1.0-0.deb11.5-cloud-amd64`, `6.12.43+deb13-arm64`. */
const DEBIAN_RELEASE =
  /^\d+\.\d+\.\d+[-+][\w.+]+-(?:cloud-|rt-)?(?:amd64|arm64(?:-16k)?|armmp(?:-lpae)?|686(?:-pae)?|s390x|powerpc64le(?:-64k)?|riscv64|loong64|marvell|rpi|[45]kc-malta|loongson-3|octeon)$/

/** `uname -v` ends in `Debian 6.1.76-1`, to which a build's date may follow; `uname -r` has the number of an ABI. */
const debianKernel = (release: string, version: string | null, { id, versionId }: OperatingSystem) => {
  if (id !== 'debian' || !DEBIAN_RELEASE.test(release)) return null
  const [, told] = /\bDebian (\d[\w.+~:-]*)/.exec(version ?? '') ?? []
  // A backport is of no release: the tracker has no row for it, and the release's own versions are of an older series.
  const isBackport = /bpo/.test(`${release} ${told ?? ''}`)
  const own = DEBIAN_SERIES[versionId ?? '']
  const series = seriesOf(told ?? release)
  return vendorKernel('Debian', {
    products: versionId === null || isBackport ? [] : [[`debian:${versionId}`]],
    packages: own === undefined || own === series ? ['linux'] : [`linux-${series}`],
    version: told ?? null,
    compare: compareDpkgVersions,
    base: baseOf((told ?? '').replace(/^\d+:/, '')),
  })
}

/** The series of the package `linux` of each long-term release: https://ubuntu.com/kernel/lifecycle. */
const UBUNTU_SERIES: Readonly<Record<string, string>> = {
  ...{ '14.04': '3.13', '16.04': '4.4', '18.04': '4.15', '20.04': '5.4', '22.04': '5.15', '24.04': '6.8' },
}

/**
 * 5.15.0-91-generic of `#101~20.04.1-Ubuntu` is version 5.15.0-91.101~20.04.1: the ABI's number, then the upload's. Each flavour
 * is a source package of its own.
 */
const ubuntuKernel = (release: string, version: string | null, { id, versionId }: OperatingSystem) => {
  const [, abi, flavour] = /^(\d+\.\d+\.\d+-\d+)-([a-z][a-z0-9-]*)$/.exec(release) ?? []
  if (id !== 'ubuntu' || abi === undefined || flavour === undefined) return null
  const [, upload] = /^#(\d+(?:~[\w.~]+?)?)-Ubuntu\b/.exec(version ?? '') ?? []
  const [release_, series] = [versionId ?? '', seriesOf(release)]
  return vendorKernel('Ubuntu', {
    products:
      versionId === null ? [] : [[`ubuntu:${release_}`, `ubuntu-pro:${release_}`, `ubuntu-pro-legacy:${release_}`]],
    packages: ubuntuPackages(flavour, series, UBUNTU_SERIES[release_]),
    version: upload === undefined ? abi : `${abi}.${upload}`,
    compare: upload === undefined ? compareAbis : compareDpkgVersions,
    base: baseOf(release),
  })
}

/** NaN where both are of one ABI: which upload of it runs is not known. */
const compareAbis = (running: string, fixed: string): number => {
  const abi = fixed.replace(/^(?:\d+:)?(\d+\.\d+\.\d+-\d+).*$/, '$1')
  return compareDpkgVersions(running, abi) || (abi === fixed ? 0 : Number.NaN)
}

const ubuntuPackages = (flavour: string, series: string, own: string | undefined): string[] => {
  const kind = flavour.replace(/-?64k$/, '')
  const isOwn = own === undefined || own === series
  if (kind === 'generic' || kind === 'virtual') return isOwn ? ['linux'] : [`linux-hwe-${series}`, 'linux-hwe']
  if (kind === 'lowlatency')
    return isOwn
      ? ['linux-lowlatency', 'linux']
      : [`linux-lowlatency-hwe-${series}`, `linux-hwe-${series}`, 'linux-hwe']
  return isOwn ? [`linux-${kind}`] : [`linux-${kind}-${series}`, `linux-${kind}`]
}

/** Distributions that build Red Hat's packages anew. */
const REBUILDERS: Readonly<Record<string, string>> = {
  ...{
    almalinux: 'AlmaLinux',
    rocky: 'Rocky Linux',
    centos: 'CentOS',
    ol: 'Oracle Linux',
    scientific: 'Scientific Linux',
  },
}

/** Streams that stay on one minor release; what is fixed in another minor release says nothing of them. */
const MINOR_STREAMS = ['', '-eus', '-eus-long-life', '-e4s', '-aus', '-tus'] as const

const redHatKernel = (full: string, { id, versionId }: OperatingSystem) => {
  const release = withoutArchitecture(full)
  const [, tag, tagMinor] = /\.el(\d+)a?(?:_(\d+))?(?:uek|\.|$)/.exec(release) ?? []
  if (tag === undefined || id === null) return null
  if (/uek$/.test(release)) {
    return id === 'ol'
      ? vendorKernel('Oracle', {
          ...{ products: [[`ol:${tag}`]], packages: ['kernel-uek'], version: release, base: baseOf(release) },
          ...{ onlySeries: seriesOf(release), compare: compareRpmVersions },
        })
      : null
  }
  const rebuilder = Object.hasOwn(REBUILDERS, id) ? (REBUILDERS[id] ?? null) : null
  if (id !== 'rhel' && rebuilder === null) return null
  const minor = tagMinor ?? /^\d+\.(\d+)$/.exec(versionId ?? '')?.[1]
  // CentOS Stream runs ahead of the minor releases: its numbers do not tell which of their updates it has.
  const isStream = id === 'centos' && Number(tag) >= 8 && tagMinor === undefined
  const streams = minor === undefined ? [] : [MINOR_STREAMS.map((stream) => `rhel:${tag}.${minor}${stream}`)]
  const own = rebuilder === null ? [] : [[`${id}:${tag}`]]
  return vendorKernel('Red Hat', {
    rebuiltBy: isStream ? 'CentOS Stream' : rebuilder,
    products: isStream ? own : [...own, ...streams, [`rhel:${tag}`, `rhel:${tag}-els`]],
    packages: redHatPackages(release),
    version: release,
    compare: compareRpmVersions,
    base: baseOf(release),
  })
}

const redHatPackages = (release: string): string[] => {
  if (/\.rt\d/.test(release)) return ['kernel-rt']
  return /\.el7a/.test(release) ? ['kernel-alt'] : ['kernel']
}

const SUSE_IDS: Readonly<Record<string, string>> = {
  ...{ sles: 'sles', sles_sap: 'sles', sled: 'sles', sle_hpc: 'sles', 'sle-hpc': 'sles' },
  ...{ 'sle-micro': 'sle-micro', 'sl-micro': 'sl-micro', 'opensuse-leap': 'opensuse-leap' },
}
/** Updates beyond the general end of support continue the same line of versions. */
const SUSE_STREAMS = ['', '-ltss', '-espos', '-bcl', '-tdl'] as const

/** `uname -r` lacks the last number of the package's release, which counts rebuilds: 5.14.21-150500.55.52 of …55.52.1. */
const suseKernel = (release: string, { id, versionId }: OperatingSystem) => {
  const [, version, flavour] = /^(\d+\.\d+\.\d+-\d[\d.]*)-([a-z][a-z0-9]*)$/.exec(release) ?? []
  const product = id === null || !Object.hasOwn(SUSE_IDS, id) ? undefined : SUSE_IDS[id]
  if (product === undefined || version === undefined || versionId === null) return null
  return vendorKernel('SUSE', {
    products: [SUSE_STREAMS.map((stream) => `${product}:${versionId}${stream}`)],
    packages: [`kernel-${flavour}`],
    version,
    compare: (running, fixed) => compareRpmVersions(running, fixed.replace(/\.\d+$/, '')),
    base: baseOf(version),
  })
}

const amazonKernel = (full: string, { id, versionId }: OperatingSystem) => {
  const release = withoutArchitecture(full)
  if (id !== 'amzn' || !/\.amzn\d+$/.test(release)) return null
  const series = seriesOf(release)
  return vendorKernel('Amazon', {
    ...{ products: [[`amzn:${versionId ?? ''}`]], packages: ['kernel', `kernel${series}`, `kernel-${series}`] },
    // Amazon Linux has several series side by side, all of a package that is called kernel.
    ...{ version: release, onlySeries: series, compare: compareRpmVersions, base: baseOf(release) },
  })
}

/**
 * Names of distributions' builds have numbers behind the release's. A word that a person chose (CONFIG_LOCALVERSION) has none, and
 * a release candidate is no release.
 */
const upstreamKernel = (release: string, version: string | null): UpstreamKernel | null => {
  const [, number, suffix = ''] = /^(\d+(?:\.\d+){1,3})(\+|-[a-z_]+)?\+?$/.exec(release) ?? []
  const found = upstreamRelease(number ?? '')
  if (found === null || /^-rc$|^-(generic|default|amd|pve|lts|zen|hardened|gentoo)$/.test(suffix)) return null
  return /Ubuntu|Debian|PMX|SUSE|lp\)$/.test(version ?? '') ? null : { kind: 'upstream', release: found }
}

type VendorParts = Pick<VendorKernel, 'products' | 'packages' | 'version' | 'compare' | 'base'> & Partial<VendorKernel>

const vendorKernel = (vendor: string, parts: VendorParts): VendorKernel => ({
  ...{ kind: 'vendor', vendor, rebuiltBy: null, onlySeries: null },
  ...parts,
})
