import type { EnabledFunction } from '@rebootless/shared/contract/kernel.ts'
import { ENABLED_FUNCTIONS_CUT } from '@rebootless/shared/domain/ftrace-confirmation.ts'
import { cut, isAbsent, type KernelReading, noteUnreadable, readFile } from './reading.ts'

/** tracefs has its own place since 4.1; before, and where it is not mounted there, it sits in debugfs. */
const PATHS = ['/sys/kernel/tracing/enabled_functions', '/sys/kernel/debug/tracing/enabled_functions']
const CONSEQUENCE = 'whether ftrace really redirects the patched functions is not known'
const CUT_CONSEQUENCE = 'ftrace holds more functions than are read, so one that is not found may be there all the same'
const BYTES_MAX = 4 * 1024 * 1024
const FUNCTIONS_MAX = 8192

/** enabled_functions: Documentation/trace/ftrace.rst. A list that was cut is noted as such. */
export const readEnabledFunctions = async (reading: KernelReading): Promise<EnabledFunction[] | null> => {
  let errno = 'ENOENT'
  for (const path of PATHS) {
    const result = await reading.fs.read(path, BYTES_MAX)
    if (result.ok) {
      await readFile(reading, path, { consequence: CONSEQUENCE })
      if (Buffer.byteLength(result.value) < BYTES_MAX) return parseEnabledFunctions(result.value)
      noteUnreadable(reading, ENABLED_FUNCTIONS_CUT.path, ENABLED_FUNCTIONS_CUT.errno, CUT_CONSEQUENCE)
      return parseEnabledFunctions(result.value.slice(0, result.value.lastIndexOf('\n')))
    }
    if (!isAbsent(result)) errno = result.errno
  }
  noteUnreadable(reading, PATHS[0] ?? '', errno, CONSEQUENCE)
  return null
}

/**
 * `NAME [MODULE] (COUNT) FLAGS …`. Only x86-64 and arm64 name the handler behind it, so nothing after the flags is
 * used; flags are single capitals set apart from what follows by a tab or the line's end.
 */
export const parseEnabledFunctions = (text: string): EnabledFunction[] => {
  const functions: EnabledFunction[] = []
  for (const line of text.split('\n')) {
    const match = /^(\S+)(?: \[([^\]\s]+)\])? \((\d{1,9})\)([^\t]*)/.exec(line)
    if (match?.[1] === undefined) continue
    const module = match[2] ?? null
    functions.push({
      name: cut(match[1], 512),
      module: module === null ? null : cut(module, 64),
      count: Number(match[3]),
      ipModify: /\bI\b/.test(match[4] ?? ''),
      line: cut(line, 512),
    })
  }
  return functions
}

/** Those that a livepatch names and those whose calls someone may redirect; a tracer's thousands are of no interest. */
export const relevantFunctions = (
  reading: KernelReading,
  functions: readonly EnabledFunction[],
  patched: ReadonlySet<string>,
): EnabledFunction[] => {
  const relevant = functions.filter(({ name, ipModify }) => ipModify || patched.has(name))
  if (relevant.length > FUNCTIONS_MAX)
    noteUnreadable(reading, ENABLED_FUNCTIONS_CUT.path, ENABLED_FUNCTIONS_CUT.errno, CUT_CONSEQUENCE)
  return relevant.slice(0, FUNCTIONS_MAX)
}
