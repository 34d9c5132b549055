import type { ActName } from './commands/rollout-acts.ts'

/** `rebootless`: the command line for people and scripts. Each command is a file of commands/. */
export type CliCommand = {
  /** One line for the list of commands. */
  readonly about: string
  readonly usage: string
  /** What completion offers behind its name; left out: nothing. */
  readonly words?: readonly string[]
  readonly options?: readonly string[]
  /** @returns the exit status */
  run(args: readonly string[]): Promise<number>
}

const act = (name: ActName) => async () => (await import('./commands/rollout-acts.ts')).actCommand(name)

const COMMANDS: Readonly<Record<string, () => Promise<CliCommand>>> = {
  apply: async () => (await import('./commands/apply.ts')).applyCommand,
  diff: async () => (await import('./commands/diff.ts')).diffCommand,
  get: async () => (await import('./commands/get.ts')).getCommand,
  watch: async () => (await import('./commands/watch.ts')).watchCommand,
  start: act('start'),
  pause: act('pause'),
  resume: act('resume'),
  promote: act('promote'),
  abort: act('abort'),
  reverse: act('reverse'),
  approve: async () => (await import('./commands/approve.ts')).approveCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  backup: async () => (await import('./commands/backup.ts')).backupCommand,
  restore: async () => (await import('./commands/restore.ts')).restoreCommand,
  keygen: async () => (await import('./commands/keygen.ts')).keygenCommand,
  people: async () => (await import('./commands/people.ts')).peopleCommand,
  'sign-patch': async () => (await import('./commands/sign-patch.ts')).signPatchCommand,
  'verify-release': async () => (await import('./commands/verify-release.ts')).verifyReleaseCommand,
  completion: async () => (await import('./commands/completion.ts')).completionCommand(COMMANDS),
}

const main = async ([name, ...args]: readonly string[]): Promise<number> => {
  const load = name === undefined ? undefined : COMMANDS[name]
  if (load !== undefined) {
    const command = await load()
    if (!args.some(asksForHelp)) return command.run(args)
    console.log(command.usage)
    return 0
  }
  const asked = name !== undefined && asksForHelp(name)
  const say = asked ? console.log : console.error
  say('Usage: rebootless COMMAND; rebootless COMMAND --help says more')
  for (const [word, command] of Object.entries(COMMANDS)) say(`  ${word.padEnd(15)} ${(await command()).about}`)
  return asked ? 0 : 2
}

const asksForHelp = (word: string): boolean => word === '--help' || word === '-h'

// Whoever reads what is printed may have read enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
process.exitCode = await main(process.argv.slice(2))
