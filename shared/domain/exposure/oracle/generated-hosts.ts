import type { CveKnowledge, CveStatementOf, LivepatchNotice } from '../../../contract/vulnerabilities.ts'
import type { seeded } from '../test-seeded.ts'
import type { GeneratedHost, GeneratedLivepatch, GeneratedPackage } from './oracle.ts'

type Random = ReturnType<typeof seeded>

/** What hosts are made around: versions below, at and above those that feeds name as fixed. */
export interface Ground {
  readonly random: Random
  readonly cves: readonly string[]
  /** Fixed versions by `PRODUCT PACKAGE`. */
  readonly fixed: ReadonlyMap<string, readonly string[]>
  readonly notices: readonly LivepatchNotice[]
  /** Releases that upstream's pairs name. */
  readonly releases: readonly string[]
}

export const groundOf = (
  knowledge: readonly CveKnowledge[],
  notices: readonly LivepatchNotice[],
  random: Random,
): Ground => {
  const statements = knowledge.flatMap((cve) => cve.statements.map(({ statement }) => statement))
  const vendors = statements.filter((said): said is CveStatementOf<'vendor'> => said.kind === 'vendor')
  const fixed = new Map<string, string[]>()
  for (const { product, package: name, fixedVersion } of vendors) {
    const key = `${product} ${name}`
    if (fixedVersion !== null) fixed.set(key, [...(fixed.get(key) ?? []), fixedVersion])
  }
  const pairs = statements.flatMap((said) => (said.kind === 'upstream_pairs' ? said.pairs : []))
  const releases = pairs.flatMap(({ introduced, fixed }) => [introduced, fixed]).filter((found) => found !== null)
  return { random, cves: knowledge.map(({ id }) => id), fixed, notices, releases }
}

export const generatedHost = (ground: Ground): GeneratedHost => {
  const make = ground.random.pick([
    ...[debian, debian, ubuntu, ubuntu, redHat, redHat, redHat, sles, sles, sles, sles],
    ...[upstream, upstream, amazon, oracleLinux, foreign],
  ])
  const host = make(ground)
  const effects = [...host.livepatches.map(({ name }) => name)]
  const others = ground.random.chance(0.15) ? [otherLivepatch(ground)] : []
  const all = [...host.livepatches, ...others]
  return {
    ...host,
    livepatches: all.map(({ system, number, branch, cve, cves }) => ({ system, number, branch, cve, cves })),
    facts: {
      ...host.facts,
      architecture: ground.random.pick(['x86_64', 'x86_64', 'x86_64', 'aarch64', 's390x', 'ppc64le']),
      livepatches: all.map(({ name, provider, version, cves }) => {
        const isCatalogue = !effects.includes(name) && name.startsWith('hand')
        return {
          name,
          provider,
          version,
          cves: isCatalogue ? [] : [...cves],
          catalogueCves: isCatalogue ? [...cves] : [],
        }
      }),
    },
  }
}

interface NamedLivepatch extends GeneratedLivepatch {
  readonly name: string
  readonly provider: string
  readonly version: string | null
}
type Draft = Omit<GeneratedHost, 'livepatches'> & { readonly livepatches: readonly NamedLivepatch[] }

const otherLivepatch = ({ random, cves }: Ground): NamedLivepatch => ({
  ...{
    system: 'other',
    number: 0,
    branch: null,
    cve: null,
    provider: random.pick(['kpatch', 'livepatch', 'ksplice']),
    version: null,
  },
  name: random.pick(['hand_made', 'tool_patch']),
  cves: Array.from({ length: 1 + random.below(20) }, () => random.pick(cves)),
})

const draft = (id: string | null, versionId: string | null, release: string, parts: Partial<Draft> = {}): Draft => ({
  facts: {
    ...{ release, version: null, architecture: 'x86_64', operatingSystem: { id, versionId }, effectiveKernel: null },
    ...{ livepatches: [], livepatchPackages: null, installedKernels: null },
  },
  ...{ vendor: null, upstream: null, installed: [], installedUpstream: [], effective: null, noticeKernels: [] },
  ...{ livepatches: [], canonical: null },
  ...parts,
})

/** A fixed version with one of its numbers a little lower or higher, or as it is; what names the distribution stays. */
const near = ({ random }: Ground, version: string, index: number): string => {
  let at = -1
  return version.replace(/\.el\d.*$|\d+/g, (digits) => {
    if (digits.startsWith('.')) return digits
    at += 1
    return at === index ? String(Math.max(0, Number(digits) + random.pick([-3, -1, 0, 0, 1, 40]))) : digits
  })
}

const someFixed = (ground: Ground, keys: readonly string[], otherwise: string): string => {
  const all = keys.flatMap((key) => ground.fixed.get(key) ?? [])
  return all.length === 0 ? otherwise : ground.random.pick(all)
}

const DEBIAN = { '11': '5.10', '12': '6.1', '13': '6.12' } as const

const debian = (ground: Ground): Draft => {
  const { random } = ground
  const release = random.pick(['11', '12', '13'] as const)
  const ofSeries = (ground.fixed.get(`debian:${release} linux`) ?? []).filter((version) =>
    version.startsWith(`${DEBIAN[release]}.`),
  )
  const base = ofSeries.length === 0 ? `${DEBIAN[release]}.90-1` : random.pick(ofSeries)
  const version = near(ground, near(ground, base, 2), 3) + random.pick(['', '', `~deb${release}u1`, '+b1'])
  const abi = `${DEBIAN[release]}.0-${1 + random.below(40)}`
  const flavour = random.pick(['amd64', 'cloud-amd64', 'rt-amd64', 'arm64'])
  const backport = random.chance(0.1)
  const isTold = random.chance(0.9)
  const told = backport ? `6.9.7-1~bpo${release}+1` : version
  const host = draft('debian', release, `${abi}-${flavour}`, {
    vendor: backport
      ? null
      : { groups: [[`debian:${release}`]], packages: ['linux'], version: isTold ? version : null, rule: 'dpkg' },
  })
  const uname = isTold || backport ? `#1 SMP PREEMPT_DYNAMIC Debian ${told} (2024-02-01)` : '#1 SMP'
  return {
    ...host,
    facts: { ...host.facts, version: uname, installedKernels: [`${abi}-${flavour}`, '6.1.0-99-amd64'] },
  }
}

const UBUNTU = { '18.04': '4.15', '20.04': '5.4', '22.04': '5.15', '24.04': '6.8' } as const
const UBUNTU_NAME = { '18.04': 'bionic', '20.04': 'focal', '22.04': 'jammy', '24.04': 'noble' } as const
const HWE = { '18.04': '5.4', '20.04': '5.15', '22.04': '6.5', '24.04': '6.11' } as const

const ubuntu = (ground: Ground): Draft => {
  const { random } = ground
  const release = random.pick(['18.04', '20.04', '22.04', '24.04'] as const)
  const flavour = random.pick(['generic', 'generic', 'aws', 'azure', 'gcp'])
  const isNewer = flavour === 'generic' && random.chance(0.3)
  const series = isNewer ? HWE[release] : UBUNTU[release]
  const packages =
    flavour !== 'generic' ? [`linux-${flavour}`] : isNewer ? [`linux-hwe-${series}`, 'linux-hwe'] : ['linux']
  const products = ['ubuntu', 'ubuntu-pro', 'ubuntu-pro-legacy'].map((name) => `${name}:${release}`)
  const keys = products.flatMap((product) => packages.map((name) => `${product} ${name}`))
  const base = someFixed(ground, keys, `${series}.0-100.110`).replace(/^\d+\.\d+/, series)
  const version = near(ground, near(ground, base, 3), 4)
  const [, abi = '', upload = ''] = /^(\d+\.\d+\.\d+-\d+)\.(.*)$/.exec(version) ?? []
  const isTold = random.chance(0.9)
  const number = random.pick([80, 85, 90, 97, 101, 102, 108, 115, 121])
  const other = near(ground, base, 3).replace(/^(\d+\.\d+\.\d+-\d+)\..*$/, '$1')
  const host = draft('ubuntu', release, `${abi}-${flavour}`, {
    vendor: { groups: [products], packages, version: isTold ? version : abi, rule: isTold ? 'dpkg' : 'abi' },
    installed: other === abi ? [] : [{ packages, version: other, rule: 'abi_on_disk' }],
    canonical: { release: UBUNTU_NAME[release], flavours: [flavour, `${flavour}-${series}`], abi },
    livepatches: random.chance(0.5)
      ? [
          {
            ...{
              system: 'canonical',
              number,
              branch: null,
              cve: null,
              cves: [],
              provider: random.pick(['canonical', 'livepatch']),
            },
            ...{ name: `lkp_Ubuntu_${abi.replaceAll(/[.-]/g, '_')}_1_${flavour}_${number}` },
            version: random.pick([`${number}.1`, null]),
          },
        ]
      : [],
  })
  return {
    ...host,
    facts: {
      ...host.facts,
      version: isTold ? `#${upload}-Ubuntu SMP` : '#1 SMP',
      installedKernels: [`${other}-${flavour}`, `${abi}-oem`],
    },
  }
}

const STREAMS = ['', '-eus', '-eus-long-life', '-e4s', '-aus', '-tus']

const redHat = (ground: Ground): Draft => {
  const { random } = ground
  const major = random.pick(['7', '8', '9'])
  const id = random.pick(['rhel', 'rhel', 'rhel', 'almalinux', 'rocky', 'centos'])
  const minors = { '7': ['6', '7', '9'], '8': ['4', '6', '8', '10'], '9': ['0', '2', '4'] }[major] ?? []
  const minor = random.pick(minors)
  const streams = STREAMS.map((stream) => `rhel:${major}.${minor}${stream}`)
  const general = [`rhel:${major}`, `rhel:${major}-els`]
  const named = someFixed(
    ground,
    (random.chance(0.7) ? streams : general).map((product) => `${product} kernel`),
    '',
  )
  const base = (named || someFixed(ground, [`rhel:${major} kernel`], '5.14.0-70.13.1.el9_0')).replace(/^0:/, '')
  const make = () => near(ground, near(ground, base, 3), 4)
  const version = make()
  // Where the release tells its minor itself, that is the one; CentOS 7 tells none.
  const [, told] = /\.el\d+_(\d+)/.exec(version) ?? []
  const versionId = id === 'centos' ? major : `${major}.${told ?? minor}`
  const isStream = id === 'centos' && major !== '7' && told === undefined
  const hasMinor = told !== undefined || id !== 'centos'
  const own = id === 'rhel' ? [] : [[`${id}:${major}`]]
  const ofMinor = hasMinor ? [STREAMS.map((stream) => `rhel:${major}.${told ?? minor}${stream}`)] : []
  const kernel: GeneratedPackage = { packages: ['kernel'], version, rule: 'rpm' }
  const other = make()
  const effective = random.chance(0.3) ? make() : null
  const host = draft(id, versionId, `${version}.x86_64`, {
    vendor: { ...kernel, groups: isStream ? own : [...own, ...ofMinor, general] },
    installed: other === version ? [] : [{ ...kernel, version: other }],
    effective: effective === version ? null : effective,
    noticeKernels: [version.replace(/\.el\d.*$/, '')],
  })
  return {
    ...host,
    facts: {
      ...host.facts,
      installedKernels: [`${other}.x86_64`, `${version}.x86_64`].sort(),
      effectiveKernel: effective === null ? null : { provider: 'kernelcare', release: effective },
    },
  }
}

const SLES_STREAMS = ['', '-ltss', '-espos', '-bcl', '-tdl']

const sles = (ground: Ground): Draft => {
  const { random } = ground
  const withLivepatch = random.chance(0.6)
  const notice = random.pick(
    ground.notices.filter(({ system, kernels }) => system !== 'canonical' && kernels.length > 0),
  )
  const wanted = withLivepatch ? random.pick(notice.kernels) : ''
  const versionId = random.pick(['12.3', '12.5', '15.1', '15.2', '15.3', '15.4', '15.5', '15.6'])
  const products = SLES_STREAMS.map((stream) => `sles:${versionId}${stream}`)
  const keys = products.map((product) => `${product} kernel-default`)
  const make = () => near(ground, someFixed(ground, keys, '6.4.0-150600.23.25.1'), 5).replace(/\.\d+$/, '')
  const named = /^(\d.*)-([a-z]+)$/.exec(wanted)
  const [version, flavour] = [named?.[1] ?? make(), named?.[2] ?? 'default']
  const other = make()
  const number = random.pick([1, 2, 2, 3, 5, 8, 14, 16])
  const kernel: GeneratedPackage = { packages: [`kernel-${flavour}`], version, rule: 'rpm_without_rebuild' }
  const inEffect = named !== null && random.chance(0.8)
  const branches = ground.notices.map(({ notice }) => notice).filter((name) => name.includes(' version '))
  const branch = random.chance(0.5)
    ? (random.pick(notice.notice.includes(' version ') ? [notice.notice] : branches).split(' version ')[0] ?? null)
    : null
  const host = draft('sles', versionId, `${version}-${flavour}`, {
    vendor: { ...kernel, groups: [products] },
    installed: flavour === 'default' && other !== version ? [{ ...kernel, version: other }] : [],
    noticeKernels: [`${version}-${flavour}`],
    livepatches: inEffect
      ? [
          {
            ...{ system: 'suse', number, branch, cve: null, cves: [], provider: random.pick(['klp', 'livepatch']) },
            name:
              branch === null
                ? `livepatch_${number}_150600_13_6_1`
                : `livepatch_${branch.replaceAll('-', '_')}_${number}`,
            version: random.pick([String(number), null]),
          },
        ]
      : [],
  })
  return { ...host, facts: { ...host.facts, installedKernels: [`${other}-default`, `${other}-azure`] } }
}

const upstream = (ground: Ground): Draft => {
  const { random } = ground
  const versions = ground.releases.filter((release) => /^[3-7]\.\d+(\.\d+)?$/.test(release))
  const make = () => {
    const [major = '6', minor = '6', update = '0'] = random.pick(versions).split('.')
    return `${major}.${minor}.${Math.max(0, Number(update) + random.pick([-1, 0, 0, 1, 5]))}`
  }
  const [release, other] = [make(), make()]
  const host = draft(random.pick(['debian', 'arch', null]), null, release + random.pick(['', '', '-mine', '+']), {
    ...{ upstream: release, installedUpstream: other === release ? [] : [other] },
  })
  return { ...host, facts: { ...host.facts, installedKernels: [other] } }
}

const AMAZON_KERNEL = '6.1.12-19.43'

const amazon = ({ random, cves }: Ground): Draft => {
  const cve = random.pick(['CVE-2023-26545', random.pick(cves)])
  const kernel = random.chance(0.7) ? AMAZON_KERNEL : '6.1.15-28.43'
  return draft('amzn', '2023', `${kernel}.amzn2023.x86_64`, {
    vendor: { groups: [['amzn:2023']], packages: ['kernel'], version: `${kernel}.amzn2023`, rule: 'rpm' },
    noticeKernels: [kernel],
    livepatches: random.chance(0.6)
      ? [
          {
            ...{ system: 'amazon', number: 0, branch: null, cve, cves: [], provider: 'kpatch', version: null },
            name: `livepatch_${cve.replaceAll('-', '_')}`,
          },
        ]
      : [],
  })
}

const oracleLinux = ({ random }: Ground): Draft =>
  draft('ol', '9.4', `5.15.0-${200 + random.below(120)}.171.5.el9uek.x86_64`, {
    vendor: { groups: [['ol:9']], packages: ['kernel-uek'], version: '', rule: 'rpm' },
  })

/** Kernels whose maker no feed speaks for. */
const foreign = ({ random }: Ground): Draft =>
  random.pick([
    draft('fedora', '39', '6.7.5-200.fc39.x86_64'),
    draft('debian', '12', '6.8.12-1-pve'),
    draft('arch', null, '6.6.20-arch1-1'),
    draft('linuxmint', '21', '5.15.0-91-generic'),
    draft('debian', '12', '6.8.0-rc4'),
  ])
