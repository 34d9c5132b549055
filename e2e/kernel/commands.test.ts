// Goal: what people ask for is done to a real kernel, and nothing else is. Method: the bundled agent in a guest, the real
// program on the host, people of their own roles. What became of it is asked of the kernel, and of the program.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from '@playwright/test'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { DEBIAN_SERIES } from './lab/kernel-tree.ts'
import { livepatchFiles } from './lab/livepatch.ts'
import type { Machine } from './lab/machine.ts'
import { withMachine } from './lab/with-machine.ts'
import { AGENT, enrolAndRun, hostDetail, type Live, patchState, SHOWN_WITHIN_MS, startLive } from './live-host.ts'
import { addPerson, answer, ask, endOf, type Person, signInAsAdmin } from './people.ts'

let live: Live
let operator: Person

beforeAll(async () => {
  live = await startLive()
  const admin = await signInAsAdmin(live.program)
  operator = await addPerson(admin, live.program, 'operator', 'operator')
})

afterAll(() => live?.end())

const POLICY = 'etc/rebootless/agent.json'
const policyFile = (policy: object) => ({ path: POLICY, kind: 'file', content: JSON.stringify(policy) }) as const

/** A module of the lab, as a person uploads it; its hash. */
async function upload(machine: Machine, name: string): Promise<string> {
  const data = await readFile(path.join(machine.modulesDirectory, `${name}.ko`))
  const headers = { 'content-type': 'application/octet-stream' }
  // Of one release each: none of them is older than another.
  const uploaded = operator.api.post('/api/v1/patches', { data, headers, params: { releaseCounter: 1 } })
  return (await answer(uploaded)).id
}

describe.each(DEBIAN_SERIES)('Linux %s', (kernel) => {
  test('an uploaded module is loaded, disabled, and put in again', async () => {
    const files = [policyFile({ class: 'lab' })]
    await withMachine({ kernel, agentBundle: AGENT, hostname: `acts-${kernel}`, files }, async (machine) => {
      const page = await live.browser.newPage({ baseURL: live.program.address })
      try {
        await enrolAndRun(live, machine, page)
        const { id } = await hostDetail(page)
        const hosts = [{ id }]
        const shows = (state: string) =>
          expect
            .poll(async () => patchState(await hostDetail(page), 'lp_simple'), { timeout: SHOWN_WITHIN_MS })
            .toBe(state)

        const artefact = await upload(machine, 'lp_simple')
        expect(await endOf(operator, await ask(operator, { action: 'load', artefact, hosts }))).toMatchObject({
          state: 'done',
        })
        expect(await livepatchFiles(machine, 'lp_simple')).toEqual({ enabled: true, transition: false })
        await shows('applied')

        expect(
          await endOf(operator, await ask(operator, { action: 'disable', patch: 'lp_simple', hosts })),
        ).toMatchObject({ state: 'done' })
        expect(await livepatchFiles(machine, 'lp_simple')).toBeUndefined()
        await shows('disabled')

        expect(
          await endOf(operator, await ask(operator, { action: 'enable', patch: 'lp_simple', hosts })),
        ).toMatchObject({ state: 'done' })
        expect(await livepatchFiles(machine, 'lp_simple')).toEqual({ enabled: true, transition: false })
        await shows('applied')
        await machine.powerOff()
      } finally {
        await page.close()
      }
    })
  })
})
