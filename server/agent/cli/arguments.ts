import { parseArgs } from 'node:util'
import { DEFAULT_CONFIG_PATH, DEFAULT_DATA_DIRECTORY } from '../config/host-policy.ts'

export const EXIT = { done: 0, failed: 1, usage: 2, notEnrolled: 3, alreadyRunning: 4, refused: 5, again: 75 } as const

export const HELP = `rebootless-agent: tells a Rebootless server about the live patches of this kernel

  rebootless-agent enrol --server URL --token T   make this host known to a server, once; --token - reads it from stdin
  rebootless-agent enrol --server URL --ca-fingerprint F
                                                  without a token: ask to be let in, and wait until an administrator has
                                                  compared the key's fingerprint; F says which server may be trusted
  rebootless-agent run                            watch the kernel and keep the server told, until SIGTERM
  rebootless-agent status                         who this host is, and when the server was last heard
  rebootless-agent stop                           no change to this host any more, whatever the server says
  rebootless-agent resume                         changes may go on
  rebootless-agent inspect [--json]               read this kernel once and print it; needs no server
  rebootless-agent self-test                      whether this agent could run here, on what is there already

  --config FILE   what may be done to this host   (${DEFAULT_CONFIG_PATH})
  --data FOLDER   identity and memory             (${DEFAULT_DATA_DIRECTORY})
  --name NAME     enrol: name this host otherwise than its own host name
  --force         enrol: although it is enrolled already; it becomes a new host
  --trial-seconds run: so long a new agent has to prove itself before it takes this one's place (300)
  --version       --help

Exit status: 0 done, 1 failed, 2 wrong usage, 3 not enrolled, 4 already running, 5 refused by the server,
75 to be started anew, as another version.
`

export interface Arguments {
  readonly command: 'enrol' | 'run' | 'status' | 'stop' | 'resume' | 'inspect' | 'self-test' | 'help' | 'version'
  readonly config: string
  readonly data: string
  readonly server: string | undefined
  readonly token: string | undefined
  readonly caFingerprint: string | undefined
  readonly name: string | undefined
  readonly json: boolean
  readonly force: boolean
  /** By the agent whose place it is to take. */
  readonly trial: boolean
  readonly trialMs: number
}

const COMMANDS = ['enrol', 'run', 'status', 'stop', 'resume', 'inspect', 'self-test'] as const
const isCommand = (text: string | undefined): text is (typeof COMMANDS)[number] =>
  COMMANDS.some((name) => name === text)

/** What each command takes beside --config and --data. */
const OPTIONS_OF: Record<(typeof COMMANDS)[number], readonly string[]> = {
  enrol: ['server', 'token', 'ca-fingerprint', 'name', 'force'],
  run: ['trial', 'trial-seconds'],
  status: [],
  stop: [],
  resume: [],
  inspect: ['json'],
  'self-test': [],
}

/** A text instead of arguments says what is wrong with them. */
export const parseArguments = (words: readonly string[]): Arguments | { wrong: string } => {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(words)
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) }
  }
  const { values, positionals } = parsed
  const [name, ...rest] = positionals
  const common = {
    config: values.config ?? DEFAULT_CONFIG_PATH,
    data: values.data ?? DEFAULT_DATA_DIRECTORY,
    server: values.server,
    token: values.token,
    caFingerprint: values['ca-fingerprint'],
    name: values.name,
    json: values.json === true,
    force: values.force === true,
    trial: values.trial === true,
    trialMs: Number(values['trial-seconds'] ?? 300) * 1000,
  }
  if (values.help) return { command: 'help', ...common }
  if (values.version) return { command: 'version', ...common }
  if (name === undefined) return { wrong: `A command is missing: one of ${COMMANDS.join(', ')}.` }
  if (!isCommand(name)) return { wrong: `"${name}" is no command: use one of ${COMMANDS.join(', ')}.` }
  if (rest.length > 0) return { wrong: `"${rest[0]}" is one word too many.` }
  const allowed = [...OPTIONS_OF[name], 'config', 'data']
  const foreign = Object.keys(values).find((option) => !allowed.includes(option))
  if (foreign !== undefined) return { wrong: `--${foreign} means nothing to "${name}".` }
  if (!(common.trialMs > 0 && common.trialMs <= 3_600_000)) return { wrong: '--trial-seconds is a number up to 3600.' }
  if (name === 'enrol') {
    const ways = [values.token, values['ca-fingerprint']].filter((way) => way !== undefined).length
    if (values.server === undefined || ways !== 1) {
      return { wrong: 'enrol needs --server URL and --token T, or --ca-fingerprint F in its place.' }
    }
  }
  return { command: name, ...common }
}

const parse = (words: readonly string[]) =>
  parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      data: { type: 'string' },
      server: { type: 'string' },
      token: { type: 'string' },
      'ca-fingerprint': { type: 'string' },
      name: { type: 'string' },
      json: { type: 'boolean' },
      force: { type: 'boolean' },
      trial: { type: 'boolean' },
      'trial-seconds': { type: 'string' },
      version: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
