/** `rebootless`: the command line for people and scripts. Each command is a file of commands/. */
export type CliCommand = {
  /** One line for the list of commands. */
  readonly about: string
  readonly usage: string
  /** @returns the exit status */
  run(args: readonly string[]): Promise<number>
}

const COMMANDS: Readonly<Record<string, () => Promise<CliCommand>>> = {
  approve: async () => (await import('./commands/approve.ts')).approveCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  keygen: async () => (await import('./commands/keygen.ts')).keygenCommand,
  people: async () => (await import('./commands/people.ts')).peopleCommand,
  'verify-release': async () => (await import('./commands/verify-release.ts')).verifyReleaseCommand,
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

process.exitCode = await main(process.argv.slice(2))
