/** `rebootless`: the command line for people and scripts. Each command is a file of commands/. */
export type CliCommand = {
  /** One line for the list of commands. */
  readonly about: string
  /** @returns the exit status */
  run(args: readonly string[]): Promise<number>
}

const COMMANDS: Readonly<Record<string, () => Promise<CliCommand>>> = {
  approve: async () => (await import('./commands/approve.ts')).approveCommand,
  audit: async () => (await import('./commands/audit.ts')).auditCommand,
  keygen: async () => (await import('./commands/keygen.ts')).keygenCommand,
}

const main = async ([name, ...args]: readonly string[]): Promise<number> => {
  const load = name === undefined ? undefined : COMMANDS[name]
  if (load !== undefined) return (await load()).run(args)
  console.error('Usage: rebootless COMMAND')
  for (const [word, command] of Object.entries(COMMANDS))
    console.error(`  ${word.padEnd(10)} ${(await command()).about}`)
  return 2
}

process.exitCode = await main(process.argv.slice(2))
