/**
 * `npm run bench -- http`: answers of the built program over 10,000 hosts that stand still, beside an otherwise empty node:http that
 * serves the same bytes, by turns: the time of each answer over ten connections, and answers a second. Numbers behind choose others:
 * hosts, rounds. Nothing is compressed on either side.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import autocannon from 'autocannon'
import { createSessions } from '../bff/access/sessions.ts'
import { type BenchDatabase, openBenchDatabase } from './bench-database.ts'
import { makeFleetRows } from './fleet-rows.ts'
import { startProgramUnderTest } from './program-under-test.ts'
import { startReport } from './report/bench-report.ts'

const [hosts = 10_000, rounds = 3] = process.argv.slice(2).map(Number)
const PATHS = { 'GET /api/v1/fleet/summary': '/api/v1/fleet/summary', 'GET /api/v1/hosts': '/api/v1/hosts' }
const CONNECTIONS = 10
const ANSWERS = 2_000
const WARM_ANSWERS = 200
/** One session may ask 600 times at once (http/request-rate.ts), so many share the work. */
const SESSIONS = Math.ceil((rounds * Object.keys(PATHS).length * (ANSWERS + WARM_ANSWERS)) / 500)

/** Serves what it is given, whatever it is asked. */
const BARE = `const parts = []
process.stdin.on('data', (part) => parts.push(part)).on('end', () => {
  const body = Buffer.concat(parts)
  require('http').createServer((request, response) => {
    response.setHeader('Content-Type', 'application/json; charset=utf-8')
    response.end(body)
  }).listen(0, '127.0.0.1', function () { process.stdout.write(this.address().port + '\\n') })
})`
const startBare = async (body: string) => {
  const child = spawn(process.execPath, ['-e', BARE], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(body)
  const [line] = await once(child.stdout, 'data')
  return { address: `http://127.0.0.1:${Number(String(line))}`, stop: () => void child.kill() }
}

const openSessions = async ({ kysely }: BenchDatabase): Promise<string[]> => {
  const sessions = createSessions(kysely, { now: () => new Date() })
  const { id: userId } = await kysely.selectFrom('users').select('id').executeTakeFirstOrThrow()
  const started = Array.from({ length: SESSIONS }, () =>
    sessions.start(kysely, { userId, way: 'password', address: null, userAgent: null }),
  )
  return (await Promise.all(started)).map(({ token }) => `rebootless=${token}`)
}

interface Load {
  readonly takenMs: readonly number[]
  readonly perSecond: number
}
let asked = 0
const load = async (url: string, amount: number, cookies: readonly string[]): Promise<Load> => {
  const takenMs: number[] = []
  const startedAt = performance.now()
  await new Promise<void>((resolve, reject) => {
    const instance = autocannon(
      {
        ...{ url, amount, connections: CONNECTIONS },
        requests: [
          {
            setupRequest: (request) => {
              asked += 1
              const cookie = cookies[asked % cookies.length] ?? ''
              return { ...request, headers: { ...request.headers, cookie } }
            },
          },
        ],
      },
      (error, result) => {
        if (error !== null && error !== undefined) reject(error)
        else if (result.non2xx + result.errors > 0)
          reject(new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`))
        else resolve()
      },
    )
    instance.on('response', (_client, _status, _bytes, ms) => takenMs.push(ms))
  })
  return { takenMs, perSecond: (takenMs.length * 1000) / (performance.now() - startedAt) }
}

const measure = async (address: string, cookies: readonly string[], what: string, path: string): Promise<void> => {
  const body = await (await fetch(`${address}${path}`, { headers: { cookie: cookies[0] ?? '' } })).text()
  const bare = await startBare(body)
  try {
    const [ours, theirs]: [Load[], Load[]] = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      for (const [to, loads] of [[`${address}${path}`, ours] as const, [bare.address, theirs] as const]) {
        await load(to, WARM_ANSWERS, cookies)
        loads.push(await load(to, ANSWERS, cookies))
      }
    }
    const row = (figure: string, unit: string, values: (loads: readonly Load[]) => number[]) =>
      report.row({
        ...{ what: `${what}: ${figure}`, unit, values: values(ours) },
        beside: { name: 'bare node:http', values: values(theirs) },
      })
    row(`an answer of ${Math.round(body.length / 1000)} kB`, 'ms', (loads) => loads.flatMap(({ takenMs }) => takenMs))
    row('answers a second', '', (loads) => loads.map(({ perSecond }) => perSecond))
  } finally {
    bare.stop()
  }
}

const report = startReport('http')
const program = await startProgramUnderTest(0)
try {
  const database = await openBenchDatabase(program)
  try {
    report.version('PostgreSQL', database.version)
    report.note(`${hosts.toLocaleString('en')} hosts, ${CONNECTIONS} connections.`)
    await makeFleetRows(database.kysely, hosts, [])
    const cookies = await openSessions(database)
    for (const [what, path] of Object.entries(PATHS)) await measure(program.address, cookies, what, path)
  } finally {
    await database.close()
  }
} finally {
  await program.stop()
}
process.exit((await report.end()) ? 0 : 1)
