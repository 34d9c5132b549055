import type { Page } from '@playwright/test'
import type { ProgramUnderTest } from '@rebootless/server/bench/program-under-test.ts'
import { RolloutDecisionList, RolloutDetail } from '@rebootless/shared/contract/rollouts-api.ts'
import { HOST_STATE_WORDS } from '@rebootless/shared/domain/state-words.ts'

/** All cells of the table but the last, which counts time. */
const ROWS = `[...document.querySelectorAll('[role=table][aria-label=Hosts] [role=row]')]
  .map((row) => [...row.querySelectorAll('[role=cell]')].slice(0, -1).map((cell) => cell.innerText.trim()))
  .filter((cells) => cells.length > 0)`

/** Why it stands where it stands, how many hosts at each stage, and the sentence of each decision. */
const ROLLOUT = `({
  sentence: document.querySelector('[aria-label="Why it stands where it stands"] p')?.innerText.trim(),
  stages: [...document.querySelectorAll('[aria-label="Hosts by stage"] li')].map((one) => one.innerText.replace(/\\s/g, '')),
  decisions: [...document.querySelectorAll('[aria-label="Decisions, newest first"] li p:first-child')].map((one) => one.innerText.trim()),
})`

/** Where the page of Hosts, open by name under this filter, departs from the API, in words. */
export const hostsDeparture = async (page: Page, program: ProgramUnderTest, filter: string): Promise<string[]> => {
  const rows = (await page.evaluate(ROWS)) as string[][]
  const { items } = await program.hosts(`${new URLSearchParams({ filter, sort: 'name', limit: '500' })}`)
  const expected = items.map(({ name, state, kernelRelease, patches }) => {
    const inEffect = patches.filter((patch) => !['superseded', 'disabled', 'unknown'].includes(patch.state))
    return [HOST_STATE_WORDS[state].word, name, kernelRelease, inEffect.at(-1)?.name].join(', ')
  })
  const shown = rows.map((cells) => cells.slice(0, 4).join(', '))
  return expected.flatMap((row, index) => (shown[index] === row ? [] : [`"${shown[index]}" for "${row}"`]))
}

/** Where it departs from one that is opened now. */
export const freshDeparture = async (page: Page): Promise<string[]> => {
  const fresh = await page.context().newPage()
  try {
    await fresh.setViewportSize(page.viewportSize() ?? { width: 1440, height: 900 })
    await fresh.goto(page.url())
    await fresh.locator('[role=table][aria-label=Hosts]:not([aria-busy]) [role=cell]').first().waitFor()
    const [then, now] = [(await page.evaluate(ROWS)) as string[][], (await fresh.evaluate(ROWS)) as string[][]]
    const opened = now.map((cells) => cells.join(', '))
    return then.flatMap((cells, index) =>
      cells.join(', ') === opened[index] ? [] : [`"${cells}" for "${opened[index]}"`],
    )
  } finally {
    await fresh.close()
  }
}

/** Where the page of a rollout departs from the API. */
export const rolloutDeparture = async (page: Page, program: ProgramUnderTest, id: string): Promise<string[]> => {
  const shown = (await page.evaluate(ROLLOUT)) as { sentence: string; stages: string[]; decisions: string[] }
  const { sentence, counts } = RolloutDetail.parse(await (await program.ask('GET', `/api/v1/rollouts/${id}`)).json())
  const decisions = (await decisionsOf(program, id)).map((one) => one.sentence).reverse()
  const stages = Object.entries(counts).map(([stage, hosts]) => `${stage.replaceAll(' ', '')}${hosts}`)
  const differs = (what: string, one: unknown, other: unknown) =>
    JSON.stringify(one) === JSON.stringify(other) ? [] : [`${what}: ${JSON.stringify([one, other]).slice(0, 600)}`]
  return [
    ...differs('sentence', shown.sentence, sentence),
    ...differs('stages', [...shown.stages].sort(), stages.sort()),
    ...differs('decisions', shown.decisions, decisions),
  ]
}

/** All decisions of a rollout, oldest first. */
export const decisionsOf = async (program: ProgramUnderTest, id: string) => {
  const all: RolloutDecisionList['items'] = []
  for (let before: number | undefined; before !== 0; ) {
    const query = `limit=500${before === undefined ? '' : `&before=${before}`}`
    const answer = await program.ask('GET', `/api/v1/rollouts/${id}/decisions?${query}`)
    const { items } = RolloutDecisionList.parse(await answer.json())
    all.push(...items)
    before = items.at(-1)?.number ?? 0
  }
  return all.reverse()
}
