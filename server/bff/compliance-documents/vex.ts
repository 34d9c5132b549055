import { createHash } from 'node:crypto'
import type { VexDocument, VexStatement } from '@rebootless/shared/contract/compliance-documents.ts'
import type { ExposureFacts } from '@rebootless/shared/contract/exposure.ts'
import { canonicalJson } from '@rebootless/shared/domain/canonical-json.ts'
import type { Exposure } from '@rebootless/shared/domain/exposure/exposure-words.ts'
import { printable, printableJson } from '@rebootless/shared/domain/printable.ts'
import type * as z from 'zod'
import type { ClassPart, HostOfFile, JudgedCve } from './rows.ts'

const PACKAGES: Readonly<Record<string, 'deb' | 'rpm'>> = {
  ...{ debian: 'deb', ubuntu: 'deb' },
  ...{ rhel: 'rpm', centos: 'rpm', almalinux: 'rpm', rocky: 'rpm', ol: 'rpm', amzn: 'rpm', sles: 'rpm', fedora: 'rpm' },
}

/** The running kernel as a package URL (Package URL specification, "deb", "rpm", "generic"). */
export const kernelPurl = ({ release, architecture, operatingSystem: { id, versionId } }: ExposureFacts): string => {
  const text = encodeURIComponent
  const kind = id === null ? undefined : PACKAGES[id]
  const qualifiers = `arch=${text(architecture)}${id !== null && versionId !== null ? `&distro=${text(`${id}-${versionId}`)}` : ''}`
  if (kind === 'deb') return `pkg:deb/${text(id ?? '')}/${text(`linux-image-${release}`)}?${qualifiers}`
  if (kind === 'rpm') {
    const version = release.endsWith(`.${architecture}`) ? release.slice(0, -architecture.length - 1) : release
    return `pkg:rpm/${text(id ?? '')}/kernel@${text(version)}?${qualifiers}`
  }
  return `pkg:generic/linux@${text(release)}?${qualifiers}`
}

/**
 * OpenVEX 0.2.0, "Status Labels". What runs has the fix when a livepatch brought it, so that is `fixed`; `affected` must say what to
 * do, `not_affected` why.
 */
const saidOf = (
  exposure: Exposure,
  { verdict: { why, by }, acceptedUntil }: { verdict: JudgedCve['verdict']; acceptedUntil: string | null },
): Pick<VexStatement, 'status' | 'status_notes' | 'impact_statement' | 'action_statement'> => {
  const notes = printable(why)
  if (exposure === 'not_affected') return { status: 'not_affected', impact_statement: notes }
  if (exposure === 'fixed_by_livepatch' || exposure === 'fixed_by_kernel')
    return { status: 'fixed', status_notes: notes }
  if (exposure === 'unknown') return { status: 'under_investigation', status_notes: notes }
  const action =
    exposure === 'fixed_on_disk'
      ? 'Reboot: a kernel with the fix is installed and does not run.'
      : by === null
        ? 'No fix is known for this kernel.'
        : `Take ${printable(by)}.`
  const until = acceptedUntil === null ? '' : ` Accepted until ${acceptedUntil}.`
  return { status: 'affected', status_notes: `${notes}${until}`, action_statement: action }
}

const productOf = ({ id }: HostOfFile, purl: string): VexStatement['products'][number] => ({
  '@id': `urn:uuid:${id}`,
  subcomponents: [{ '@id': purl, identifiers: { purl } }],
})

/** A statement for each CVE of a part and each word that it is to some of its hosts. */
export const statementsOf = (part: ClassPart, wanted: ReadonlySet<Exposure>): VexStatement[] => {
  const purl = kernelPurl(part.facts)
  return part.verdicts.flatMap((cve): VexStatement[] => {
    const groups = new Map<string | null, HostOfFile[]>()
    for (const host of part.hosts) {
      const until = cve.acceptedUntil(host)
      groups.set(until, [...(groups.get(until) ?? []), host])
    }
    return [...groups].flatMap(([acceptedUntil, hosts]) => {
      const exposure = acceptedUntil === null ? cve.verdict.status : 'accepted'
      if (!wanted.has(exposure)) return []
      return [
        {
          vulnerability: { '@id': `https://www.cve.org/CVERecord?id=${cve.id}`, name: cve.id },
          products: hosts.map((host) => productOf(host, purl)),
          ...saidOf(exposure, { verdict: cve.verdict, acceptedUntil }),
        },
      ]
    })
  })
}

/** What is asked gives the document its id, so that the same question of the same moment is the same document. */
export async function* vexDocument(
  asked: { readonly asOf: string; readonly filter: string; readonly scope: string | null; readonly version: string },
  parts: AsyncIterable<readonly VexStatement[]>,
): AsyncGenerator<string> {
  const head: Omit<z.infer<typeof VexDocument>, 'statements'> = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `urn:rebootless:vex:${createHash('sha256').update(canonicalJson(asked)).digest('hex')}`,
    ...{ author: 'Rebootless', role: 'Operator of the hosts', timestamp: asked.asOf, version: 1 },
    tooling: `Rebootless ${asked.version}`,
  }
  yield `${printableJson(head, 0).slice(0, -1)},"statements":[`
  let isFirst = true
  for await (const statements of parts) {
    if (statements.length === 0) continue
    yield `${isFirst ? '' : ','}\n${statements.map((one) => printableJson(one, 0)).join(',\n')}`
    isFirst = false
  }
  yield '\n]}\n'
}
