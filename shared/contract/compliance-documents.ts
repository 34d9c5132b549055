import * as z from 'zod'
import { EXPOSURE_RULES, EXPOSURES } from '../domain/exposure/exposure-words.ts'
import { HOST_ORIGINS } from '../domain/words.ts'
import { ComplianceCounts, ComplianceOfSeverity } from './compliance.ts'
import { ComplianceFilter } from './compliance-policy.ts'
import { DoubtOfHost, Verdict } from './exposure.ts'
import { Labels } from './labels.ts'
import { HostId, hostText, Instant } from './primitives.ts'
import { CveId } from './provider.ts'

export const ComplianceFileQuery = z.strictObject({
  /** A past moment; left out: now. */
  at: Instant.optional(),
  filter: ComplianceFilter.default(''),
  /** Left out: what is not safe (exposed, accepted, fixed on disk only, unknown); of VEX also what a livepatch fixes. */
  status: z.enum(EXPOSURES).optional(),
})
export type ComplianceFileQuery = z.infer<typeof ComplianceFileQuery>

/** What one CVE is to one host, with why. */
export const ComplianceRow = z.strictObject({
  host: z.strictObject({
    id: HostId,
    name: hostText(255),
    origin: z.enum(HOST_ORIGINS),
    labels: Labels,
    kernelRelease: hostText(128),
    architecture: hostText(32),
  }),
  cve: CveId,
  severity: z.string(),
  score: z.number().nullable(),
  exposure: z.enum(EXPOSURES),
  acceptedUntil: Instant.nullable(),
  verdict: Verdict,
  doubts: z.array(DoubtOfHost),
  /** When the agent read what this follows from. */
  readAt: Instant.nullable(),
})
export type ComplianceRow = z.infer<typeof ComplianceRow>

export const ComplianceExport = z.strictObject({
  format: z.literal('rebootless.compliance/1'),
  madeAt: Instant,
  /** The moment that sentence, numbers and rows tell of; of now that of the last judgement. */
  asOf: Instant,
  filter: z.string(),
  /** Of whoever asked; null: the whole fleet. */
  scope: z.string().nullable(),
  sentence: z.string(),
  counts: ComplianceCounts,
  bySeverity: z.array(ComplianceOfSeverity),
  policyVersion: z.int(),
  /** How it is reckoned, and by which rules a CVE is judged, in words. */
  method: z.string(),
  rules: z.record(z.enum(EXPOSURE_RULES), z.string()),
  rows: z.array(ComplianceRow),
  rowCount: z.int(),
  /** Hex, of the rows' JSON as it stands here, each with a line feed behind it. */
  rowsSha256: z.string().regex(/^[0-9a-f]{64}$/),
})

const Iri = z.string().regex(/^[a-z][a-z0-9+.-]*:/)
const VexProduct = z.strictObject({
  '@id': Iri,
  subcomponents: z.array(z.strictObject({ '@id': Iri, identifiers: z.strictObject({ purl: z.string() }) })),
})
/** OpenVEX specification 0.2.0, "Statement", "Status Justifications", and what its JSON schema asks of each status. */
export const VexStatement = z
  .strictObject({
    vulnerability: z.strictObject({ '@id': Iri, name: CveId }),
    products: z.array(VexProduct).min(1),
    status: z.enum(['not_affected', 'affected', 'fixed', 'under_investigation']),
    status_notes: z.string().optional(),
    justification: z
      .enum([
        ...(['component_not_present', 'vulnerable_code_not_present', 'vulnerable_code_not_in_execute_path'] as const),
        ...(['vulnerable_code_cannot_be_controlled_by_adversary', 'inline_mitigations_already_exist'] as const),
      ])
      .optional(),
    impact_statement: z.string().optional(),
    action_statement: z.string().optional(),
  })
  .refine(
    ({ status, justification, impact_statement }) =>
      [justification, impact_statement].filter((one) => one !== undefined).length ===
      (status === 'not_affected' ? 1 : 0),
    { error: 'not_affected needs a justification or an impact statement, and not both; others have none' },
  )
  .refine(({ status, action_statement }) => (status === 'affected') === (action_statement !== undefined), {
    error: 'affected, and nothing else, needs an action statement',
  })
export type VexStatement = z.infer<typeof VexStatement>

/** OpenVEX specification 0.2.0, "Document". */
export const VexDocument = z.strictObject({
  '@context': z.literal('https://openvex.dev/ns/v0.2.0'),
  '@id': Iri,
  author: z.string(),
  role: z.string(),
  timestamp: Instant,
  version: z.int(),
  tooling: z.string(),
  statements: z.array(VexStatement),
})
