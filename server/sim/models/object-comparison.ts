import { type FunctionKey, functionKey } from '../kernel/program.ts'
import type { ModelPatch } from './model.ts'

/** Machine code of functions, as hexadecimal bytes; `??` stands where the linker puts an address. */
export type ObjectCode = ReadonlyMap<FunctionKey, string>

/** What Ksplice compares: the source built without and with the patch, and the code in memory. */
export interface KspliceBuild {
  readonly pre: ObjectCode
  readonly post: ObjectCode
  readonly running: ObjectCode
}

/**
 * Object-level comparison: of all functions in the rebuilt objects, those go over whose code differs. One that the
 * patch's text does not touch may be among them, because it has a changed one inlined (Ksplice, EuroSys 2009).
 */
export const changedFunctions = ({ pre, post }: KspliceBuild): readonly FunctionKey[] =>
  [...post].flatMap(([key, code]) => (pre.has(key) && pre.get(key) !== code ? [key] : []))

/** Run-pre matching: the code in memory must be the rebuilt old code, addresses aside. @returns those that are not */
export const unmatchedFunctions = ({ pre, running }: KspliceBuild, keys: readonly FunctionKey[]): FunctionKey[] =>
  keys.filter((key) => !isMatch(pre.get(key), running.get(key)))

const isMatch = (pre: string | undefined, running: string | undefined): boolean =>
  pre !== undefined &&
  running !== undefined &&
  pre.length === running.length &&
  bytesOf(pre).every((byte, index) => byte === '??' || byte === bytesOf(running)[index])

const bytesOf = (code: string): readonly string[] => code.match(/../g) ?? []

export const bytesLong = (code: string): number => code.length / 2

/** The patch with all that the comparison found changed, and nothing else. */
export const patchOfChanged = (patch: ModelPatch, changed: readonly FunctionKey[]): ModelPatch => ({
  name: patch.name,
  functions: changed.map(
    (key) => patch.functions.find((one) => functionKey(one.function) === key) ?? { function: functionOf(key) },
  ),
})

const functionOf = (key: FunctionKey) => {
  const [object = '', name = '', sympos = '1'] = key.split(',')
  return { object, name, sympos: Number(sympos) }
}
