/**
 * From vendors' names of products to our keys (VendorStatement.product). Null: no product whose kernel we judge.
 */

/** Debian's and Ubuntu's code names, as their release lists have them; Debian's that are no number stay names. */
const DEBIAN: Readonly<Record<string, string>> = {
  jessie: '8',
  stretch: '9',
  buster: '10',
  bullseye: '11',
  bookworm: '12',
  trixie: '13',
  forky: '14',
  duke: '15',
  sid: 'sid',
}
const UBUNTU: Readonly<Record<string, string>> = {
  precise: '12.04',
  trusty: '14.04',
  xenial: '16.04',
  bionic: '18.04',
  focal: '20.04',
  groovy: '20.10',
  hirsute: '21.04',
  impish: '21.10',
  jammy: '22.04',
  kinetic: '22.10',
  lunar: '23.04',
  mantic: '23.10',
  noble: '24.04',
  oracular: '24.10',
  plucky: '25.04',
  questing: '25.10',
  resolute: '26.04',
}

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined

/** `bookworm` → `debian:12`; releases of which we know no number have none. */
export const debianProduct = (codename: string): string | null => {
  const version = own(DEBIAN, codename)
  return version === undefined ? null : `debian:${version}`
}
/** Releases that take over what unstable fixed, where they say nothing of their own. */
export const DEBIAN_RELEASES = ['bullseye', 'bookworm', 'trixie', 'forky'] as const

/**
 * Ubuntu's release as its tracker and its purls write it: `jammy`, `esm-infra/bionic`, `trusty/esm`, `esm-infra-legacy/trusty`,
 * `realtime/noble`, `fips-updates/jammy`.
 */
export const ubuntuProduct = (release: string): string | null => {
  const parts = release.split('/')
  const codename = parts.find((part) => own(UBUNTU, part) !== undefined)
  if (codename === undefined || parts.length > 2) return null
  const version = own(UBUNTU, codename) ?? ''
  const track = parts.find((part) => part !== codename)
  if (track === undefined) return `ubuntu:${version}`
  if (track === 'esm' || track === 'esm-infra') return `ubuntu-pro:${version}`
  if (track === 'esm-infra-legacy') return `ubuntu-pro-legacy:${version}`
  return /^(realtime|fips|fips-updates|fips-preview)$/.test(track) ? `ubuntu-pro-${track}:${version}` : null
}

/** OSV's ecosystems: `Debian:12`, `Ubuntu:22.04:LTS`, `Ubuntu:Pro:14.04:LTS`, `Ubuntu:Pro:FIPS-updates:22.04:LTS`. */
export const osvProduct = (ecosystem: string): string | null => {
  const debian = /^Debian:(\d+)$/.exec(ecosystem)
  if (debian) return `debian:${debian[1]}`
  const ubuntu = /^Ubuntu(:Pro(?::(FIPS|FIPS-updates|FIPS-preview|Realtime))?)?:(\d\d\.\d\d)(?::LTS)?$/.exec(ecosystem)
  if (!ubuntu) return null
  const [, pro, track, version] = ubuntu
  return `ubuntu${pro === undefined ? '' : '-pro'}${track === undefined ? '' : `-${track.toLowerCase()}`}:${version}`
}

/** Words of Red Hat's CPE names for the streams of a minor release, https://access.redhat.com/support/policy/updates/errata. */
const RED_HAT_STREAMS: Readonly<Record<string, string>> = {
  rhel_eus: 'eus',
  enterprise_linux_eus: 'eus',
  rhel_eus_long_life: 'eus-long-life',
  rhel_aus: 'aus',
  rhel_mission_critical: 'aus',
  rhel_tus: 'tus',
  rhel_e4s: 'e4s',
  rhel_els: 'els',
  rhel_els_extension: 'els',
}

/**
 * Red Hat's products by CPE; `id` tells apart what one CPE names twice in the feed of 2026: `rhel-9.4.0` is the minor release as it
 * came, `rhel-9.7.z` what is newest.
 */
export const redHatProduct = (cpe: string, id = ''): string | null => {
  const [, name, version] = /^cpe:\/[oa]:redhat:([a-z0-9_]+):(\d+(?:\.\d+)?)(?::|$)/.exec(cpe) ?? []
  if (name === undefined || version === undefined) return null
  const stream = own(RED_HAT_STREAMS, name)
  if (stream !== undefined) return `rhel:${version}-${stream}`
  if (name !== 'enterprise_linux' && name !== 'rhel_extras_rt') return null
  const [, minor] = /^rhel-(\d+\.\d+)(?:\.0)?(?::|$)/.exec(id) ?? []
  return `rhel:${minor ?? version.replace(/\..*/, '')}`
}

/** Names as SUSE's advisories have them; on SLE 15 the kernel comes with a module and not with the product itself. */
const SUSE_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^SUSE Linux Enterprise Module for (?:Basesystem|Realtime|RT|Public Cloud|Legacy)$/, 'sles'],
  [/^SUSE Linux Enterprise Server$/, 'sles'],
  [/^SUSE Linux Enterprise Server for SAP [Aa]pplications$/, 'sles-sap'],
  [/^SUSE Linux Enterprise High Performance Computing$/, 'sle-hpc'],
  [/^SUSE Linux Enterprise (?:Real Time|Real Time Extension)$/, 'sle-rt'],
  [/^SUSE Linux Enterprise Desktop$/, 'sled'],
  [/^SUSE Linux Enterprise Micro$/, 'sle-micro'],
  [/^SUSE Linux Micro$/, 'sl-micro'],
  [/^openSUSE Leap$/, 'opensuse-leap'],
  [/^openSUSE Leap Micro$/, 'opensuse-leap-micro'],
]

/** `SUSE Linux Enterprise Server 15 SP2-LTSS` → `sles:15.2-ltss`, `openSUSE Leap 15.6` → `opensuse-leap:15.6`. */
export const suseProduct = (name: string): string | null => {
  if (name === 'openSUSE Tumbleweed') return 'opensuse-tumbleweed:rolling'
  const [, words = '', major, minor, pack, rest = ''] =
    /^([A-Za-z ]{4,80}?) (\d{1,3})(?:\.(\d{1,3}))?(?: SP(\d{1,2}))?((?:[- ][A-Za-z0-9]{1,20}){0,3})$/.exec(name) ?? []
  const known = SUSE_NAMES.find(([pattern]) => pattern.test(words))
  if (known === undefined || major === undefined) return null
  const second = minor ?? pack
  const stream = rest.replaceAll(' ', '-').toLowerCase()
  return `${known[1]}:${major}${second === undefined ? '' : `.${second}`}${stream}`
}

/** Packages of Debian's source that is the kernel: `linux`, and the newer one of an older release, `linux-6.1`. */
export const isDebianKernel = (source: string): boolean => /^linux(-\d+\.\d+)?$/.test(source)

/** Ubuntu has a source package a flavour; these begin alike and are no kernel. */
const NO_KERNEL =
  /^linux-(firmware|base|meta|signed|restricted|atm|libc|ntfs|wlan|ftpd|igd|minidisc|user|sound|patch|tools|cpupower|doc|source|headers|image|modules|generate|apfs|show|container|main)(-|$)/
export const isUbuntuKernel = (source: string): boolean =>
  /^linux(-[a-z0-9][a-z0-9.+-]*)?$/.test(source) && !NO_KERNEL.test(source)

/** Red Hat's source packages that are a kernel. */
export const isRedHatKernel = (name: string): boolean => /^kernel(-rt|-alt|-aarch64|-64k|-rt-64k)?$/.test(name)

/** SUSE's binary packages that are a kernel, and no headers, sources or modules of one. */
export const isSuseKernel = (name: string): boolean =>
  /^kernel-(default|rt|azure|64kb|preempt|xen|pae|ec2|bigsmp|trace|lpae|zfcpdump|ppc64|bigmem|kvmsmall|longterm)$/.test(
    name,
  )
