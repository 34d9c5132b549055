// Goal: one trace holds a person's click in a browser, the request, the command, what the agent did and the kernel's transition, each
// within the one before. Method: the whole program with simulated kernels, on which the real agent acts, and a collector that takes OTLP
// over HTTP.
import { expect, test } from '@playwright/test'
import { startTestCollector } from '@rebootless/server/bff/tracing/test-collector.ts'
import { createFaultSchedule } from '@rebootless/server/sim/fleet/faults.ts'
import { hostPlan } from '@rebootless/server/sim/fleet/host-plan.ts'
import { type Program, startProgram } from '../program.ts'
import { complaintsOf, PASSWORD, signIn } from './story.ts'

const HOSTS = 3
const QUIET_SECONDS = 150

/** A host with one livepatch in, to which nothing happens meanwhile. */
const cast = () => {
  for (let seed = 0; seed < 20_000; seed += 1) {
    const schedule = createFaultSchedule({ seed, hosts: HOSTS })
    for (let index = 0; index < HOSTS; index += 1) {
      const plan = hostPlan(seed, index)
      const isCalm = (schedule.incident(index, 0)?.atSeconds ?? QUIET_SECONDS) >= QUIET_SECONDS
      const isOurs = plan.kind === 'klp' || plan.kind === 'livepatch'
      if (isCalm && isOurs && plan.history.length === 1) return { seed, plan }
    }
  }
  throw new Error('no seed has such a host')
}
const { seed, plan } = cast()

let program: Program
let collector: Awaited<ReturnType<typeof startTestCollector>>
test.beforeAll(async () => {
  collector = await startTestCollector()
  program = await startProgram({
    ...{ REBOOTLESS_ADMIN_PASSWORD: PASSWORD, REBOOTLESS_RECORDED_HOSTS: '0' },
    ...{ REBOOTLESS_SIMULATED_HOSTS: `${HOSTS}`, REBOOTLESS_SIMULATION_SEED: `${seed}` },
    // By OpenTelemetry's own settings, spans go out at once.
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '100' },
  })
})
test.afterAll(async () => {
  await program.remove()
  collector.close()
})

test('from the click to the kernel', async ({ page }) => {
  const complaints = complaintsOf(page)
  await signIn(page, program)
  const found = async () => {
    const answer = await page.request.get(`${program.address}/api/v1/hosts`, {
      params: { filter: `name:${plan.name}` },
    })
    return (await answer.json()).items[0]?.id
  }
  await expect.poll(found, { timeout: 20_000 }).toBeTruthy()
  const id = await found()
  const patch = plan.patches[plan.history[0] ?? 0]?.image.name ?? ''
  await page.goto(`${program.address}/hosts/${id}`)
  await page.getByRole('button', { name: `Disable… ${patch}` }).click({ timeout: 20_000 })
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Reason').fill('the story asks for it')
  await dialog.getByLabel(`Type ${plan.name} to go on`).fill(plan.name)
  await dialog.getByRole('button', { name: 'Disable', exact: true }).click()
  await expect(dialog.getByRole('list', { name: 'How far it is' })).toContainText(/Done.* is out/, { timeout: 30_000 })

  const ofAct = () => {
    const act = collector.spans.find((span) => span.name === 'click POST /api/v1/authorisations')
    return collector.spans.filter(({ traceId }) => traceId === act?.traceId)
  }
  const namesOf = () => ofAct().map((span) => span.name)
  await expect.poll(namesOf, { timeout: 20_000 }).toContain('kernel transition: unpatching')
  const above = (name: string) => {
    const span = ofAct().find((one) => one.name === name)
    return ofAct().find(({ spanId }) => spanId === span?.parentSpanId)?.name
  }
  expect(above('kernel transition: unpatching')).toBe('the agent acts, as its host told')
  expect(above('the agent acts, as its host told')).toBe('command disable')
  expect(above('command disable')).toBe('POST /api/v1/authorisations')
  expect(above('POST /api/v1/authorisations')).toBe('click POST /api/v1/authorisations')
  expect(complaints).toEqual([])
})
