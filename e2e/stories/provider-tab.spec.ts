// Goal: all that a live patching system says of a host can be read, also by a keyboard, a reader and a phone. Method: an
// agent in this process that tells of a host with two systems at odds, over the real link; a browser, whose requests are
// also made to fail or to wait; axe.
import { expect } from '@playwright/test'
import { withLinkedHost } from '../linked-host.ts'
import { mixedHost } from '../mixed-snapshot.ts'
import { auditAll } from './audit.ts'
import { story } from './story.ts'

story('a host with two systems at odds is told apart, word for word', async ({ signedIn: page, program }) => {
  await withLinkedHost({ page, program, host: mixedHost, state: 'failed' }, async (id) => {
    await page.goto('/hosts?filter=provider:ksplice')
    const row = page.getByRole('table', { name: 'Hosts' }).getByRole('row', { name: new RegExp(mixedHost.name) })
    await expect(row).toContainText('effective kernel 5.15.0-318.199.3.el9uek.x86_64')
    await expect(row).toContainText('Reboot needed')
    await row.getByRole('link').click()
    await expect(page.getByRole('navigation', { name: 'This host' })).toBeVisible()
    const main = page.getByRole('main')
    await expect(main).toContainText('5.15.0-318.199.3.el9uek.x86_64')
    await page.keyboard.press('4')
    await expect(page).toHaveURL(new RegExp(`/hosts/${id}\\?tab=provider`))

    const ksplice = page.getByRole('article', { name: 'Ksplice (Uptrack)' })
    const steps = ksplice.getByRole('list', { name: 'Steps in their order' }).getByRole('listitem')
    await expect(steps).toHaveText([
      /1Remove.*ibyh7gbw/,
      /2Remove.*iw8wjvh1/,
      /3Install.*iw8wjvh1/,
      /4Install.*qeibbp29/,
    ])
    await expect(ksplice.getByRole('group', { name: 'Patches of the kernel' })).toContainText('withdrawn')
    await expect(ksplice.getByRole('group', { name: 'Patches of running programs' })).toContainText('CVE-2023-4911')
    await expect(ksplice.getByRole('group', { name: 'In its way' })).toContainText('crond, pid 1234')
    const said = ksplice.getByRole('group', { name: 'What it said, word for word' })
    await expect(said).toContainText('exit code 17')
    await expect(said).toContainText('Your subscription has expired.')
    await expect(said).not.toContainText('kpatch list')

    await expect(page.getByRole('region', { name: 'Why do these disagree?' })).toContainText('kpatch_gone')
    await auditAll(page, 'the Provider tab')

    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(`/hosts/${id}`)
    await expect(main.getByRole('region', { name: 'In the stack' })).toContainText('named by kpatch too')
    await expect(main.getByRole('region', { name: 'In the stack' })).toContainText('CVE-2024-26581')
  })
})

story('a Provider tab whose requests fail or wait says so, and comes back', async ({ signedIn: page, program }) => {
  await withLinkedHost({ page, program, host: mixedHost, state: 'failed' }, async (id) => {
    const [facts, raw] = [`**/api/v1/hosts/${id}`, `**/api/v1/hosts/${id}/raw`]
    const address = `/hosts/${id}?tab=provider`
    const ksplice = page.getByRole('article', { name: 'Ksplice (Uptrack)' })
    const said = ksplice.getByRole('group', { name: 'What it said, word for word' })

    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route(facts, async (route) => {
      await gate
      await route.continue()
    })
    await page.goto(address)
    await expect(page.getByText('The host is loading.')).toBeAttached()
    await expect(ksplice).toHaveCount(0)
    release()
    await page.unrouteAll({ behavior: 'wait' })
    await expect(ksplice).toBeVisible()

    const problem = {
      ...{ type: '/problems/internal_error', status: 500, title: 'The server failed', detail: 'It is not your fault.' },
      requestId: 'a1b2',
    }
    await page.route(facts, (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    )
    await page.goto(address)
    const alert = page.getByRole('alert')
    await expect(alert).toContainText('It is not your fault.')
    await expect(alert).toContainText('a1b2')
    await auditAll(page, 'a host that cannot be fetched')
    await page.unroute(facts)
    await alert.getByRole('button', { name: 'Try again' }).click()
    await expect(ksplice).toBeVisible()

    await page.route(raw, (route) => route.abort())
    await page.goto(address)
    await expect(said.getByRole('alert')).toContainText('It could not be fetched')
    await expect(ksplice.getByRole('group', { name: 'Patches of the kernel' })).toContainText('withdrawn')
    await auditAll(page, 'a Provider tab without its files')
    await page.unroute(raw)
    await said.getByRole('button', { name: 'Try again' }).click()
    await expect(said).toContainText('/usr/sbin/uptrack-show')

    await page.route(raw, (route) =>
      route.fulfill({ json: { files: [], readAt: null, asOf: new Date().toISOString() } }),
    )
    await page.goto(address)
    await expect(said).toContainText('Nothing was kept')
    await page.unroute(raw)
  })
})
