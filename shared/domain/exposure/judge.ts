import type { ExposureFacts, Verdict } from '../../contract/exposure.ts'
import type { Provenance } from '../../contract/vulnerabilities.ts'
import { providerTitle } from '../provider-facts.ts'
import { cut } from '../sentence.ts'
import { foreignArchitecture } from './fix-architecture.ts'
import type { UpstreamRelease } from './kernel-version.ts'
import { type NoticedFixes, noticedFixes } from './livepatch-notices.ts'
import type { PreparedCve, PreparedKnowledge } from './prepared-knowledge.ts'
import { identifyKernel, type KernelIdentity, type VendorKernel } from './running-kernel.ts'
import { type UpstreamFinding, upstreamFinding } from './upstream-verdict.ts'
import { type VendorWord, vendorWord } from './vendor-verdict.ts'
import * as words from './verdict-sentences.ts'

/** What of one class is the same for every CVE. */
export interface PreparedClass {
  readonly facts: ExposureFacts
  readonly kernel: KernelIdentity
  /** Of the same packages, by name; those that are only on disk. */
  readonly onDisk: readonly { readonly release: string; readonly kernel: KernelIdentity }[]
  /** The kernel as if it had the effective release; null: no provider names one that can be judged. */
  readonly effective: VendorKernel | null
  readonly notices: NoticedFixes
  /** By CVE, the livepatch whose tool or catalogue entry names it. */
  readonly byTool: ReadonlyMap<string, string>
  readonly byCatalogue: ReadonlyMap<string, string>
  readonly knowledge: PreparedKnowledge
}

export const prepareClass = (facts: ExposureFacts, knowledge: PreparedKnowledge): PreparedClass => {
  const kernel = identifyKernel(facts.release, facts.version, facts.operatingSystem)
  const named = (list: 'cves' | 'catalogueCves') =>
    new Map(facts.livepatches.flatMap((livepatch) => livepatch[list].map((cve) => [cve, livepatch.name] as const)))
  return {
    ...{ facts, kernel, knowledge, onDisk: kernelsOnDisk(facts, kernel), effective: effectiveKernel(facts, kernel) },
    ...{ notices: noticedFixes(knowledge.notices, facts), byTool: named('cves'), byCatalogue: named('catalogueCves') },
  }
}

const kernelsOnDisk = (facts: ExposureFacts, running: KernelIdentity): PreparedClass['onDisk'] =>
  (facts.installedKernels ?? [])
    .filter((release) => release !== facts.release)
    .map((release) => ({ release, kernel: onDisk(identifyKernel(release, null, facts.operatingSystem)) }))
    .filter(({ kernel }) => isOfKind(kernel, running))

/** Which upload of an ABI is installed cannot be read; packages are upgraded in place, so it is taken for the newest of them. */
const onDisk = (kernel: KernelIdentity): KernelIdentity =>
  kernel.kind === 'vendor'
    ? { ...kernel, compare: (installed, fixed) => kernel.compare(installed, fixed) || 0 }
    : kernel

/** A kernel of another flavour is not what the next boot brings. */
const isOfKind = (kernel: KernelIdentity, running: KernelIdentity): boolean => {
  if (kernel.kind !== 'vendor' || running.kind !== 'vendor') return kernel.kind === running.kind
  return kernel.version !== null && kernel.packages.some((name) => running.packages.includes(name))
}

/** Tools name it by release or by package; either is the vendor's version where it is of the running package. */
const effectiveKernel = ({ effectiveKernel, release }: ExposureFacts, kernel: KernelIdentity): VendorKernel | null => {
  if (effectiveKernel === null || kernel.kind !== 'vendor') return null
  const version = effectiveKernel.release.replace(/\.(x86_64|aarch64)$/, '')
  return version === release ? null : { ...kernel, version }
}

/** What one CVE is to hosts of one class. A CVE of which nothing is known is unknown, and not safe. */
export const judge = (prepared: PreparedClass, cveId: string): Verdict => {
  const cve = prepared.knowledge.cves.get(cveId)
  const verdict = (cve === undefined ? byLivepatch(prepared, cveId) : judgeKnown(prepared, cve)) ?? words.nothingKnown()
  return { ...verdict, why: cut(verdict.why, 600), by: verdict.by === null ? null : cut(verdict.by, 300) }
}

export const judgeAll = (prepared: PreparedClass): Map<string, Verdict> =>
  new Map([...prepared.knowledge.cves.keys()].map((id) => [id, judge(prepared, id)]))

/** The rules in their order; docs/exposure.md has them as a table. */
const judgeKnown = (prepared: PreparedClass, cve: PreparedCve): Verdict | null =>
  rejected(cve) ?? byLivepatch(prepared, cve.id) ?? byArchitecture(prepared, cve) ?? bySafeKernel(prepared, cve)

const rejected = ({ records, id }: PreparedCve): Verdict | null => {
  const said = records.find(({ statement }) => statement.rejected)
  return said === undefined ? null : words.rejected(id, said.from)
}

/** In effect, and named for this very kernel: by its tool, by the catalogue, by a notice of its vendor. */
const byLivepatch = ({ byTool, byCatalogue, notices, facts }: PreparedClass, cve: string): Verdict | null => {
  const tool = byTool.get(cve)
  if (tool !== undefined) {
    const provider = facts.livepatches.find(({ name }) => name === tool)?.provider ?? 'livepatch'
    return words.livepatchTool(tool, providerTitle(provider))
  }
  const catalogue = byCatalogue.get(cve)
  if (catalogue !== undefined) return words.livepatchCatalogue(catalogue)
  const notice = notices.inEffect.get(cve)
  return notice?.isOfKernel ? words.livepatchNotice(notice, facts.release) : null
}

const byArchitecture = ({ facts }: PreparedClass, { files, records }: PreparedCve): Verdict | null => {
  const folder = foreignArchitecture(files, facts.architecture)
  const said = records.find(({ statement }) => statement.files.length > 0)
  return folder === null || said === undefined ? null : words.otherArchitecture(folder, facts.architecture, said.from)
}

/** By its own kernel where that is safe; else by what makes another kernel of it, and then by its kernel after all. */
const bySafeKernel = (prepared: PreparedClass, cve: PreparedCve): Verdict => {
  const own = byKernel(prepared, cve)
  if (own.status === 'fixed_by_kernel' || own.status === 'not_affected') return own
  return byEffectiveKernel(prepared, cve) ?? byNoticeAtLarge(prepared, cve.id) ?? own
}

const byEffectiveKernel = ({ effective, facts }: PreparedClass, cve: PreparedCve): Verdict | null => {
  if (effective === null || facts.effectiveKernel === null) return null
  const word = vendorWord(cve, effective)
  if (word.finding !== 'fixed' || word.said === null) return null
  return words.effectiveKernel(
    { ...facts.effectiveKernel, title: providerTitle(facts.effectiveKernel.provider) },
    ...[effective, word.said],
  )
}

const byNoticeAtLarge = ({ notices, facts }: PreparedClass, cve: string): Verdict | null => {
  const notice = notices.inEffect.get(cve)
  return notice === undefined ? null : words.livepatchNoticeAtLarge(notice, facts.release)
}

const byKernel = (prepared: PreparedClass, cve: PreparedCve): Verdict => {
  const { kernel } = prepared
  if (kernel.kind === 'upstream') return byUpstream(prepared, cve, upstreamFinding(cve, kernel.release))
  if (kernel.kind === 'foreign') return bySilence(prepared, cve, null, kernel.base)
  const word = vendorWord(cve, kernel)
  if (word.said === null) return bySilence(prepared, cve, kernel, kernel.base)
  return byVendor(prepared, cve, kernel, word, word.said.from)
}

const byVendor = (
  prepared: PreparedClass,
  cve: PreparedCve,
  kernel: VendorKernel,
  word: VendorWord,
  from: Provenance,
): Verdict => {
  if (word.finding === 'fixed') return words.vendorFixed(kernel, word)
  if (word.finding === 'not_affected') return words.vendorNotAffected(kernel, word)
  if (word.finding !== 'affected') return words.vendorUndecided(kernel, word)
  const waiting = prepared.onDisk.find(
    ({ kernel: installed }) => installed.kind === 'vendor' && vendorWord(cve, installed).finding === 'fixed',
  )
  if (waiting !== undefined) return words.vendorFixedOnDisk(kernel, word, waiting.release, from)
  return words.vendorAffected(kernel, word, prepared.notices.offered.get(cve.id) ?? null)
}

const byUpstream = (prepared: PreparedClass, cve: PreparedCve, found: UpstreamFinding | null): Verdict => {
  const { release } = prepared.facts
  if (found === null) return words.nothingKnown()
  if (found.finding !== 'affected') return words.upstreamSafe(release, found)
  const waiting = prepared.onDisk.find(
    ({ kernel }) => kernel.kind === 'upstream' && upstreamFinding(cve, kernel.release)?.finding === 'fixed',
  )
  return waiting === undefined
    ? words.upstreamAffected(release, found)
    : words.upstreamFixedOnDisk(release, found, waiting.release)
}

/**
 * No vendor's word of the package. A distribution's kernel has what its vendor took, whatever its number: upstream's word alone makes
 * it neither safe nor exposed.
 */
const bySilence = (
  { facts, notices }: PreparedClass,
  cve: PreparedCve,
  kernel: VendorKernel | null,
  base: UpstreamRelease | null,
): Verdict => {
  const lacking = notices.offered.get(cve.id)
  if (lacking?.isOfKernel && lacking.isLacking) return words.livepatchLacking(lacking, facts.release)
  const found = base === null ? null : upstreamFinding(cve, base)
  return found === null ? words.vendorSilent(kernel, facts.release) : words.upstreamHint(kernel, facts.release, found)
}
