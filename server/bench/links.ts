/**
 * `npm run bench -- links`: what linked agents cost, beside bare `ws` over the same mutual TLS that welcomes them and keeps nothing: until
 * all are linked, processor while they only say that they live, and memory. By turns. Numbers behind choose others: agents, rounds.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { AgentIdentity } from '../agent/link/identity.ts'
import { openCertificateAuthorities } from '../bff/link/certificate-authorities.ts'
import { startBareFleet } from './bare-fleet.ts'
import { makeBareHosts } from './bare-hosts.ts'
import type { BareLinkCredentials } from './bare-link-server.ts'
import { memoryOf } from './memory.ts'
import { processTree } from './process-tree.ts'
import { type ProgramUnderTest, startProgramUnderTest } from './program-under-test.ts'
import { startReport } from './report/bench-report.ts'

const [agentCount = 2_000, rounds = 3] = process.argv.slice(2).map(Number)
const LOOK_EVERY_MS = 100
const SETTLE_MS = 15_000
const REST_MS = 30_000

const startBareServer = async (program: ProgramUnderTest) => {
  const authority = (await openCertificateAuthorities(program.dataDirectory, new Date())).shown()
  const { privateKeyPem: key, certificatePem: cert } = await authority.issueServerCertificate(new Date())
  const file = path.join(path.dirname(fileURLToPath(import.meta.url)), 'bare-link-server.ts')
  const child = fork(file, { execArgv: ['--import', 'tsx'] })
  const credentials: BareLinkCredentials = { key, cert, ca: [authority.certificatePem] }
  child.send(credentials)
  const [port] = await once(child, 'message')
  return { pid: child.pid ?? 0, address: `https://127.0.0.1:${port}`, stop: () => child.disconnect() }
}

const cpuMsOf = async (pid: number): Promise<number> =>
  (await processTree(pid)).reduce((sum, { cpuMs }) => sum + cpuMs, 0)

interface Cost {
  readonly linkedS: number[]
  readonly linkingMs: number[]
  readonly restPercent: number[]
  readonly perLinkKb: number[]
}

/** Memory is held against what it was before the first link: what one round has taken the next takes again. */
const costOf = async (pid: number) => ({
  ...{ pid, memoryBefore: await memoryOf(pid) },
  cost: { linkedS: [], linkingMs: [], restPercent: [], perLinkKb: [] } satisfies Cost as Cost,
})
type Side = Awaited<ReturnType<typeof costOf>>

const linkAll = async (side: Side, identities: readonly AgentIdentity[]): Promise<void> => {
  const { pid, memoryBefore, cost } = side
  const folder = await mkdtemp(path.join(tmpdir(), 'rebootless-links-'))
  const [cpuBefore, startedAt] = [await cpuMsOf(pid), performance.now()]
  const agents = await startBareFleet(folder, identities)
  try {
    while ((await agents.tally()).linked < identities.length) await sleep(LOOK_EVERY_MS)
    cost.linkedS.push((performance.now() - startedAt) / 1000)
    cost.linkingMs.push(((await cpuMsOf(pid)) - cpuBefore) / identities.length)
    await sleep(SETTLE_MS)
    const [restBefore, restFrom] = [await cpuMsOf(pid), performance.now()]
    await sleep(REST_MS)
    cost.restPercent.push((((await cpuMsOf(pid)) - restBefore) / (performance.now() - restFrom)) * 100)
    cost.perLinkKb.push(((await memoryOf(pid)) - memoryBefore) / identities.length / 1000)
  } finally {
    agents.kill()
    await rm(folder, { recursive: true })
  }
  await sleep(SETTLE_MS)
}

const report = startReport('links')
const program = await startProgramUnderTest(0)
const bare = await startBareServer(program)
try {
  const identities = await makeBareHosts(program, agentCount)
  const elsewhere = identities.map((identity) => ({ ...identity, server: bare.address }))
  await sleep(SETTLE_MS)
  const [ours, beside] = [await costOf(program.pid), await costOf(bare.pid)]
  for (let round = 0; round < rounds; round += 1) {
    await linkAll(ours, identities)
    await linkAll(beside, elsewhere)
  }
  const row = (what: string, unit: string, of: keyof Cost) =>
    report.row({ what, unit, values: ours.cost[of], beside: { name: 'bare ws', values: beside.cost[of] } })
  report.note(`${agentCount} agents, ${rounds} rounds. Ours with its database.`)
  row('until all are linked', 's', 'linkedS')
  row('processor for each that links', 'ms', 'linkingMs')
  row('processor at rest, of one core', '%', 'restPercent')
  row('memory of a link', 'kB', 'perLinkKb')
  if (!(await report.end())) process.exitCode = 1
} finally {
  bare.stop()
  await program.stop()
}
