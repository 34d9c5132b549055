import * as z from 'zod'
import { FEED_KINDS, VENDOR_STATUSES } from '../domain/exposure/exposure-words.ts'
import { Instant } from './primitives.ts'
import { CveId } from './provider.ts'

/** Text of a feed: hostile until shown, cut where it is read. */
const text = (charactersMax: number) => z.string().max(charactersMax)
const Day = z.iso.date()

/** An upstream release, `6.6.20`, `6.7`, `2.6.32.9`; release candidates count as their release. */
export const KernelVersion = z.string().regex(/^\d{1,4}(\.\d{1,6}){1,3}$/)

export const CvssScore = z.strictObject({
  /** Who scored: scorers differ. */
  by: text(100),
  version: text(8),
  score: z.number().min(0).max(10),
  vector: text(300).nullable(),
})

/** What a CVE is, whoever is affected. */
const RecordStatement = z.strictObject({
  kind: z.literal('record'),
  title: text(500).nullable(),
  description: text(2000).nullable(),
  publishedOn: Day.nullable(),
  scores: z.array(CvssScore).max(16),
  /** Files of the kernel's source that the fix touches. */
  files: z.array(text(300)).max(64),
  /** Withdrawn by its CNA: findings close, their history stays. */
  rejected: z.boolean(),
})

/**
 * Upstream's pairs, as in a `.dyad` file of the kernel's CNA (scripts/dyad): a release is affected when some pair's introduction is
 * reached and its fix is not. `introduced` null: from the beginning, or it is not known since when. `fixed` null: never fixed
 * there.
 */
const UpstreamPairsStatement = z.strictObject({
  kind: z.literal('upstream_pairs'),
  pairs: z.array(z.strictObject({ introduced: KernelVersion.nullable(), fixed: KernelVersion.nullable() })).max(512),
  /** Of the fixes, as git names them. */
  fixCommits: z.array(z.string().regex(/^[0-9a-f]{12,40}$/)).max(64),
})

/** The same as a record in CVE JSON 5 has it (entries of product Linux); not as exact as pairs, which go before it. */
const UpstreamRecordStatement = z.strictObject({
  kind: z.literal('upstream_record'),
  /** Of releases of which no row speaks. */
  affectedByDefault: z.boolean(),
  /** The stable branches' fixes: `branch` 6.1, `fixed` 6.1.78. */
  branchFixes: z.array(z.strictObject({ branch: KernelVersion, fixed: KernelVersion })).max(256),
  mainlineFix: KernelVersion.nullable(),
  /** Where it came to a stable branch as a backport: affected from `from` on, before `before`; null: no end. */
  affected: z.array(z.strictObject({ from: KernelVersion, before: KernelVersion.nullable() })).max(256),
  notAffectedBefore: KernelVersion.nullable(),
})

/**
 * What a distribution says of one package in one product. `product`: `debian:12`, `ubuntu:22.04`, `ubuntu-pro:18.04`, `rhel:9` (the
 * newest minor), `rhel:9.2-eus`, `sles:15.5`, `sles:15.4-ltss`, `opensuse-leap:15.6`, `amzn:2023`, `ol:9`. `package`: the source
 * package as the vendor calls it (`linux`, `linux-aws`, `linux-hwe-6.8`, `kernel`, `kernel-rt`, `kernel-default`).
 */
const VendorStatement = z.strictObject({
  kind: z.literal('vendor'),
  product: z.string().regex(/^[a-z0-9-]+:[A-Za-z0-9._-]+$/),
  package: text(200),
  status: z.enum(VENDOR_STATUSES),
  /** The first version of the package that has the fix, epoch and all; null: not fixed there, or `0` was said. */
  fixedVersion: text(128).nullable(),
  /** The vendor's own word or sentence: `Will not fix`, `ignored (end of life)`. */
  reason: text(500).nullable(),
  /** Of it, where it has a number: `RHSA-2024:0897`. */
  advisory: text(64).nullable(),
  availableOn: Day.nullable(),
})

const KevStatement = z.strictObject({
  kind: z.literal('kev'),
  addedOn: Day,
  /** Binds agencies of the United States. */
  dueOn: Day.nullable(),
  ransomware: z.boolean(),
})

const EpssStatement = z.strictObject({
  kind: z.literal('epss'),
  score: z.number().min(0).max(1),
  percentile: z.number().min(0).max(1).nullable(),
  scoredOn: Day,
  model: text(64).nullable(),
})

/** One feed's word of one CVE, in a form that is the same whatever the feed's. */
export const CveStatement = z.discriminatedUnion('kind', [
  RecordStatement,
  UpstreamPairsStatement,
  UpstreamRecordStatement,
  VendorStatement,
  KevStatement,
  EpssStatement,
])
export type CveStatement = z.infer<typeof CveStatement>
export type CveStatementOf<Kind extends CveStatement['kind']> = Extract<CveStatement, { kind: Kind }>

/** A vendor's notice of one livepatch: which kernels it is for, and what it fixes there. */
export const LivepatchNotice = z.strictObject({
  /** The number of the notice, or branch and version where it has none: unique within its feed. */
  notice: text(128),
  /** The provider that reads such hosts, as in words.ts PROVIDER_NAMES; `kgraft` says nothing of the mechanism. */
  system: z.enum(['klp', 'kgraft', 'kpatch', 'canonical', 'amazon', 'ksplice', 'kernelcare']),
  publishedOn: Day.nullable(),
  /** Releases that it is built for, as `uname -r` without the architecture. Empty: the source does not say. */
  kernels: z.array(text(128)).max(256),
  /** Canonical only: the oldest ABI of each release and flavour that it covers. */
  oldestKernels: z.array(z.strictObject({ release: text(32), flavour: text(64), version: text(64) })).max(256),
  /** Packages that carry it, as the vendor's repository names them. */
  packages: z.array(text(200)).max(256),
  /** Of the modules, where the source tells it. */
  moduleVersion: text(64).nullable(),
  cves: z.array(CveId).max(2048),
  /** What is redirected for each of them, where the source tells it. */
  functions: z.array(z.strictObject({ cve: CveId, object: text(64), names: z.array(text(128)).max(256) })).max(4096),
})
export type LivepatchNotice = z.infer<typeof LivepatchNotice>

/** Where a statement comes from. */
export const Provenance = z.strictObject({
  feed: text(100),
  kind: z.enum(FEED_KINDS),
  /** The document: a URL, or a file's name below the feed's folder. */
  document: text(500),
  /** As the feed dates it; null: it does not. */
  publishedOn: Day.nullable(),
  readAt: Instant,
})
export type Provenance = z.infer<typeof Provenance>

/** All that is known of one CVE, each word with whose it is. */
export interface CveKnowledge {
  readonly id: string
  readonly statements: readonly { readonly statement: CveStatement; readonly from: Provenance }[]
}

/** A notice, with whose it is. */
export interface KnownNotice {
  readonly notice: LivepatchNotice
  readonly from: Provenance
}
