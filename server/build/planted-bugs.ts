import { BUGS_OF_THE_AGENT } from './planted-bugs-of-agent.ts'
import { BUGS_OF_ROLLOUTS } from './planted-bugs-of-rollouts.ts'
import { BUGS_OF_THE_SERVER } from './planted-bugs-of-server.ts'

/** A bug as somebody might write it: one piece of one file, replaced. */
export interface PlantedBug {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly instead: string
  /** The test file whose named test must fail, by the beginning of its title or of its group's. */
  readonly test: string
  readonly title: string
  /** Needs a database, so that only the full run plants it. */
  readonly slow?: true
}

/** What the tests of its file made of one. */
export interface PlantedRun {
  readonly bug: string
  /** How many tests ran. */
  readonly began: number
  /** Full names of those that failed. */
  readonly failed: readonly string[]
  /** Why the file did not begin. */
  readonly errors: readonly string[]
}

/** The bugs of T40. `find` must stand in its file exactly once, so that a change of the code asks for a look here. */
export const PLANTED_BUGS: readonly PlantedBug[] = [...BUGS_OF_THE_AGENT, ...BUGS_OF_THE_SERVER, ...BUGS_OF_ROLLOUTS]
