import { printable } from '@rebootless/shared/domain/printable.ts'
import type { HostPolicy } from '../config/host-policy.ts'
import type { AgentIdentity } from '../link/identity.ts'
import type { AgentStatus } from '../link/status-file.ts'

const ago = (instant: string, nowMs: number): string =>
  `${instant} (${Math.max(0, Math.round((nowMs - Date.parse(instant)) / 1000))} s ago)`

/** What `status` prints. `running` says whether the process that wrote the status file still lives. */
export const statusText = (facts: {
  identity: AgentIdentity | undefined
  status: AgentStatus | undefined
  policy: HostPolicy
  running: boolean
  stopped: boolean
  nowMs: number
}): string => {
  const { identity, status, policy, nowMs } = facts
  const lines: string[] = []
  if (identity === undefined) lines.push('Enrolled:    no. Run: rebootless-agent enrol --server URL --token T')
  else {
    const over = Date.parse(identity.expiresAt) <= nowMs ? ' — over: enrol this host again' : ''
    lines.push(`Enrolled:    as host ${identity.hostId} at ${identity.server}`)
    lines.push(`Certificate: until ${identity.expiresAt}${over}`)
  }
  if (!facts.running || status === undefined) lines.push('Agent:       not running')
  else lines.push(`Agent:       ${status.state}, version ${status.agentVersion}, pid ${status.pid}`)
  if (facts.running && status?.reason) lines.push(`Reason:      ${status.reason}`)
  lines.push(`Last heard:  ${status?.lastContactAt ? ago(status.lastContactAt, nowMs) : 'never'}`)
  if (status !== undefined && status.clockSkewMs !== null) {
    lines.push(`Clock:       ${(status.clockSkewMs / 1000).toFixed(1)} s off the server's`)
  }
  lines.push(`Class:       ${policy.hostClass}${policy.reason === null ? '' : ` — ${policy.reason}`}`)
  if (facts.stopped)
    lines.push('Stopped:     all changes, by the file "stop" in the data folder; resume: rebootless-agent resume')
  if (status?.lastCommand) lines.push(`Command:     ${status.lastCommand}`)
  if (status?.snapshotCut) lines.push(`Snapshot:    ${status.snapshotCut}`)
  return `${lines.map(printable).join('\n')}\n`
}
