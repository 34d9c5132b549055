import { writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@rebootless/server/process/free-port.ts'
import { debianRoot } from './debian-root.ts'

/** What Alertmanager told its receiver of one alert ("Alertmanager", webhook_config). */
export interface Told {
  readonly status: 'firing' | 'resolved'
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly generatorURL: string
}

interface Notification {
  readonly alerts: readonly (Omit<Told, 'id'> & { readonly labels: Record<string, string> })[]
}

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const bodyOf = async (incoming: AsyncIterable<Buffer>): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part)
  return Buffer.concat(parts)
}

/** Groups by alert, tells at once, and forgets after seconds what is sent without an end. */
const configuration = (receiver: string) => `
global: { resolve_timeout: 5s }
route: { receiver: kept, group_by: [rebootless_alert], group_wait: 0s, group_interval: 1s, repeat_interval: 24h }
receivers: [{ name: kept, webhook_configs: [{ url: '${receiver}', send_resolved: true }] }]
`

/** A real Alertmanager on loopback, and a receiver that keeps all that it tells. */
export const startAlertmanager = async () => {
  const told: Told[] = []
  const receiver = createServer((incoming, response) => {
    void bodyOf(incoming).then((body) => {
      const { alerts } = JSON.parse(body.toString('utf8')) as Notification
      told.push(...alerts.map((alert) => ({ ...alert, id: alert.labels.rebootless_alert ?? '' })))
      response.end()
    })
  })
  const root = await debianRoot('prometheus-alertmanager')
  const folder = await root.newFolder()
  await writeFile(path.join(folder.outside, 'alertmanager.yml'), configuration(await listen(receiver)))
  const address = `127.0.0.1:${await freePort()}`
  const start = async () => {
    const child = root.start([
      '/usr/bin/prometheus-alertmanager',
      `--config.file=${folder.inside}/alertmanager.yml`,
      `--storage.path=${folder.inside}/data`,
      `--web.listen-address=${address}`,
      // Alone: no other is looked for.
      '--cluster.listen-address=',
    ])
    for (let tries = 0; ; tries += 1) {
      const ready = await fetch(`http://${address}/-/ready`).catch(() => undefined)
      if (ready?.ok === true) return child
      if (tries > 100) throw new Error('Alertmanager did not start')
      await sleep(100)
    }
  }
  let child = await start()
  const end = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
  return {
    address: `http://${address}`,
    told,
    /** How often each alert was told to be so. */
    counts: (status: Told['status']): ReadonlyMap<string, number> => {
      const counts = new Map<string, number>()
      for (const one of told) if (one.status === status) counts.set(one.id, (counts.get(one.id) ?? 0) + 1)
      return counts
    },
    async restart() {
      await end()
      child = await start()
    },
    async stop() {
      await end()
      receiver.closeAllConnections()
      receiver.close()
      await folder.remove()
    },
  }
}
export type Alertmanager = Awaited<ReturnType<typeof startAlertmanager>>

/** Stands before a server and passes everything on, slowly; so many answers are lost after they were passed on. */
export const startSlowWay = async (to: string, delayMs: number) => {
  const state = { passed: 0, loseAnswers: 0 }
  const server = createServer((incoming, response) => {
    void bodyOf(incoming).then(async (body) => {
      await sleep(delayMs)
      const { method = 'GET', url = '/', headers } = incoming
      const passed = request(`${to}${url}`, { method, headers }, (answer) => {
        state.passed += 1
        state.loseAnswers -= 1
        if (state.loseAnswers >= 0) response.destroy()
        else answer.pipe(response.writeHead(answer.statusCode ?? 502))
      })
      passed.once('error', () => response.destroy())
      passed.end(body)
    })
  })
  return {
    address: await listen(server),
    passed: () => state.passed,
    loseAnswers: (count: number) => {
      state.loseAnswers = count
    },
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
