// Goal: a page of another site neither shows ours nor acts through it. Method: such a page on a server of its own, opened by
// a browser that is signed in here.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from '@playwright/test'
import { story } from './story.ts'

let server: Server
let address: string
let page = ''
story.beforeAll(async () => {
  server = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(page))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // Another name, so that the browser counts it as another site.
  address = `http://localhost:${(server.address() as AddressInfo).port}/`
})
story.afterAll(() => {
  server.close()
})

story('T03 a page of ours in a frame of another site stays blank', async ({ signedIn, program }) => {
  for (const path of ['/', '/hosts', '/docs', '/api/v1/hosts']) {
    page = `<!doctype html><title>Other</title><h1>Other site</h1><iframe src="${program.address}${path}"></iframe>`
    const other = await signedIn.context().newPage()
    await other.goto(address)
    await expect(other.getByRole('heading', { name: 'Other site' })).toBeVisible()
    const frame = other.frames().find((each) => each !== other.mainFrame())
    expect(frame?.url()).toMatch(/^chrome-error:/)
    await expect(other.frameLocator('iframe').locator('main, pre, #swagger-ui')).toHaveCount(0)
    await other.close()
  }
})

story('T02 a form and a script of another site change nothing', async ({ signedIn, program }) => {
  const tokens = async () =>
    (await (await signedIn.request.get(`${program.address}/api/v1/enrolment-tokens`)).json()).items.length
  const before = await tokens()
  page = `<!doctype html><title>Other</title><h1>waiting</h1>
    <form method="post" enctype="text/plain" action="${program.address}/api/v1/enrolment-tokens"><input name='{"x":"' value='"}'></form>
    <script>
      const to = '${program.address}/api/v1/enrolment-tokens'
      const tries = ['text/plain', 'application/json'].map((type) =>
        fetch(to, { method: 'POST', credentials: 'include', headers: { 'Content-Type': type }, body: '{}' })
          .then((answer) => answer.status, () => 'refused'))
      tries.push(fetch('${program.address}/api/v1/hosts', { credentials: 'include' }).then(() => 'read', () => 'refused'))
      Promise.all(tries).then((said) => { document.querySelector('h1').textContent = said.join(' ') })
    </script>`
  const other = await signedIn.context().newPage()
  await other.goto(address)
  await expect(other.getByRole('heading', { name: 'refused refused refused' })).toBeVisible()
  await Promise.all([other.waitForNavigation(), other.evaluate('document.forms[0].submit()')])
  await expect(other.locator('body')).toContainText('origin_refused')
  expect(await tokens()).toBe(before)
  await other.close()
})
