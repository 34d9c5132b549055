import * as z from 'zod'
import { DOUBTS, EXPOSURE_RULES, VERDICTS } from '../domain/exposure/exposure-words.ts'
import { hostText } from './primitives.ts'
import { CveId } from './provider.ts'

/**
 * What of a host decides to which CVEs it is exposed. Hosts with the same facts share one class, whose key is the hash of these in
 * canonical JSON: a fleet has hundreds of them, so each CVE is judged once a class and not once a host. Nothing in it changes
 * with time alone.
 */
export const ExposureFacts = z.strictObject({
  release: hostText(128), // uname -r
  /** uname -v, without the time of the build. */
  version: hostText(256).nullable(),
  architecture: hostText(32),
  operatingSystem: z.strictObject({ id: hostText(64).nullable(), versionId: hostText(64).nullable() }),
  /** The release whose fixes the running kernel has, as its provider says. */
  effectiveKernel: z.strictObject({ provider: hostText(32), release: hostText(128) }).nullable(),
  /** In effect: the transition has ended, and the module is enabled. Those that protect. By name. */
  livepatches: z
    .array(
      z.strictObject({
        name: hostText(300),
        provider: hostText(32),
        version: hostText(128).nullable(),
        /** As its tool says, and as the catalogue says of the very module (by srcversion). */
        cves: z.array(CveId).max(2048),
        catalogueCves: z.array(CveId).max(1000),
      }),
    )
    .max(512),
  /** Packages that carry livepatches and are installed, as NAME-VERSION; null: could not be read. Tells versions, not effect. */
  livepatchPackages: z.array(hostText(200)).max(128).nullable(),
  /** Releases with modules on disk; null: could not be listed. */
  installedKernels: z.array(hostText(128)).max(64).nullable(),
})
export type ExposureFacts = z.infer<typeof ExposureFacts>

/** What one CVE is to hosts of one class. */
export const Verdict = z.strictObject({
  status: z.enum(VERDICTS),
  rule: z.enum(EXPOSURE_RULES),
  /** The livepatch or release that fixes it, or that would; null: none does. */
  by: hostText(300).nullable(),
  /** One full sentence: why. */
  why: z.string().max(600),
  /** Whose word it is, as in Provenance; null: nobody's. */
  feed: z.string().max(100).nullable(),
  /** The document of that feed. */
  document: z.string().max(500).nullable(),
  /** The vendor's fix exists since; null: there is none, or it is not dated. */
  fixAvailableOn: z.iso.date().nullable(),
})
export type Verdict = z.infer<typeof Verdict>

export const DoubtOfHost = z.strictObject({
  doubt: z.enum(DOUBTS),
  /** One full sentence. */
  why: z.string().max(300),
})
export type DoubtOfHost = z.infer<typeof DoubtOfHost>
