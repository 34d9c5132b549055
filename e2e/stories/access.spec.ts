// Goal: every page can be read by everyone, in both themes. Method: axe on each, with what WCAG 2.2 AA asks.
import { expect } from '@playwright/test'
import { auditAll } from './audit.ts'
import { complaintsOf, story } from './story.ts'

story('T03 axe and the content security policy find nothing on any page', async ({ signedIn: page, hostId }) => {
  story.setTimeout(180_000)
  const stalled = await hostId('stall-killable')
  const replaced = await hostId('replace-stalled')
  for (const [path, ready] of [
    ['/', /Needs someone/],
    ['/?view=table', /Needs someone/],
    ['/hosts', /recorded-/],
    ['/hosts?filter=name:nobody', /No host matches/],
    ['/hosts?filter=sate:x', /sate/],
    [`/hosts/${stalled}`, /kernel's log/i],
    [`/hosts/${stalled}?tab=transition`, /Blocking tasks|No transition/],
    [`/hosts/${replaced}?tab=functions`, /map in figures|No function/i],
    [`/hosts/${replaced}?tab=functions&view=table`, /sympos|No function/i],
    [`/hosts/${replaced}?tab=provider`, /What this system does not reveal/],
    [`/hosts/${replaced}?tab=raw`, /sys\/kernel\/livepatch/],
    ['/lab?tasks=60&seconds=20&at=3000000&task=3&system=kernelcare&seed=no', /Same patch, same machine/],
    ['/lab?tasks=60&seconds=20&at=3000000&task=3&sweep=sleepers&view=table', /When each task goes over/],
    ['/no-such-page', /./],
  ] as const) {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(path)
    await expect(page.getByRole('main')).toContainText(ready)
    await auditAll(page, path)
  }
})

story('axe finds nothing on the sign-in page', async ({ page, program }) => {
  const complaints = complaintsOf(page)
  await page.goto(program.address)
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await auditAll(page, 'sign-in')
  expect(complaints).toEqual([])
})
