/**
 * QEMU's multi-threaded emulation may run stale code after the kernel patched its own text. The guest then dies of a
 * breakpoint nobody set, which says nothing about what is being tested: boot again.
 */
export class EmulatorCrash extends Error {
  override readonly name = 'EmulatorCrash'
}

/** The machine ended, and not by the emulator's known fault. */
export class MachineDied extends Error {
  override readonly name = 'MachineDied'
}

const KNOWN_CRASH = /int3: 0000 \[#\d+\]/
const KERNEL_DEATH = /BUG:|Oops|int3: |Kernel panic/
const LINES_MAX = 25

export const showsKnownCrash = (console: string) => KNOWN_CRASH.test(console)

/** Why a machine ended, from what its kernel printed. */
export function causeOfDeath(hostname: string, console: string, booting: boolean): EmulatorCrash | MachineDied {
  const text = `machine ${hostname} ended${booting ? ' while booting' : ''}\n${lastWords(console)}`
  return showsKnownCrash(console) || (booting && diedEarly(console)) ? new EmulatorCrash(text) : new MachineDied(text)
}

/** A kernel that dies before its first process ran; if that process is what failed, the fault is ours. */
function diedEarly(console: string): boolean {
  return KERNEL_DEATH.test(console) && !/Attempted to kill init|No working init/.test(console)
}

/** From the first sign of death on, since the lines that say what happened stand there; else the last ones. */
export function lastWords(console: string): string {
  const lines = console.trimEnd().split('\n')
  const first = lines.findIndex((line) => KERNEL_DEATH.test(line))
  return (first < 0 ? lines.slice(-LINES_MAX) : lines.slice(first, first + LINES_MAX)).join('\n')
}
