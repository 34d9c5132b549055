// Goal: whoever opens the fleet page loads the fleet page. Method: what a browser really asks for, held against the list of
// chunks that .size-limit.json does not count for it.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@playwright/test'
import { story } from './story.ts'

const ROOT = path.join(import.meta.dirname, '..', '..')
interface Limit {
  readonly name: string
  readonly path: string | readonly string[]
}

/** Patterns of file names: `!web/dist/assets/{a,b-*}-*.js` → those of a and b-*, each with its hash. */
const leftOut = (): RegExp[] => {
  const limits = JSON.parse(readFileSync(path.join(ROOT, '.size-limit.json'), 'utf8')) as Limit[]
  const fleet = limits.find(({ name }) => name.startsWith('the fleet page'))
  return [fleet?.path ?? []].flat().flatMap((pattern) => {
    const names = /^!web\/dist\/assets\/\{([^}]+)\}-\*\.js$/.exec(pattern)?.[1]?.split(',') ?? []
    return names.map((name) => new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}-[\\w-]{8}\\.js$`))
  })
}

story('the fleet page loads no chunk of another page, and nothing from elsewhere', async ({ signedIn: page }) => {
  const asked: URL[] = []
  page.on('request', (request) => void asked.push(new URL(request.url())))
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.waitForLoadState('load')
  const origin = new URL(page.url()).origin
  expect(asked.filter((url) => url.origin !== origin).map(({ href }) => href)).toEqual([])
  const scripts = asked.map(({ pathname }) => path.basename(pathname)).filter((name) => name.endsWith('.js'))
  expect(scripts.some((name) => name.startsWith('fleet-page-'))).toBe(true)
  const patterns = leftOut()
  expect(patterns.length).toBeGreaterThan(20)
  expect(scripts.filter((name) => patterns.some((pattern) => pattern.test(name)))).toEqual([])
})
