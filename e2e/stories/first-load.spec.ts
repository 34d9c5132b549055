// Goal: whoever opens the fleet page loads the fleet page. Method: what a browser really asks for, held against the files whose size
// .size-limit.mjs counts for it.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from '@playwright/test'
import { story } from './story.ts'

const LIMITS = pathToFileURL(path.join(import.meta.dirname, '..', '..', '.size-limit.mjs')).href
interface Limit {
  readonly name: string
  readonly path: string | readonly string[]
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
  const { default: limits } = (await import(LIMITS)) as { default: Limit[] }
  const counted = limits.find(({ name }) => name.startsWith('the fleet page'))?.path ?? []
  const files = new Set([counted].flat().map((file) => path.basename(file)))
  expect(scripts.filter((name) => !files.has(name))).toEqual([])
  expect(scripts.length).toBe([...files].filter((name) => name.endsWith('.js')).length)
})
