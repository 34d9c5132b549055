import { createHash } from 'node:crypto'
import type { VexDocument, VexStatement } from '@rebootless/shared/contract/compliance-documents.ts'
import type { ExposureFacts, Verdict } from '@rebootless/shared/contract/exposure.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import { DOUBT_WORDS } from '@rebootless/shared/domain/exposure/exposure-sentences.ts'
import type { Doubt, Exposure, ExposureRule } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { identifyKernel, withoutArchitecture } from '@rebootless/shared/domain/exposure/running-kernel.ts'
import { printable, printableJson } from '@rebootless/shared/domain/printable.ts'
import type * as z from 'zod'
import type { ClassPart, HostOfFile, JudgedCve } from './rows.ts'

const PACKAGES: Readonly<Record<string, 'deb' | 'rpm'>> = {
  ...{ debian: 'deb', ubuntu: 'deb' },
  ...{ rhel: 'rpm', centos: 'rpm', almalinux: 'rpm', rocky: 'rpm', ol: 'rpm', amzn: 'rpm', fedora: 'rpm' },
  ...{ sles: 'rpm', sles_sap: 'rpm', 'sle-micro': 'rpm', 'sl-micro': 'rpm', 'opensuse-leap': 'rpm' },
}

/** Debian's names of architectures, where they are not the kernel's (Debian Policy, 11.1; `dpkg-architecture -L`). */
const DEB_ARCHITECTURES: Readonly<Record<string, string>> = {
  ...{ x86_64: 'amd64', aarch64: 'arm64', ppc64le: 'ppc64el', armv7l: 'armhf', i686: 'i386', loongarch64: 'loong64' },
}

/**
 * The running kernel as a package URL (Package URL specification, "deb", "rpm", "generic"), by the name that its package has where it
 * is installed: scanners compare these. A kernel that is none of its distribution's is no package of it.
 */
export const kernelPurl = ({ release, version, architecture, operatingSystem }: ExposureFacts): string => {
  const { id, versionId } = operatingSystem
  const text = encodeURIComponent
  const kind = id === null ? undefined : PACKAGES[id]
  const kernel = identifyKernel(release, version, operatingSystem)
  const distribution = id !== null && versionId !== null ? `&distro=${text(`${id}-${versionId}`)}` : ''
  if (kind === 'deb' && kernel.kind === 'vendor') {
    const arch = DEB_ARCHITECTURES[architecture] ?? architecture
    return `pkg:deb/${text(id ?? '')}/${text(`linux-image-${release}`)}?arch=${text(arch)}${distribution}`
  }
  if (kind === 'rpm') {
    const [name, built] =
      kernel.kind === 'vendor' ? [kernel.packages[0], kernel.version] : ['kernel', withoutArchitecture(release)]
    return `pkg:rpm/${text(id ?? '')}/${text(name ?? 'kernel')}@${text(built ?? release)}?arch=${text(architecture)}${distribution}`
  }
  return `pkg:generic/linux@${text(release)}?arch=${text(architecture)}${distribution}`
}

/**
 * Rules that tell that the code is not in the kernel. By the others a vendor, or whoever assigned the CVE, says that it is not affected, for a
 * reason that is text at most.
 */
const JUSTIFIED: readonly ExposureRule[] = ['configuration', 'architecture', 'never_affected', 'upstream_range']

/**
 * OpenVEX 0.2.0, "Status Labels". What runs has the fix when a livepatch brought it, so that is `fixed`; `affected` must say what to
 * do, `not_affected` why: by a label or in words, and by its JSON schema not by both.
 */
const saidOf = (exposure: Exposure, { rule, why, by }: Verdict, more: string): Said => {
  const notes = `${printable(why)}${more}`
  switch (exposure) {
    case 'not_affected':
      return JUSTIFIED.includes(rule)
        ? { status: 'not_affected', justification: 'vulnerable_code_not_present', status_notes: notes }
        : { status: 'not_affected', impact_statement: notes }
    case 'fixed_by_livepatch':
    case 'fixed_by_kernel':
      return { status: 'fixed', status_notes: notes }
    case 'unknown':
      return { status: 'under_investigation', status_notes: notes }
    case 'fixed_on_disk':
      return { ...affected(notes), action_statement: 'Reboot: a kernel with the fix is installed and does not run.' }
    case 'exposed':
    case 'accepted': {
      const action = by === null ? 'No fix is known for this kernel.' : `Take ${printable(by)}.`
      return { ...affected(notes), action_statement: action }
    }
  }
}
type Said = Omit<VexStatement, 'vulnerability' | 'products'>
const affected = (notes: string) => ({ status: 'affected', status_notes: notes }) as const

/** By its meaning and not by a host's own sentence, so that hosts share statements. */
const doubtWords = (doubts: readonly Doubt[]): string =>
  doubts.length === 0 ? '' : ` Less certain: ${doubts.map((doubt) => DOUBT_WORDS[doubt].meaning).join(' ')}`

const productOf = ({ id }: HostOfFile, purl: string): VexStatement['products'][number] => ({
  '@id': `urn:uuid:${id}`,
  subcomponents: [{ '@id': purl, identifiers: { purl } }],
})

/** A statement for each CVE of a part, each end of what is accepted, and each list of doubts; one after another, as each is long. */
export async function* statementsOf(
  parts: AsyncIterable<ClassPart>,
  wanted: ReadonlySet<Exposure>,
): AsyncGenerator<VexStatement> {
  for await (const { facts, hosts, verdicts } of parts) {
    const purl = kernelPurl(facts)
    for (const { id, verdict, acceptedUntil } of verdicts) {
      for (const { until, doubts, hosts: group } of groupsOf(hosts, acceptedUntil)) {
        const exposure = until === null ? verdict.status : 'accepted'
        if (!wanted.has(exposure)) continue
        const accepted = until === null ? '' : ` Accepted until ${until}.`
        yield {
          vulnerability: { '@id': `https://www.cve.org/CVERecord?id=${id}`, name: id },
          products: group.map((host) => productOf(host, purl)),
          ...saidOf(exposure, verdict, `${accepted}${doubtWords(doubts)}`),
        }
      }
    }
  }
}

/** Hosts of which the same is said. */
const groupsOf = (hosts: readonly HostOfFile[], acceptedUntil: JudgedCve['acceptedUntil']) => {
  const groups = new Map<string, { until: string | null; doubts: Doubt[]; hosts: HostOfFile[] }>()
  for (const host of hosts) {
    const until = acceptedUntil(host)
    const doubts = host.doubts.map(({ doubt }) => doubt)
    const key = `${until} ${doubts.join(' ')}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { until, doubts, hosts: [host] })
    else group.hosts.push(host)
  }
  return groups.values()
}

/** What is asked gives the document its id, so that the same question of the same moment is the same document. */
export async function* vexDocument(
  asked: {
    readonly asOf: string
    readonly filter: string
    readonly scope: string | null
    readonly statuses: readonly Exposure[]
    readonly version: string
  },
  statements: AsyncIterable<VexStatement>,
): AsyncGenerator<string> {
  const head: Omit<z.infer<typeof VexDocument>, 'statements'> = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `urn:rebootless:vex:${createHash('sha256').update(canonicalJson(asked)).digest('hex')}`,
    ...{ author: 'Rebootless', role: 'Operator of the hosts', timestamp: asked.asOf, version: 1 },
    tooling: `Rebootless ${asked.version}`,
  }
  yield `${printableJson(head, 0).slice(0, -1)},"statements":[`
  let separator = '\n'
  for await (const statement of statements) {
    yield `${separator}${printableJson(statement, 0)}`
    separator = ',\n'
  }
  yield '\n]}\n'
}
