// Goal: text from a host is text on every page, whatever it holds. Method: an agent in this process whose every string
// is hostile, over the real link; each page at both widths, its markup searched for what must not be in it.
import { readFile } from 'node:fs/promises'
import { expect, type Page } from '@playwright/test'
import { type Hostile, hostile, RAN } from '../hostile-snapshot.ts'
import { withLinkedHost } from '../linked-host.ts'
import type { Program } from '../program.ts'
import { expectHarmless, expectHarmlessAt, UNSEEN } from './harmless.ts'
import { story } from './story.ts'

const withHost = (page: Page, program: Program, host: Hostile, work: (id: string) => Promise<void>) =>
  withLinkedHost({ page, program, host, state: 'stalled' }, work)

const PAGES_OF_A_HOST = [
  ['', /In the stack/],
  ['?tab=transition', /What can be done/],
  ['?tab=transition&view=table', /What can be done/],
  ['?tab=functions', /map in figures/i],
  ['?tab=functions&view=table', /sympos/],
  ['?tab=provider', /What went wrong/],
  ['?tab=raw', /15 files/],
] as const

story(
  'T04 hosts that write markup, escapes, bidi and no end of letters into every field are shown as text',
  async ({ signedIn: page, program }) => {
    story.setTimeout(150_000)
    await withHost(page, program, hostile('long'), async (long) => {
      await withHost(page, program, hostile('all'), async (all) => {
        for (const [address, shown] of [
          ['/', /Needs someone/],
          ['/?view=table', /Needs someone/],
          ['/hosts', /Stalled/],
        ] as const) {
          await expectHarmlessAt(page, address, shown)
          await expect(page.getByRole('main')).toContainText('\\x1b')
          await expect(page.getByRole('main')).toContainText('MMMMMMMM')
        }
        for (const [tab, shown] of PAGES_OF_A_HOST) {
          await expectHarmlessAt(page, `/hosts/${all}${tab}`, shown)
          await expect(page).toHaveTitle(/\\x1b.*\\u202e.*Rebootless/)
          await expect(page.getByRole('main')).toContainText('<script>')
        }
      })
      for (const [tab, shown] of PAGES_OF_A_HOST) await expectHarmlessAt(page, `/hosts/${long}${tab}`, shown)
    })
  },
)

story(
  'T04 palette, pop-ups, pages of problems and the exported picture show a hostile host as text',
  async ({ signedIn: page, program }) => {
    const host = hostile('all')
    await withHost(page, program, host, async (id) => {
      await page.goto(`/hosts/${id}?tab=functions`)
      await page.getByRole('button', { name: 'Save the picture' }).click()
      const coming = page.waitForEvent('download')
      await page.getByRole('button', { name: 'SVG' }).click()
      const download = await coming
      expect(download.suggestedFilename()).toMatch(/^[\w.-]+\.svg$/)
      const svg = await readFile(await download.path(), 'utf8')
      expect(svg).toContain('&lt;script&gt;')
      // Two megabytes of markup are no failure message: only what is found is.
      const tags = new Set([...svg.matchAll(/<([a-z]\w*)/gi)].map(([, tag]) => tag))
      expect(
        [...tags].filter((tag) => !/^(svg|g|text|tspan|title|rect|path|circle|polygon|line)$/.test(tag ?? '')),
      ).toEqual([])
      expect(svg.match(/<[^>]* (on\w+|href)=/i)).toBeNull()
      expect(svg.match(new RegExp(UNSEEN, 'u'))).toBeNull()

      await page.keyboard.press('Control+k')
      const option = page.getByRole('option', { name: /\\x1b/ }).first()
      await expect(option).toBeVisible()
      await expectHarmless(page)
      await page.keyboard.type('<img src=x onerror=')
      await expectHarmless(page)
      await page.keyboard.press('Escape')

      await page.goto(`/hosts?filter=${encodeURIComponent(`"><img src=x onerror=window.${RAN}=1>\u202e`)}`)
      await expect(page.getByRole('main')).toContainText('onerror=window')
      await expectHarmless(page)
      await page.goto(`/hosts/${encodeURIComponent('<img src=x onerror=alert(1)>')}`)
      await expect(page.getByRole('main').getByRole('link').first()).toBeVisible()
      await expectHarmless(page)
    })
  },
)
