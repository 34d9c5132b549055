import { setFlagsFromString } from 'node:v8'
import { DatabaseUnusableError } from '../bff/database/database-error.ts'
import { SettingsError } from '../bff/settings.ts'
import { startProgram } from './program.ts'

/** By itself V8 lets the heap of a program with free memory beside it grow to several times what is in use before it collects. */
setFlagsFromString('--heap-growing-percent=80')

/** What `npm start` runs, built. An expected failure is one sentence and no stack. */
try {
  const program = await startProgram(process.env)
  const stop = () => {
    program.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
} catch (error) {
  const expected = error instanceof SettingsError || error instanceof DatabaseUnusableError
  console.error(expected ? `Rebootless cannot start: ${error.message}` : error)
  process.exit(1)
}
