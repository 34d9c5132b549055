import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface BareLimit {
  readonly pid: number
  /** Milliseconds until an answer of so many bytes, made of nothing, is here. */
  answerMs(bytes: number): Promise<number>
  stop(): void
}

/** An otherwise empty Node process that answers requests: what this machine can do at best while it is as busy as it is. */
const PROGRAM = `require('http').createServer((request, response) => {
  response.end('x'.repeat(Number(request.url.slice(1))))
}).listen(0, '127.0.0.1', function () { process.stdout.write(this.address().port + '\\n') })`

export const startBareLimit = async (): Promise<BareLimit> => {
  const child: ChildProcess = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = child.stdout === null ? [''] : await once(child.stdout, 'data')
  const address = `http://127.0.0.1:${Number(String(line))}`
  return {
    pid: child.pid ?? 0,
    async answerMs(bytes) {
      const startedAt = performance.now()
      await (await fetch(`${address}/${bytes}`)).text()
      return performance.now() - startedAt
    },
    stop: () => void child.kill(),
  }
}
