import { attribute, type Needs, type Scenario, type SelftestStep } from './scenario.ts'

/** What a scenario needs of a kernel, simulated or real. errno: the name, null for success. */
export interface SelftestDriver {
  has(needed: Needs): boolean
  load(module: string, parameters: Readonly<Record<string, string>>): Promise<string | null>
  unload(module: string): Promise<string | null>
  write(path: string, text: string): Promise<string | null>
  /** null: it is not there, or cannot be read. */
  read(path: string): Promise<string | null>
  /** As `0644`; null: it is not there. */
  modeOf(path: string): Promise<string | null>
  /** Lets time pass until it holds. @returns false when it never does */
  until(holds: () => Promise<boolean>): Promise<boolean>
  wait(seconds: number): Promise<void>
  /** Texts that were logged since the last call. */
  log(): Promise<readonly string[]>
  /** From now on calls of a function are recorded. */
  trace(name: string): Promise<void>
  /** Names in the record, which ends. */
  traced(): Promise<readonly string[]>
  startHammers(): Promise<void>
  /** Parameters by which a patch learns which processes those are. */
  hammerParameters(): Readonly<Record<string, string>>
  /** How many of them have not been in this patch's version yet. */
  hammersLeft(patch: string): Promise<number>
  stopHammers(): Promise<void>
}

/** Runs a scenario. @returns what was not as it says, step by step */
export const runScenario = async (driver: SelftestDriver, { steps }: Scenario): Promise<readonly string[]> => {
  const wrong: string[] = []
  await driver.log()
  for (const [index, step] of steps.entries()) {
    const problem = await perform(driver, step)
    const logged = (await driver.log()).filter(isOfInterest)
    const at = `step ${index + 1}, ${describe(step)}`
    if (problem !== null) wrong.push(`${at}: ${problem}`)
    const expected = ('log' in step && step.log) || []
    if (logged.join('\n') !== expected.join('\n'))
      wrong.push(`${at}: log\n  expected:\n${indented(expected)}\n  logged:\n${indented(logged)}`)
  }
  await driver.stopHammers()
  return wrong
}

const describe = (step: SelftestStep): string =>
  [
    step.do,
    ...Object.entries(step).flatMap(([key, value]) => (key !== 'do' && typeof value === 'string' ? [value] : [])),
  ]
    .join(' ')
    .trim()

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n')

/** As the kernel's own tests do: what livepatch and the modules of the tests say, but not whom they taint. */
const isOfInterest = (text: string): boolean =>
  /^(livepatch|lp_\w+|lab_\w+): /.test(text) && !/taint(ing|s) kernel/.test(text)

const perform = async (driver: SelftestDriver, step: SelftestStep): Promise<string | null> => {
  const is = (what: string, expected: unknown, actual: unknown): string | null =>
    expected === actual ? null : `${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`
  switch (step.do) {
    case 'load':
    case 'load_fails':
      return is('errno', step.do === 'load' ? null : step.errno, await driver.load(step.module, step.parameters ?? {}))
    case 'load_livepatch': {
      const parameters = { ...step.parameters, ...(step.module === 'lp_umask' && driver.hammerParameters()) }
      const problem = is('errno', null, await driver.load(step.module, parameters))
      const ended = async () => (await driver.read(attribute(step.module, 'transition'))) === '0\n'
      return problem ?? ((await driver.until(ended)) ? null : 'the transition does not end')
    }
    case 'unload': {
      const free = async () => (await driver.read(`/sys/module/${step.module}/refcnt`)) === '0\n'
      if (!(await driver.until(free))) return 'something holds the module'
      return is('errno', null, await driver.unload(step.module))
    }
    case 'disable': {
      const problem = is('errno', null, await driver.write(attribute(step.patch, 'enabled'), '0\n'))
      const gone = async () => (await driver.read(attribute(step.patch, 'enabled'))) === null
      return problem ?? ((await driver.until(gone)) ? null : 'the patch does not go')
    }
    case 'write':
      return is('errno', step.errno ?? null, await driver.write(step.path, step.text))
    case 'read':
      return is('content', step.content, await driver.read(step.path))
    case 'shows': {
      const by = /^patched by (\w+)\n/.exec((await driver.read(step.path)) ?? '')?.[1] ?? null
      return is('the patch shown', step.patch, by)
    }
    case 'mode':
      return is('mode', step.mode, await driver.modeOf(step.path))
    case 'wait':
      await driver.wait(step.seconds)
      return null
    case 'trace':
      await driver.trace(step.function)
      return null
    case 'traced':
      return (await driver.traced()).includes(step.function) ? null : 'the trace does not name it'
    case 'hammer':
      await driver.startHammers()
      return null
    case 'hammers_reach': {
      const all = async () => (await driver.hammersLeft(step.patch)) === 0
      return (await driver.until(all)) ? null : 'a process never came into the new version'
    }
  }
}
