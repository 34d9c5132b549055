import { AGENT_ITSELF, isUpdatable, type UpdatableProvider } from '@rebootless/shared/domain/updatable-providers.ts'
import { refused } from '../commands/signatures.ts'
import type { Plan } from '../commands/verify-command.ts'
import { livepatchPackage } from './livepatch-package.ts'
import { type ActJournal, type ActPorts, done, failed, type Outcome, refusedAct } from './ports.ts'
import { runTool, toolOutcome } from './run-tool.ts'
import { updateAgent } from './update-agent.ts'
import { updatePackage } from './update-package.ts'

/** All but kpatch fetch them first; `kpatch load --all` loads what packages have put on the disk. */
const TOOLS: Readonly<Record<Exclude<UpdatableProvider, 'klp'>, readonly [program: string, ...args: string[]]>> = {
  ksplice: ['/usr/sbin/uptrack-upgrade', '-y'],
  kernelcare: ['/usr/bin/kcarectl', '--update'],
  canonical: ['/snap/bin/canonical-livepatch', 'refresh'],
  kpatch: ['/usr/sbin/kpatch', 'load', '--all'],
}

export const update = async (
  plan: Pick<Plan, 'command' | 'authorisation' | 'packageUpdates' | 'makersKey'>,
  ports: ActPorts,
  journal: ActJournal,
): Promise<Outcome> => {
  const { authorisation, packageUpdates } = plan
  const provider = authorisation.provider ?? ''
  if (provider === AGENT_ITSELF) return updateAgent(plan, ports, journal)
  if (!isUpdatable(provider)) {
    return refusedAct(
      refused('update_unsupported', `There is no documented command to update ${provider.slice(0, 32)}.`),
    )
  }
  let installed: string | null = null
  try {
    if (provider === 'klp' || (provider === 'kpatch' && packageUpdates)) {
      if (!packageUpdates) return refusedAct(refused('action_barred', 'agent.json does not say packageUpdates.'))
      // The command was checked to be for the release that runs.
      const name = livepatchPackage(provider, authorisation.kernel?.release ?? '')
      const outcome = name === null ? 'nothing' : await updatePackage(provider, name, ports, journal)
      if (provider === 'klp') {
        if (name === null) return refusedAct(refused('update_unsupported', 'No package is made for this kernel.'))
        return outcome === 'nothing' ? done(`zypper has nothing newer than the ${name} that is installed.`) : outcome
      }
      if (outcome !== 'nothing' && outcome.state !== 'done') return outcome
      if (outcome !== 'nothing') installed = name
    }
    const [program, ...args] = TOOLS[provider]
    const stopped = await journal.effect({ step: 'tool', aim: null })
    if (stopped !== null) {
      return installed === null
        ? refusedAct(stopped)
        : failed('stopped', `${installed} is installed, and kpatch was not run: ${stopped.detail}`)
    }
    return toolOutcome(await runTool(ports, program, args))
  } finally {
    ports.refresh()
  }
}
