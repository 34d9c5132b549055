import { test as base, expect, type Page } from '@playwright/test'
import { type Program, startProgram } from '../program.ts'

export const PASSWORD = 'correct horse battery staple'

/** The whole program with recorded kernels, started once for all stories that leave it running; a page signed in. */
export const story = base.extend<{ signedIn: Page; hostId: (name: string) => Promise<string> }, { program: Program }>({
  program: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright finds out what a fixture needs from this pattern
    async ({}, use) => {
      const program = await startProgram({ REBOOTLESS_ADMIN_PASSWORD: PASSWORD })
      await use(program)
      await program.remove()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ program }, use) => use(program.address),
  signedIn: async ({ page, program }, use) => {
    const complaints = complaintsOf(page)
    await signIn(page, program)
    await use(page)
    expect(complaints, 'nothing in the console: no error, no violation of the content security policy').toEqual([])
  },
  hostId: async ({ signedIn }, use) => {
    await use(async (name) => {
      const found = async () => {
        const response = await signedIn.request.get('/api/v1/hosts', { params: { filter: `name:*${name}*` } })
        const { items } = await response.json()
        return items.map(({ id }: { id: string }) => id)
      }
      // The first story may come before the recorded kernels have enrolled.
      await expect.poll(found, { message: `one host called ${name}`, timeout: 20_000 }).toHaveLength(1)
      return (await found())[0]
    })
  },
})

export async function signIn(page: Page, program: Program): Promise<void> {
  const response = await page.request.post(`${program.address}/api/v1/session`, {
    data: { username: 'admin', password: PASSWORD },
    headers: { Origin: program.address },
  })
  expect(response.status(), await response.text()).toBe(201)
}

/** What the browser complains of. A lost event stream is no complaint: stories that cut it say so themselves. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    if (message.type() === 'error' && !/ERR_|Failed to load resource/.test(message.text())) {
      complaints.push(message.text())
    }
  })
  return complaints
}

/** As a phone shows it: what overflows makes the whole page slide under the thumb. Names what sticks out. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const found = await page.evaluate(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    const clipped = (element) => {
      for (let up = element.parentElement; up; up = up.parentElement)
        if (getComputedStyle(up).overflowX !== 'visible') return true
      return false
    }
    return [...document.body.querySelectorAll('*')]
      .filter((one) => one.getBoundingClientRect().right > clientWidth + 1 && !clipped(one))
      .map((one) => one.tagName + '.' + one.className + ': ' + one.textContent.slice(0, 40))
      .concat('the page is ' + (scrollWidth - clientWidth) + ' px too wide')
      .slice(-8)
  })()`)
  expect.soft(found, `${page.url()} at ${page.viewportSize()?.width} px`).toEqual([])
}
