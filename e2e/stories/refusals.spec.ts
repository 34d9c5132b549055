// Goal: a program that cannot start says why in one sentence and ends with 1. Method: the built program, each cause real.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from '@playwright/test'
import { freePort } from '@rebootless/server/process/free-port.ts'
import { databaseHome, type Ended, runBuilt, startProgram } from '../program.ts'

/** One line for a person, with no stack; what the log says before, as JSON, is for machines. */
const expectRefusal = ({ code, output }: Ended, sentence: RegExp): void => {
  expect(code, output).toBe(1)
  const lines = output.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  expect(lines, output).toHaveLength(1)
  expect(lines[0]).toMatch(/^Rebootless cannot start: /)
  expect(lines[0]).toMatch(sentence)
}

const held = async (): Promise<{ server: Server; port: number }> => {
  const port = await freePort()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { server, port }
}

let data: string
test.beforeEach(async () => {
  data = await mkdtemp(path.join(tmpdir(), 'rebootless-refused-'))
})
test.afterEach(() => rm(data, { recursive: true, force: true }))

/** Settings that would do. A database that nobody needs to start makes these quick. */
const settings = async (change: Record<string, string>) => ({
  REBOOTLESS_DATA: data,
  PORT: `${await freePort()}`,
  AGENT_PORT: `${await freePort()}`,
  REBOOTLESS_RECORDED_HOSTS: '0',
  REBOOTLESS_SIMULATED_HOSTS: '0',
  ...change,
})

test('T01 an address that others reach needs TLS', async () => {
  expectRefusal(
    await runBuilt('server.mjs', [], await settings({ HOST: '0.0.0.0' })),
    /HOST=0\.0\.0\.0 would send sign-ins over the network in the clear\. Set TLS_CERTIFICATE and TLS_KEY/,
  )
})

test('a wrong setting is named with what may stand there', async () => {
  for (const [change, sentence] of [
    [{ PORT: 'eighty' }, /PORT/],
    [{ REBOOTLESS_RECORDED_HOSTS: '-1' }, /REBOOTLESS_RECORDED_HOSTS must be a whole number from 0 to 96/],
    [{ REBOOTLESS_SIMULATED_HOSTS: 'many' }, /REBOOTLESS_SIMULATED_HOSTS must be a whole number from 0 to 20000/],
    [{ REBOOTLESS_SIMULATED_INCIDENTS: 'no' }, /REBOOTLESS_SIMULATED_INCIDENTS must be on or off/],
    [{ REBOOTLESS_SIMULATION_SEED: '1.5' }, /REBOOTLESS_SIMULATION_SEED must be a whole number from 0 to 2147483647/],
    [{ DATABASE_URL: 'mysql://localhost/x' }, /DATABASE_URL/],
    [{ TLS_CERTIFICATE: '/no/cert.pem' }, /TLS_CERTIFICATE and TLS_KEY go together/],
  ] as const) {
    expectRefusal(await runBuilt('server.mjs', [], await settings(change)), sentence)
  }
})

test('a data directory that cannot be one is named', async () => {
  // Not by its mode, since root may write into any folder.
  const file = path.join(data, 'file')
  await writeFile(file, '')
  for (const folder of [file, path.join(file, 'below'), '/sys/rebootless']) {
    const refused = await runBuilt('server.mjs', [], await settings({ REBOOTLESS_DATA: folder }))
    expectRefusal(refused, /REBOOTLESS_DATA/)
    expect(refused.output).toContain(folder)
  }
})

test('taken ports, a second program, lost files and foreign databases are refused, and nothing is harmed', async () => {
  const first = await startProgram({ REBOOTLESS_RECORDED_HOSTS: '0', REBOOTLESS_ADMIN_PASSWORD: 'x'.repeat(20) })
  try {
    const second = await settings({ REBOOTLESS_DATA: first.dataDirectory })
    expectRefusal(await runBuilt('server.mjs', [], second), /Another Rebootless uses this data directory, pid \d+/)
    expect((await fetch(`${first.address}/readyz`)).status).toBe(200)
    await first.stop()

    for (const name of ['PORT', 'AGENT_PORT'] as const) {
      const { server, port } = await held()
      const taken = { ...second, [name]: `${port}` }
      const sentence = new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is taken: .*set ${name} to another`)
      expectRefusal(await runBuilt('server.mjs', [], taken), sentence)
      await new Promise((resolve) => server.close(resolve))
    }
    const keys = { TLS_CERTIFICATE: path.join(data, 'no.pem'), TLS_KEY: path.join(data, 'no.pem') }
    expectRefusal(await runBuilt('server.mjs', [], { ...second, ...keys }), /TLS_CERTIFICATE and TLS_KEY can't be used/)

    const version = path.join(await databaseHome(first.dataDirectory), 'cluster', 'PG_VERSION')
    const right = await readFile(version, 'utf8')
    await writeFile(version, '14\n')
    expectRefusal(await runBuilt('server.mjs', [], second), /was made by PostgreSQL 14; this Rebootless brings \d\d/)
    await writeFile(version, right)
    // What was refused left nothing in the way.
    const again = await first.restart()
    await again.stop()
  } finally {
    await first.remove()
  }
})
