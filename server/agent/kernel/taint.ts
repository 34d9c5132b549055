import type { Taint } from '@rebootless/shared/contract/kernel.ts'
import { type KernelReading, readFile } from './reading.ts'

/** Bit, letter when set, meaning: Documentation/admin-guide/tainted-kernels.rst. */
const TAINTS: readonly (readonly [string, string])[] = [
  ['P', 'a module with a proprietary licence was loaded'],
  ['F', 'a module was loaded by force'],
  ['S', 'the kernel runs on a machine that it is not meant for'],
  ['R', 'a module was removed by force'],
  ['M', 'the processor reported a machine check'],
  ['B', 'a page of memory was found in a bad state'],
  ['U', 'a user asked for the taint'],
  ['D', 'the kernel died before (oops or BUG)'],
  ['A', 'an ACPI table was replaced by a user'],
  ['W', 'the kernel gave a warning'],
  ['C', 'a driver from staging was loaded'],
  ['I', 'a workaround for a firmware bug is in use'],
  ['O', 'a module from outside the kernel tree was loaded'],
  ['E', 'a module without a valid signature was loaded'],
  ['L', 'a soft lockup happened'],
  ['K', 'the kernel has been live patched'],
  ['X', 'the distribution marked it for its own reasons'],
  ['T', 'the kernel was built with randomised structures'],
  ['N', 'a test of the kernel ran inside it'],
  ['J', 'user space used a mutating debug operation of fwctl'],
]

export const readTaints = async (reading: KernelReading): Promise<Taint[] | null> => {
  const text = await readFile(reading, '/proc/sys/kernel/tainted', {
    consequence: 'why the kernel is tainted is not known',
  })
  return text === null ? null : parseTaints(text)
}

/** The sum of the bits, in decimal; bits that this list does not know yet show as `?`. */
export const parseTaints = (text: string): Taint[] | null => {
  const digits = text.trim()
  if (!/^\d{1,20}$/.test(digits)) return null
  const value = BigInt(digits)
  const taints: Taint[] = []
  for (let bit = 0; bit < 64; bit += 1) {
    if (((value >> BigInt(bit)) & 1n) === 0n) continue
    const [letter, meaning] = TAINTS[bit] ?? ['?', 'a reason that this agent does not know']
    taints.push({ bit, letter, meaning })
  }
  return taints
}
