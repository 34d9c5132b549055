import type { VendorStatus } from './exposure-words.ts'
import { type PreparedCve, type Said, vendorKey } from './prepared-knowledge.ts'
import type { VendorKernel } from './running-kernel.ts'

export type VendorFinding = VendorStatus | 'silent'

/** What the vendor says of one package of one version. */
export interface VendorWord {
  /** `fixed`: the version has it. `affected`: it has not. `silent`: nothing is said of such a kernel. */
  readonly finding: VendorFinding
  /** The statement that decides; null: silent. */
  readonly said: Said<'vendor'> | null
  /** One that says otherwise of the same product; null: none does. */
  readonly against: Said<'vendor'> | null
}

/** Worst first: where a vendor contradicts itself, the worse stands. */
const WORST_FIRST: readonly VendorFinding[] = ['affected', 'under_investigation', 'fixed', 'not_affected']

const SILENT: VendorWord = { finding: 'silent', said: null, against: null }

export const vendorWord = (cve: PreparedCve, kernel: VendorKernel): VendorWord => {
  const [statements = [], ...general] = statementsByGroup(cve, kernel)
  if (statements.length === 0) return SILENT
  const found = statements.map((said) => ({ said, finding: findingOf(said, kernel) }))
  // Beside a fix that is reached, only the product that has it can speak against it: support of the general product ends
  // (`ignored`), and its extension goes on with the same line of versions.
  const reached = new Set(found.filter(({ finding }) => finding === 'fixed').map(({ said }) => said.statement.product))
  const considered = found.filter(
    ({ said }) => reached.size === 0 || reached.has(said.statement.product) || said.statement.fixedVersion !== null,
  )
  const rank = (finding: VendorFinding) => WORST_FIRST.indexOf(finding)
  const [worst] = [...considered].sort(
    (left, right) => rank(left.finding) - rank(right.finding) || laterFix(left.said, right.said, kernel),
  )
  if (worst === undefined) return SILENT
  const against =
    considered.find(({ finding }) => finding !== worst.finding)?.said ??
    general.flat().find(({ statement }) => worst.finding === 'affected' && statement.status === 'not_affected') ??
    null
  return { ...worst, against }
}

const laterFix = ({ statement: left }: Said<'vendor'>, { statement: right }: Said<'vendor'>, kernel: VendorKernel) => {
  if (left.fixedVersion === null || right.fixedVersion === null) return left.fixedVersion === null ? 1 : -1
  return kernel.compare(right.fixedVersion, left.fixedVersion) || 0
}

/** All that is said of this package, group by group: the first decides. */
const statementsByGroup = ({ vendors }: PreparedCve, kernel: VendorKernel): Said<'vendor'>[][] =>
  kernel.products.flatMap((group) => {
    for (const name of kernel.packages) {
      const statements = group
        .flatMap((product) => vendors.get(vendorKey(product, name)) ?? [])
        .filter(({ statement }) => isOfSeries(statement.fixedVersion, kernel.onlySeries))
      if (statements.length > 0) return [statements]
    }
    return []
  })

const isOfSeries = (fixedVersion: string | null, series: string | null): boolean =>
  series === null || fixedVersion === null || fixedVersion.replace(/^\d+:/, '').startsWith(`${series}.`)

const findingOf = ({ statement }: Said<'vendor'>, kernel: VendorKernel): VendorFinding => {
  const { status, fixedVersion } = statement
  if (status !== 'fixed') return status
  if (fixedVersion === null || kernel.version === null) return 'under_investigation'
  const order = kernel.compare(kernel.version, fixedVersion)
  if (Number.isNaN(order)) return 'under_investigation'
  return order >= 0 ? 'fixed' : 'affected'
}
