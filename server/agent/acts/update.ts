import { isUpdatable, type UpdatableProvider } from '@rebootless/shared/domain/updatable-providers.ts'
import { refused } from '../commands/signatures.ts'
import { type ActJournal, type ActPorts, done, failed, failedBy, type Outcome, refusedAct } from './ports.ts'

/** All but kpatch fetch them first; `kpatch load --all` loads what packages have put on the disk. */
const TOOLS: Readonly<Record<UpdatableProvider, readonly [program: string, ...args: string[]]>> = {
  ksplice: ['/usr/sbin/uptrack-upgrade', '-y'],
  kernelcare: ['/usr/bin/kcarectl', '--update'],
  canonical: ['/snap/bin/canonical-livepatch', 'refresh'],
  kpatch: ['/usr/sbin/kpatch', 'load', '--all'],
}
/** They fetch over the network, and wait for stalled transitions: kpatch for a minute and more for each patch. */
const TIME_MS = 15 * 60_000

export const update = async (provider: string, ports: ActPorts, journal: ActJournal): Promise<Outcome> => {
  if (!isUpdatable(provider)) {
    return refusedAct(
      refused('update_unsupported', `There is no documented command to update ${provider.slice(0, 32)}.`),
    )
  }
  const [program, ...args] = TOOLS[provider]
  const stopped = await journal.effect({ step: 'tool', aim: null })
  if (stopped !== null) return refusedAct(stopped)
  const result = await ports.programs.run(program, args, { timeMs: TIME_MS, bytesMax: 64 * 1024 })
  ports.refresh()
  // Several of them print their errors on standard output.
  const printed = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-8).join(' / ').slice(0, 700)
  if (result.ok) {
    if (result.exitCode === 0) return done(`${program} ${args.join(' ')}: ${printed || 'it printed nothing.'}`)
    return failed('tool_failed', `${program} exited with ${result.exitCode ?? 'a signal'}: ${printed}`)
  }
  return result.errno === 'ENOENT' || result.errno === 'EPERM'
    ? refusedAct(refused('tool_missing', result.detail.slice(0, 500)))
    : failedBy(result.errno, `${result.detail} ${printed}`.slice(0, 900))
}
