import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@rebootless/server/process/free-port.ts'
import type { HostState } from '@rebootless/shared/domain/words.ts'
import { debianRoot } from '../monitoring/debian-root.ts'

/** What Prometheus is told of one host: ten series. */
export interface HostSeries {
  readonly name: string
  readonly state: HostState
  /** Greater is more urgent. */
  readonly urgency: number
  readonly kernel: string
  readonly stalledSeconds: number
  readonly tasksTotal: number
  readonly tasksRemaining: number
  readonly rebootNeeded: boolean
  readonly connected: boolean
  readonly exposureClass: string
}
export interface Exposed {
  readonly exposureClass: string
  readonly cve: string
}
export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}
export interface PrometheusOfHosts {
  readonly pid: number
  readonly version: string
  /** Of its own pages. */
  readonly address: string
  /** An instant query through its HTTP API, and the milliseconds until all of the answer was there. */
  query(text: string): Promise<{ ms: number; samples: Sample[] }>
  stop(): Promise<void>
}

/** Hosts that one target tells of: as many small targets as hosts would cost Prometheus more, not less. */
const HOSTS_OF_TARGET = 1_000
/** Prometheus looks back so far for the last sample, and the fleet stands still meanwhile. */
const SCRAPE_S = 60
const SCRAPED_MS_MAX = 15 * 60_000

/** A host's ten lines of the text format (prometheus.io, "Exposition formats"). */
const linesOf = (host: HostSeries): string => {
  const of = `host="${host.name}"`
  return [
    `livepatch_host_state{${of},state="${host.state}"} ${host.urgency}`,
    `livepatch_kernel_info{${of},kernel="${host.kernel}"} 1`,
    `livepatch_class_info{${of},class="${host.exposureClass}"} 1`,
    `livepatch_stalled_seconds{${of}} ${host.stalledSeconds}`,
    `livepatch_tasks_total{${of}} ${host.tasksTotal}`,
    `livepatch_tasks_remaining{${of}} ${host.tasksRemaining}`,
    `livepatch_in_transition{${of}} ${Number(host.tasksTotal > 0)}`,
    `livepatch_reboot_needed{${of}} ${Number(host.rebootNeeded)}`,
    `livepatch_connected{${of}} ${Number(host.connected)}`,
    `livepatch_taints{${of}} 0`,
    '',
  ].join('\n')
}

/** Debian's Prometheus that has scraped these hosts, and of each class of exposure to which CVEs it is exposed. */
export const startPrometheusOfHosts = async (
  hosts: readonly HostSeries[],
  exposed: readonly Exposed[],
): Promise<PrometheusOfHosts> => {
  const groups = Math.ceil(hosts.length / HOSTS_OF_TARGET)
  const told = createServer((request, response) => {
    const group = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('group'))
    const text =
      group === groups
        ? exposed.map(({ exposureClass, cve }) => `livepatch_class_exposed{class="${exposureClass}",cve="${cve}"} 1\n`)
        : hosts.slice(group * HOSTS_OF_TARGET, (group + 1) * HOSTS_OF_TARGET).map(linesOf)
    response.setHeader('Content-Type', 'text/plain; version=0.0.4')
    response.end(text.join(''))
  })
  told.listen(0, '127.0.0.1')
  await once(told, 'listening')
  const { port } = told.address() as AddressInfo

  const root = await debianRoot('prometheus')
  const folder = await root.newFolder()
  const targets = Array.from(
    { length: groups + 1 },
    (_, group) => `{ targets: ['127.0.0.1:${port}'], labels: { __param_group: '${group}', group: '${group}' } }`,
  )
  await writeFile(
    path.join(folder.outside, 'prometheus.yml'),
    `global: { scrape_interval: ${SCRAPE_S}s, scrape_timeout: ${SCRAPE_S}s }\n` +
      `scrape_configs: [{ job_name: hosts, static_configs: [${targets.join(', ')}] }]\n`,
  )
  const listens = `127.0.0.1:${await freePort()}`
  const child = root.start([
    '/usr/bin/prometheus',
    `--config.file=${folder.inside}/prometheus.yml`,
    `--storage.tsdb.path=${folder.inside}/data`,
    `--web.listen-address=${listens}`,
  ])
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
    told.closeAllConnections()
    told.close()
    await folder.remove()
  }
  const ask = async (what: string): Promise<string> => {
    const answer = await fetch(`http://${listens}/api/v1/${what}`)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`Prometheus answered ${answer.status}: ${text.slice(0, 300)}`)
    return text
  }
  const query = async (text: string) => {
    const startedAt = performance.now()
    const body = await ask(`query?${new URLSearchParams({ query: text })}`)
    const ms = performance.now() - startedAt
    const { data } = JSON.parse(body) as { data: { result: Sample[] } }
    return { ms, samples: data.result }
  }
  const scraped = async (metric: string) => {
    const { samples } = await query(`count(${metric})`).catch(() => ({ samples: [] }))
    return Number(samples[0]?.value[1] ?? 0)
  }
  try {
    const deadline = Date.now() + SCRAPED_MS_MAX
    for (const [metric, count] of [
      ['livepatch_taints', hosts.length],
      ['livepatch_class_exposed', exposed.length],
    ] as const) {
      while ((await scraped(metric)) !== count) {
        if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}`)
        if (Date.now() > deadline) throw new Error('Prometheus has not scraped all hosts in time')
        await sleep(1_000)
      }
    }
    const { data } = JSON.parse(await ask('status/buildinfo')) as { data: { version: string } }
    return { pid: child.pid ?? 0, version: data.version, address: `http://${listens}`, query, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
