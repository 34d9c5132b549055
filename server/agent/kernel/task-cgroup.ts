import { cut } from './reading.ts'

export interface TaskCgroup {
  cgroup: string | null
  /** The innermost systemd unit: systemd.unit(5). */
  unit: string | null
  container: string | null
}

/**
 * /proc/PID/task/TID/cgroup: cgroups(7). Version 2 has one line `0::PATH`; with version 1, systemd's own hierarchy or
 * else the first that is not the root is taken.
 */
export const parseTaskCgroup = (text: string): TaskCgroup => {
  const lines = text.split('\n').flatMap((line) => {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line)
    return match?.[3] === undefined ? [] : [{ controllers: match[2] ?? '', path: match[3] }]
  })
  const chosen =
    lines.find(({ controllers, path }) => controllers === 'name=systemd' && path !== '/') ??
    lines.find(({ controllers, path }) => controllers === '' && path !== '/') ??
    lines.find(({ path }) => path !== '/') ??
    lines[0]
  if (chosen === undefined) return { cgroup: null, unit: null, container: null }
  const parts = chosen.path.split('/')
  const unit = parts.findLast((part) => /\.(service|scope|slice|mount|socket|swap|timer)$/.test(part))
  const named = unit === undefined || /\.slice$/.test(unit) ? null : unescapeUnit(unit)
  return {
    cgroup: cut(chosen.path, 1024),
    unit: named === null ? null : cut(named, 256),
    container: containerOf(parts),
  }
}

/** Docker, Podman, containerd and CRI-O name a container's group by its 64 hex digits, with a prefix of their own. */
const containerOf = (parts: readonly string[]): string | null => {
  for (const part of parts.toReversed()) {
    const id = /(?:^|[-_:])([0-9a-f]{64})(?:\.scope)?$/.exec(part)?.[1]
    if (id !== undefined) return id
  }
  return null
}

/** systemd-escape(1): `\x2d` for `-`. */
const unescapeUnit = (name: string): string =>
  name.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
