import * as z from 'zod'
import { PATCH_KINDS, PATCH_WARNINGS, WARNING_LEVELS } from '../domain/patch-words.ts'
import { UPDATABLE_PROVIDERS } from '../domain/updatable-providers.ts'
import { ModuleFacts } from './module-facts.ts'
import { hostText, Instant, KernelName } from './primitives.ts'
import { CveId } from './provider.ts'
import { PublicKey, Sha256, Signature } from './signed.ts'

/** Of a module the SHA-256 of its file; of a set or a vendor's update a UUID. */
export const PatchId = z.union([Sha256, z.uuid()])
export type PatchId = z.infer<typeof PatchId>

const NOTES_MAX = 10_000
const CVES_MAX = 1000
const SET_MODULES_MAX = 100

/** Why the catalogue says that a patch fixes a CVE. `modules`: a module of the set fixes it. `hand`: somebody wrote so here. */
export const CVE_SOURCES = ['metadata', 'modules', 'vendor notes', 'hand'] as const
export const PatchCve = z.strictObject({ cve: CveId, sources: z.array(z.enum(CVE_SOURCES)).min(1) })
export type PatchCve = z.infer<typeof PatchCve>

/** How many hosts of the caller's scope a patch bears on now. */
export const PatchHosts = z.strictObject({
  /** It is in effect there: for a module, a livepatch of its name on its kernel. */
  running: z.int(),
  /** They run the kernel that it was made for; of a vendor's update: they have its system. */
  ofItsKernel: z.int(),
  /** In the scope. */
  total: z.int(),
})
export type PatchHosts = z.infer<typeof PatchHosts>

/** What a list shows of a module's facts. */
export const ModuleBrief = z.strictObject({
  size: z.int(),
  vermagic: hostText(256),
  release: hostText(128),
  /** As `uname -m` prints it; null: the file was kept before its facts were read, and they could not be read since. */
  architecture: hostText(32).nullable(),
  version: hostText(128).nullable(),
  srcversion: hostText(64).nullable(),
  depends: z.array(KernelName),
  /** Cumulative; null: not known. */
  replace: z.boolean().nullable(),
  /** null: not read. */
  functionCount: z.int().nullable(),
  objectCount: z.int().nullable(),
  /** It bears a signature of the kind that the kernel checks; null: not known. */
  moduleSigned: z.boolean().nullable(),
})

export const PatchSummary = z.strictObject({
  id: PatchId,
  kind: z.enum(PATCH_KINDS),
  /** A module's own; of the others as it was given here. */
  name: hostText(128),
  /** Set with `kind: module`. */
  module: ModuleBrief.nullable(),
  /** Set with `kind: set`: the same fix for several kernels. */
  set: z
    .strictObject({
      modules: z.array(
        z.strictObject({ id: Sha256, name: KernelName, release: hostText(128), architecture: hostText(32).nullable() }),
      ),
    })
    .nullable(),
  /** Set with `kind: vendor_update`. */
  vendorUpdate: z
    .strictObject({
      provider: z.enum(UPDATABLE_PROVIDERS),
      /** The level as the tool names it once it is reached; null: whatever the vendor has newest. */
      level: hostText(128).nullable(),
    })
    .nullable(),
  cves: z.array(CveId),
  /** Rises with each module: what is lower is older (threat-model T21). Null for what has no file of its own. */
  releaseCounter: z.int().nullable(),
  /** Publishers whose signature over the file was found good and whose key was not taken back. */
  signedBy: z.array(hostText(64)),
  hosts: PatchHosts,
  uploadedBy: z.string(),
  uploadedAt: Instant,
})
export type PatchSummary = z.infer<typeof PatchSummary>

export const PatchWarning = z.strictObject({
  code: z.enum(PATCH_WARNINGS),
  level: z.enum(WARNING_LEVELS),
  /** In full sentences: what it is, and what comes of it. */
  text: z.string().max(700),
})
export type PatchWarning = z.infer<typeof PatchWarning>

/** A publisher's detached signature over the file. */
export const PatchSignature = z.strictObject({
  keyId: z.uuid(),
  publisher: hostText(64),
  publicKey: PublicKey,
  signature: Signature,
  addedBy: z.string(),
  addedAt: Instant,
  /** The key was taken back since: the signature no longer counts. */
  revokedAt: Instant.nullable(),
})
export type PatchSignature = z.infer<typeof PatchSignature>

export const PatchDetail = PatchSummary.extend({
  /** Of a module; null: of another kind, or not read. */
  facts: ModuleFacts.nullable(),
  /** Each with where it is said. */
  cveSources: z.array(PatchCve),
  notes: z.string().max(NOTES_MAX),
  /** As its vendor wrote; CVEs named in it count as the vendor's word. */
  vendorNotes: z.string().max(NOTES_MAX),
  signatures: z.array(PatchSignature),
  /** Sets that it is a part of. */
  sets: z.array(z.strictObject({ id: z.uuid(), name: hostText(128) })),
  /** As things are now. */
  warnings: z.array(PatchWarning),
  /** Why it cannot be removed; null: it can. */
  cannotDelete: z.string().max(500).nullable(),
  asOf: Instant,
})
export type PatchDetail = z.infer<typeof PatchDetail>

export const PATCH_SORTS = ['added', '-added', 'name', '-name', 'release', '-release', 'hosts', '-hosts'] as const
export const PatchListQuery = z.strictObject({
  /** `name:lp_* cve:CVE-2024-1086 signed:yes`; words are ANDed: shared/domain/patch-filter.ts. */
  filter: z.string().max(1000).default(''),
  /** `-added`: newest first. */
  sort: z.enum(PATCH_SORTS).default('-added'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(512).optional(),
})
export type PatchListQuery = z.infer<typeof PatchListQuery>

export const PatchList = z.strictObject({
  items: z.array(PatchSummary),
  nextCursor: z.string().nullable(),
  /** That match the filter. */
  total: z.int(),
  asOf: Instant,
})
export type PatchList = z.infer<typeof PatchList>

export const PatchUploadQuery = z.strictObject({
  /** Left out: one more than the greatest there is. */
  releaseCounter: z.coerce.number().int().min(0).max(2_000_000_000).optional(),
  /** Reads the file and says what it is; keeps nothing. */
  dryRun: z.enum(['true', 'false']).default('false'),
})

/** What an upload was found to be. */
export const PatchUpload = z.strictObject({
  /** SHA-256 of the module as the kernel loads it: of the unpacked file. */
  id: Sha256,
  name: KernelName,
  size: z.int(),
  facts: ModuleFacts,
  warnings: z.array(PatchWarning),
  /** In the catalogue, now or since before; null: it was only looked at. */
  entry: PatchSummary.nullable(),
})
export type PatchUpload = z.infer<typeof PatchUpload>

const name = z.string().trim().min(1).max(128)
const cves = z.array(CveId).max(CVES_MAX)
const notes = z.string().max(NOTES_MAX)

export const PatchChange = z.strictObject({
  notes: notes.optional(),
  vendorNotes: notes.optional(),
  /** All that are named by hand. */
  cves: cves.optional(),
})
export type PatchChange = z.infer<typeof PatchChange>

export const PatchSetRequest = z.strictObject({
  name,
  /** One for each kernel: no two for the same release and architecture. */
  modules: z.array(Sha256).min(1).max(SET_MODULES_MAX),
  notes: notes.default(''),
  cves: cves.default([]),
})
export type PatchSetRequest = z.infer<typeof PatchSetRequest>

export const VendorUpdateRequest = z.strictObject({
  name,
  provider: z.enum(UPDATABLE_PROVIDERS),
  level: z.string().trim().min(1).max(128).nullable().default(null),
  notes: notes.default(''),
  vendorNotes: notes.default(''),
  cves: cves.default([]),
})
export type VendorUpdateRequest = z.infer<typeof VendorUpdateRequest>

/**
 * The signature covers the file's SHA-256, as 64 hexadecimal digits, under the payload type of patches:
 * shared/domain/signing-bytes.ts.
 */
export const PatchSignatureRequest = z.strictObject({ publicKey: PublicKey, signature: Signature })

/** A key of whoever publishes modules: a vendor, or the machine that builds them. Not of a user. */
export const PublisherKey = z.strictObject({
  id: z.uuid(),
  name: hostText(64),
  publicKey: PublicKey,
  registeredBy: z.string(),
  registeredAt: Instant,
  revokedAt: Instant.nullable(),
})
export type PublisherKey = z.infer<typeof PublisherKey>
export const PublisherKeyRequest = z.strictObject({ publicKey: PublicKey, name: z.string().trim().min(1).max(64) })
export const PublisherKeyList = z.strictObject({ items: z.array(PublisherKey) })
