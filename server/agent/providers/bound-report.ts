import { ProviderReport } from '@rebootless/shared/contract/provider.ts'
import { absentProvider } from '@rebootless/shared/domain/provider-report.ts'
import type { ProviderName } from '@rebootless/shared/domain/words.ts'

type Json = Record<string, unknown>
type Path = readonly PropertyKey[]
interface Issue {
  readonly code: string
  readonly path: Path
  readonly maximum?: number | bigint
  readonly keys?: readonly string[]
}

/** Once something is cut or left out, what was hidden behind it shows. */
const PASSES_MAX = 8
const TROUBLES_MAX = 16

/**
 * A report as the contract takes it: what is too long is cut, a list's entry that breaks it is left out, any other field
 * is not known; a trouble names the fields. Nothing is ever put in. Never throws.
 */
export const boundReport = (report: ProviderReport): ProviderReport => {
  const unknown: Json = { ...absentProvider(report.name as ProviderName, 'What it found breaks the contract.') }
  const mended = new Set<string>()
  try {
    const value: Json = JSON.parse(JSON.stringify(report))
    for (let pass = 0; pass < PASSES_MAX; pass += 1) {
      const parsed = ProviderReport.safeParse(value)
      if (parsed.success) return mended.size === 0 ? parsed.data : withTrouble(parsed.data, [...mended])
      const issues: readonly Issue[] = parsed.error.issues
      for (const { path, keys } of issues) mended.add(String(path[0] ?? keys?.[0] ?? 'report'))
      if (!cutWhatIsTooLong(value, issues)) leaveOut(value, issues, unknown)
    }
  } catch {
    // What has no JSON is no report.
  }
  return withTrouble(ProviderReport.parse({ ...unknown, present: report.present }), ['report'])
}

const cutWhatIsTooLong = (value: Json, issues: readonly Issue[]): boolean => {
  let any = false
  for (const { code, path, maximum } of issues) {
    const [whole, last] = [at(value, path), path.at(-1)]
    if (code !== 'too_big' || last === undefined || !(typeof whole === 'string' || Array.isArray(whole))) continue
    Object.assign(at(value, path.slice(0, -1)) as object, { [last]: whole.slice(0, Number(maximum)) })
    any = true
  }
  return any
}

/** The innermost entry of a list that the fault lies in; without a list around it, the field. */
const leaveOut = (value: Json, issues: readonly Issue[], unknown: Json): void => {
  const entries = new Map<string, Path>()
  for (const { path, keys } of issues) {
    const index = path.findLastIndex((step) => typeof step === 'number')
    const field = String(path[0] ?? keys?.[0] ?? '')
    if (index >= 0) entries.set(path.slice(0, index + 1).join('.'), path.slice(0, index + 1))
    else if (field in unknown) value[field] = unknown[field]
    else delete value[field]
  }
  // Positions move when an entry goes: inner lists first, and each from its end.
  const order = [...entries.values()].sort((a, b) => b.length - a.length || Number(b.at(-1)) - Number(a.at(-1)))
  for (const path of order) {
    const list = at(value, path.slice(0, -1))
    if (Array.isArray(list)) list.splice(Number(path.at(-1)), 1)
  }
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, step) => (inner as Record<PropertyKey, unknown>)[step], value)

const withTrouble = (report: ProviderReport, fields: readonly string[]): ProviderReport => ({
  ...report,
  troubles: [
    ...report.troubles.slice(0, TROUBLES_MAX - 1),
    {
      source: report.name,
      code: null,
      text: `Some of what the provider found is cut or left out, being too long or not as the contract has it: ${fields.join(', ')}`.slice(
        0,
        1000,
      ),
    },
  ],
})
