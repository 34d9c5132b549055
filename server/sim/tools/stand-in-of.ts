import type { FleetKind } from '../fleet/fleet-mix.ts'
import { canonicalTool } from './canonical-tool.ts'
import { distributionOf } from './host-files.ts'
import { kcarectl } from './kcarectl.ts'
import { kpatchCoreTool, kpatchTool } from './kpatch-tool.ts'
import type { StandIn, ToolHost } from './stand-in.ts'
import { suseTool } from './suse-tools.ts'
import { idleUptrack, uptrack } from './uptrack.ts'

const TOOLS: Readonly<Record<FleetKind, StandIn | null>> = {
  livepatch: null,
  klp: suseTool('klp'),
  kpatch: kpatchTool,
  amazon: kpatchTool,
  canonical: canonicalTool,
  kpatch_core: kpatchCoreTool,
  kgraft: suseTool('kgr'),
  ksplice: uptrack,
  kernelcare: kcarectl,
  none: null,
}

/** All that stands in for user space on such a host: its distribution, its live patching tool, and one that was left on. */
export const standInsOf = (host: ToolHost): readonly StandIn[] => {
  const tool = TOOLS[host.plan.kind]
  return [
    distributionOf(host),
    ...(tool === null ? [] : [tool]),
    ...(host.plan.beside === 'ksplice' ? [idleUptrack] : []),
  ]
}
