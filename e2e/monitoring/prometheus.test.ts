// Goal: what ships for Prometheus and Grafana works in a real one: the rules are taken, what they say is so, and each panel of the
// dashboard gets an answer. Method: the whole program with simulated hosts, Debian's Prometheus, and its promtool.
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@rebootless/server/process/free-port.ts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Program, startProgram } from '../program.ts'
import { type DebianRoot, debianRoot } from './debian-root.ts'

const shipped = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs/monitoring')
const HOSTS = 20
const PATIENCE = { timeout: 120_000, interval: 500 }

let root: DebianRoot
let folder: Awaited<ReturnType<DebianRoot['newFolder']>>
let prometheus: ReturnType<DebianRoot['start']>
let program: Program
let address: string

const configuration = (target: string) => `
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs: [{ job_name: rebootless, static_configs: [{ targets: ['${target}'] }] }]
`

beforeAll(async () => {
  root = await debianRoot('prometheus')
  folder = await root.newFolder()
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: 'correct horse battery staple', REBOOTLESS_RECORDED_HOSTS: '0' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATED_INCIDENTS: 'off' },
  })
  await copyFile(path.join(shipped, 'prometheus-rules.yml'), path.join(folder.outside, 'rules.yml'))
  await writeFile(path.join(folder.outside, 'prometheus.yml'), configuration(new URL(program.address).host))
  const listens = `127.0.0.1:${await freePort()}`
  address = `http://${listens}/api/v1`
  prometheus = root.start([
    '/usr/bin/prometheus',
    `--config.file=${folder.inside}/prometheus.yml`,
    `--storage.tsdb.path=${folder.inside}/data`,
    `--web.listen-address=${listens}`,
  ])
})
afterAll(async () => {
  const ended = new Promise((resolve) => prometheus?.once('exit', resolve))
  if (prometheus?.kill('SIGKILL')) await ended
  await program?.remove()
  await folder?.remove()
})

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}
const query = async (text: string): Promise<Sample[]> => {
  const answer = await fetch(`${address}/query?${new URLSearchParams({ query: text })}`)
  const body = (await answer.json()) as { status: string; error?: string; data: { result: Sample[] } }
  if (body.status !== 'success') throw new Error(`${text}: ${body.error}`)
  return body.data.result
}
const number = async (text: string): Promise<number> => Number((await query(text))[0]?.value[1])

test('promtool finds nothing wrong with the rules', async () => {
  const tool = root.start(['/usr/bin/promtool', 'check', 'rules', `${folder.inside}/rules.yml`])
  expect(await new Promise((resolve) => tool.once('exit', resolve))).toBe(0)
})

test('it counts the hosts as the program does, and no shipped rule is broken', async () => {
  await vi.waitFor(async () => expect(await number('sum(rebootless:hosts)')).toBeGreaterThanOrEqual(HOSTS), PATIENCE)
  expect(await number('sum(rebootless:hosts:share)')).toBeCloseTo(1)
  expect(await number('max(rebootless_fleet_metrics_up)')).toBe(1)
  const { data } = (await (await fetch(`${address}/rules`)).json()) as {
    data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] }
  }
  const rules = data.groups.flatMap((group) => group.rules)
  expect(rules.length).toBeGreaterThan(10)
  expect(rules.filter(({ health, lastError }) => health === 'err' || lastError)).toEqual([])
})

test('each panel of the dashboard is answered, and those of a fleet that is there have something to show', async () => {
  const { panels } = JSON.parse(await readFile(path.join(shipped, 'grafana-dashboard.json'), 'utf8')) as {
    panels: { title: string; targets?: { expr: string }[] }[]
  }
  const asked = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })))
  expect(asked.length).toBeGreaterThan(20)
  const isEmpty = async ({ expr }: { expr: string }) => (await query(expr)).length === 0
  // A kernel of this fleet had no incident, and there is no channel to send anything to.
  const quiet = ['Incidents of kernels a minute', 'Messages to channels']
  await vi.waitFor(async () => {
    await fetch(`${program.address}/api/v1/session`)
    const empty: string[] = []
    for (const panel of asked) if (await isEmpty(panel)) empty.push(panel.title)
    expect(empty.filter((title) => !quiet.includes(title))).toEqual([])
  }, PATIENCE)
})

test('that the program is gone is an alert that fires', async () => {
  await program.kill()
  const states = async () => (await query('ALERTS{alertname="RebootlessDown"}')).map(({ metric }) => metric.alertstate)
  await vi.waitFor(async () => expect(await states()).toEqual(['pending']), PATIENCE)
})
