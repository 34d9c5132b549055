import { expect } from 'vitest'
import type { CommandBench, commandsOn } from './test-command-bench.ts'
import { idOf } from './test-commands.ts'

/** The host that a test acts on, as it is now: tests restart agents and take other hosts. */
export interface Acting {
  readonly bench: CommandBench
  readonly make: ReturnType<typeof commandsOn>
  readonly agent: Awaited<ReturnType<CommandBench['startAgent']>>
}
export type Message = ReturnType<Acting['make']['load']>

export const actsOn = (now: () => Acting) => {
  const begin = async (message: Message, seconds = 10): Promise<Message> => {
    const { agent, bench } = now()
    agent.desk.command(message)
    await bench.advance(seconds)
    return message
  }
  const endOf = (message: Message) => {
    const ends = now().bench.ends(idOf(message))
    expect(new Set(ends.map(({ state }) => state)).size).toBeLessThanOrEqual(1)
    return ends[0]
  }
  return {
    begin,
    endOf,
    run: async (message: Message, seconds?: number) => endOf(await begin(message, seconds)),
    /** What reached kernel and programs, copies' names left out. */
    done: () =>
      now()
        .bench.effects.filter((effect) => effect !== 'journal' && effect !== 'keep')
        .map((effect) => effect.replace(/\/\S+\/\d+\.ko/, 'FILE')),
    /** A load of the newest patch that a killable sleeper holds back, long enough to be called stalled. */
    async stalledLoad() {
      const { bench, make } = now()
      const tid = bench.hold()
      await bench.advance(1)
      const message = await begin(make.load(-1), 20)
      const told = bench.results.findLast(({ commandId }) => commandId === idOf(message))
      const comm = bench.host.kernel?.machine.tasks.get(tid)?.comm ?? ''
      return { message, told, blocking: [{ tid, name: comm }] }
    },
  }
}
