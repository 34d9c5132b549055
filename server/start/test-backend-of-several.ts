import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { request } from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PoolConfig } from 'pg'
import { ADMIN_PASSWORD } from '../bff/test-backend.ts'
import { buildServer } from '../build/build-server.ts'
import { freePort } from '../process/free-port.ts'

/** From here packages are found. */
const BUILT = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url))
const START_MS_MAX = 60_000

/** The program of one backend in one file, which starts at once. @returns the folder that it is in */
export const buildBackendProcess = async (): Promise<string> => {
  await mkdir(BUILT, { recursive: true })
  const folder = await mkdtemp(path.join(BUILT, 'backend-process-'))
  await buildServer('test-backend-process', path.join(folder, 'backend.mjs'))
  await buildServer('../bff/patches/module/upload-worker', path.join(folder, 'upload-worker.mjs'))
  await buildServer('../bff/ingest/ingest-worker', path.join(folder, 'ingest-worker.mjs'))
  return folder
}

/** A backend in a process of its own, at the same addresses whenever it runs. */
export class BackendProcess {
  readonly port: number
  readonly agentPort: number
  readonly #environment: NodeJS.ProcessEnv
  readonly #program: string
  #child: ChildProcess | undefined
  #isReady = false

  private constructor(program: string, ports: readonly [number, number], environment: NodeJS.ProcessEnv) {
    this.#program = program
    ;[this.port, this.agentPort] = ports
    this.#environment = { ...environment, HTTP: `${this.port}`, AGENTS: `${this.agentPort}` }
  }

  static async on(program: string, connection: PoolConfig, folder: string): Promise<BackendProcess> {
    const environment = { ...process.env, CONNECTION: JSON.stringify(connection), DATA: folder }
    return new BackendProcess(program, [await freePort(), await freePort()], environment)
  }

  get server(): string {
    return `https://127.0.0.1:${this.agentPort}`
  }
  get isRunning(): boolean {
    return this.#isReady
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [path.join(this.#program, 'backend.mjs')], {
      env: this.#environment,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child = child
    let complaint = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint += text
    })
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('a backend did not start in time')), START_MS_MAX)
      child.once('message', () => resolve())
      child.once('exit', () => reject(new Error(`a backend ended: ${complaint.slice(-2_000)}`)))
      child.once('message', () => clearTimeout(late))
      child.once('exit', () => clearTimeout(late))
    })
    this.#isReady = true
  }

  /** SIGKILL, whatever it is at. */
  async kill(): Promise<void> {
    this.#isReady = false
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    if (child.kill('SIGKILL')) await ended
  }

  /** Rejects when it is killed meanwhile: then nobody knows whether it was done. */
  call(method: string, target: string, { cookie = '', body }: { cookie?: string; body?: unknown } = {}) {
    return new Promise<{ status: number; cookie: string; text: string }>((resolve, reject) => {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body))
      const headers = {
        ...{ cookie, origin: `http://127.0.0.1:${this.port}`, 'content-length': bytes.length },
        'content-type': Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json',
      }
      const call = request({ host: '127.0.0.1', port: this.port, method, path: target, headers, agent: false })
      call.on('error', reject)
      call.on('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('error', reject)
        response.on('end', () => {
          const set = response.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
          resolve({ status: response.statusCode ?? 0, cookie: set, text })
        })
      })
      call.end(bytes)
    })
  }

  async signIn(): Promise<string> {
    const body = { username: 'admin', password: ADMIN_PASSWORD }
    const answer = await this.call('POST', '/api/v1/session', { body })
    if (answer.cookie === '') throw new Error(answer.text)
    return answer.cookie
  }
}
