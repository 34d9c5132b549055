import './small-heap.ts'

import { runCli } from './cli/main.ts'
import { createLinuxKernelFs } from './kernel/linux-kernel-fs.ts'
import { createSystemClock } from './kernel/system-clock.ts'
import { createLinuxPrograms } from './programs/linux-programs.ts'

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
process.once('SIGINT', () => stop.abort())
// Started as somebody's child with a channel, it ends with its parent, whatever ended that one.
if (process.channel !== undefined) process.once('disconnect', () => stop.abort())

process.exitCode = await runCli(process.argv.slice(2), {
  terminal: {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    input: process.stdin,
  },
  fs: createLinuxKernelFs(),
  programs: createLinuxPrograms({ signal: stop.signal }),
  clock: createSystemClock(),
  signal: stop.signal,
  self: {
    program: process.argv[1] ?? '',
    // systemd.exec(5): of each run of a unit. Somebody's child is no unit of its own.
    isService: process.env.INVOCATION_ID !== undefined && process.channel === undefined,
    tell: process.channel === undefined ? undefined : (version) => void process.send?.(version),
  },
})
// An open channel would hold the process.
if (process.connected) process.disconnect()
