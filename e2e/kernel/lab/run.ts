import { execFile } from 'node:child_process'

/** Runs a tool of the host to its end and answers what it printed; a failure says which tool and its last words. */
export function run(command: string, args: string[], cwd?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
    execFile(command, args, { cwd, env: environment, maxBuffer: 64 * 1024 * 1024 }, (cause, stdout, stderr) => {
      if (cause === null) return resolve(stdout)
      const lastWords = `${stdout}\n${stderr}`.trim().split('\n').slice(-20).join('\n')
      reject(new Error(`${command} ${args.slice(0, 4).join(' ')} failed:\n${lastWords}`, { cause }))
    })
  })
}
