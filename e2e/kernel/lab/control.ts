import { createServer, type Server, type Socket } from 'node:net'

/** How a program in the guest ended, and the last megabyte of what it printed. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** What guest/control.mjs understands: its details and its answer. */
export interface Commands {
  exec: [{ argv: string[]; timeoutMs?: number }, Ended]
  spawn: [{ argv: string[]; unit?: string }, number]
  wait: [{ pid: number }, Ended]
  output: [{ pid: number }, { stdout: string; stderr: string }]
  kill: [{ pid: number; signal: NodeJS.Signals }, null]
  read: [{ path: string }, string]
  write: [{ path: string; text?: string; base64?: string }, null]
}

/** The guest refused; `code` is the errno's name where there is one. */
export class GuestError extends Error {
  override readonly name = 'GuestError'
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

interface Message {
  readonly ready?: { release: string }
  readonly id?: number
  readonly answer?: unknown
  readonly error?: { message: string; code?: string }
}

interface Waiting {
  resolve(answer: unknown): void
  reject(cause: Error): void
}

/** The host's end of the control port: listens before QEMU starts, so that the guest never finds nobody there. */
export class ControlChannel {
  readonly ready: Promise<{ release: string }>
  readonly #server: Server
  readonly #waiting = new Map<number, Waiting>()
  #greet: Waiting = { resolve() {}, reject() {} }
  #socket: Socket | undefined
  #lastId = 0
  #closed: Error | undefined

  private constructor(server: Server) {
    this.#server = server
    this.ready = new Promise((resolve, reject) => {
      this.#greet = { resolve: (answer) => resolve(answer as { release: string }), reject }
    })
    this.ready.catch(() => {})
    server.on('connection', (socket) => this.#attach(socket))
  }

  static async listen(socketPath: string): Promise<ControlChannel> {
    const server = createServer()
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(socketPath, resolve))
    return new ControlChannel(server)
  }

  async ask<Name extends keyof Commands>(command: Name, details: Commands[Name][0]): Promise<Commands[Name][1]> {
    if (this.#closed !== undefined) throw this.#closed
    this.#lastId += 1
    const id = this.#lastId
    return await new Promise<Commands[Name][1]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as Commands[Name][1]), reject })
      this.#send({ id, command, ...details })
    })
  }

  powerOff(): void {
    this.#send({ command: 'powerOff' })
  }

  /** Everything still asked fails with this cause. */
  close(cause: Error): void {
    if (this.#closed !== undefined) return
    this.#closed = cause
    this.#greet.reject(cause)
    for (const waiting of this.#waiting.values()) waiting.reject(cause)
    this.#waiting.clear()
    this.#socket?.destroy()
    this.#server.close()
  }

  #send(request: object): void {
    this.#socket?.write(`${JSON.stringify(request)}\n`)
  }

  #attach(socket: Socket): void {
    this.#socket = socket
    let text = ''
    socket.setEncoding('utf8')
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      const lines = (text + chunk).split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) this.#receive(JSON.parse(line))
    })
  }

  #receive({ ready, id, answer, error }: Message): void {
    if (ready !== undefined) this.#greet.resolve(ready)
    const waiting = this.#waiting.get(id ?? 0)
    if (id === undefined || waiting === undefined) return
    this.#waiting.delete(id)
    if (error === undefined) waiting.resolve(answer)
    else waiting.reject(new GuestError(error.message, error.code))
  }
}
