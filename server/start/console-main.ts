import { runConsole } from './console.ts'

process.exitCode = await runConsole(process.argv.slice(2), process.env)
