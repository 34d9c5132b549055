import type { StackFrame } from '@rebootless/shared/contract/transition.ts'
import { cut } from './reading.ts'

const FRAMES_MAX = 128

/** What makes a frame hold a task: the functions of the patch that changes, and the modules whose code must be left. */
export interface HoldingCode {
  /** Functions to be left, by the object they belong to: `vmlinux` or a module. */
  functions: readonly { object: string; name: string }[]
  /** Livepatch modules whose code must be left. */
  modules: ReadonlySet<string>
}

/**
 * /proc/PID/task/TID/stack: proc(5), innermost first, `[<0>] FUNCTION+OFFSET/SIZE [MODULE]`.
 *
 * ppc64le prints whatever lay above the frame of `__switch_to`, raw addresses among it; on no machine does that frame
 * or anything above it say where a task sleeps.
 */
export const parseTaskStack = (text: string, holding: HoldingCode): StackFrame[] => {
  const lines = text.split('\n').flatMap((line) => parseFrame(line) ?? [])
  const switched = lines.findLastIndex((frame) => frame.function === '__switch_to')
  const frames = lines.slice(switched + 1, switched + 1 + FRAMES_MAX)
  const exact = frames.map((frame) => holds(frame, holding, (name) => name))
  const marks = exact.includes(true) ? exact : frames.map((frame) => holds(frame, holding, withoutSuffix))
  return frames.map((frame, index) => ({ ...frame, held: marks[index] === true }))
}

const parseFrame = (line: string): Omit<StackFrame, 'held'> | null => {
  const match = /^(?:\[<[0-9a-f]*>\] )?([^\s+]+)(?:\+(0x[0-9a-f]+\/0x[0-9a-f]+))?(?: \[([^\]]+)\])?\s*$/.exec(line)
  const name = match?.[1]
  if (name === undefined || /^0x[0-9a-f]*$/.test(name)) return null // an address would only leak
  return {
    function: cut(name, 512),
    offset: match?.[2] === undefined ? null : cut(match[2], 32),
    module: match?.[3] === undefined ? null : cut(match[3].split(' ')[0] ?? '', 64),
  }
}

const holds = (
  frame: Omit<StackFrame, 'held'>,
  { functions, modules }: HoldingCode,
  plain: (name: string) => string,
): boolean =>
  (frame.module !== null && modules.has(frame.module)) ||
  functions.some(({ object, name }) => object === (frame.module ?? 'vmlinux') && plain(name) === plain(frame.function))

/** A compiler splits functions and marks the parts: `.part.0`, `.isra.0`, `.constprop.0`, `.cold`. */
const withoutSuffix = (name: string): string => name.replace(/\.(part|isra|constprop|cold|llvm)(\.\d+)?.*$/, '')
