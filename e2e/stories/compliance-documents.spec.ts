// Goal: what compliance gives away says what its page says: the document on paper, files for spreadsheets and scanners, and reports by mail and
// webhook. Method: the whole program with simulated hosts, files read back by readers of their own, a real SMTP server and an HTTP receiver.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, type Page } from '@playwright/test'
import { certificateFor, startMailServer } from '@rebootless/server/bff/channels/test-smtp.ts'
import type { ComplianceReport } from '@rebootless/shared/contract/channel-messages.ts'
import { ComplianceExport, VexDocument } from '@rebootless/shared/contract/compliance-documents.ts'
import { type PdfLine, pdfLines } from '../pdf-text.ts'
import { auditAll } from './audit.ts'
import { complianceStory, DESK, read, send, settled, somebody } from './compliance-fleet.ts'
import { csvRows, downloadedBy } from './downloads.ts'

const EXCEPTIONS = 16
const OPEN = ['exposed', 'fixed_on_disk']
/** A reason that takes several lines of a narrow column. */
const reasonOf = (number: number) => `begin${number} ${'the module is loaded nowhere. '.repeat(6)}end${number}`

/** The page on which a word stands, and that it is one. */
const pageOf = (pages: readonly PdfLine[][], word: string): number => {
  const found = pages.flatMap((lines, index) =>
    lines.some(({ text }) => text.split(/[\s,;.]+/).includes(word)) ? [index] : [],
  )
  expect(found, word).toHaveLength(1)
  return found[0] ?? -1
}

complianceStory(
  'the document has scope, date, method and the hash of its data, and no page of it cuts a row',
  async ({ signedIn: page, program, browser }) => {
    const { counts, sentence } = await settled(page)
    const approver = await somebody(page, browser, program, 'eve', 'approver')
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString()
    for (let number = 0; number < EXCEPTIONS; number += 1) {
      const asked = { subject: { kind: 'severity', severity: 'low' }, hosts: 'name:nowhere', owner: 'web team', until }
      const body = { ...asked, reason: reasonOf(number) }
      const { id } = await send<{ id: string }>(page, program, '/exceptions', body)
      await send(approver, program, `/exceptions/${id}/approve`, {})
    }
    await page.goto('/compliance')
    await page.getByRole('link', { name: 'Document' }).press('Enter')
    const sheet = page.getByRole('article', { name: 'Compliance document' })
    await expect(sheet).toContainText(`${counts.hosts} hosts, all that its maker may see; ${counts.judged} judged`)
    await expect(sheet.getByRole('region', { name: 'Method' })).toContainText('Days to mend: critical')
    const hash = sheet.getByRole('region', { name: 'Signature of the data' }).getByText(/^SHA-256/)
    await expect(hash).toBeVisible()
    const data = await downloadedBy(page, page.getByRole('button', { name: 'Its data' }))
    const said = (await hash.textContent())?.replace('SHA-256', '').replaceAll(' ', '') ?? ''
    expect(said).toBe(createHash('sha256').update(data).digest('hex'))
    const { summary, cves } = JSON.parse(data.toString())
    expect(summary.counts).toEqual(counts)

    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    await expect(page.getByRole('navigation', { name: 'Pages' }).first()).toBeHidden()
    await expect(page.getByRole('button', { name: 'Print' })).toBeHidden()
    await expect(sheet, 'ink on paper, whatever the theme').toHaveCSS('color', 'rgb(20, 23, 28)')
    const pages = pdfLines(await page.pdf({ preferCSSPageSize: true }))
    expect(pages.length).toBeGreaterThan(2)
    const minute = summary.judgedAt.slice(0, 16).replace('T', ' ')
    expect(pages.map((lines) => lines.at(-1)?.text)).toEqual(
      pages.map((_, index) => `Rebootless compliance, as of ${minute} UTC, all hosts ${index + 1} of ${pages.length}`),
    )
    for (const lines of pages) {
      const [foot = 0, last = 0] = [lines.at(-1)?.top, lines.at(-2)?.top]
      expect(foot - last, 'nothing reaches into the foot').toBeGreaterThan(18)
    }
    for (let number = 0; number < EXCEPTIONS; number += 1) {
      const [begin, end] = [pageOf(pages, `begin${number}`), pageOf(pages, `end${number}`)]
      expect(end, `exception ${number} stands on one page`).toBe(begin)
    }
    const text = (lines: readonly PdfLine[] | undefined) => (lines ?? []).map((line) => line.text).join(' ')
    expect(text(pages[0])).toContain(sentence.replaceAll('\u00a0', ' '))
    expect(text(pages[0])).toMatch(/As of \w{3} \d+ \w+ \d{4}, \d\d:\d\d UTC Scope 13 hosts/)
    expect(text(pages.at(-1)).replaceAll(' ', '')).toContain(`SHA-256${said}`)
    expect(cves.length).toBeGreaterThan(30)
    const ofCves = new Set<number>()
    for (const { id, hosts } of cves) {
      const index = pageOf(pages, id)
      ofCves.add(index)
      const row = pages[index]?.find((line) => line.text.startsWith(`${id} `))?.text
      expect(row, 'a whole row on one line').toMatch(
        new RegExp(`^${id} \\w.* ${hosts.exposed ?? 0} ${hosts.fixed_on_disk ?? 0} \\d{4}-\\d\\d-\\d\\d$`),
      )
    }
    for (const index of ofCves) {
      const heads = pages[index]?.some((line) => /^CVE Severity Known exploited .*Open since$/.test(line.text))
      expect(heads, `page ${index + 1} says its columns`).toBe(true)
    }
  },
)

complianceStory('the document is read on a screen by everybody', async ({ signedIn: page }) => {
  await settled(page)
  await page.goto('/compliance/print')
  await expect(page.getByRole('region', { name: 'Signature of the data' })).toContainText('SHA-256')
  await auditAll(page, 'the document')
})

/** `batch-1`, `4 critical, 12 high`: what the drawer says of each host. */
const openOnPage = async (page: Page): Promise<Record<string, string>> => {
  const drawer = page.getByRole('dialog', { name: 'Hosts with something open' })
  const rows = drawer.getByRole('list', { name: 'Hosts with something open' }).locator(':scope > li')
  await expect(rows.first()).toBeVisible()
  const told = await rows.evaluateAll((items) =>
    items.map((item) => [
      item.querySelector('a')?.textContent ?? '',
      /Open: ([^.]*)\./.exec(item.textContent ?? '')?.[1]?.replace(/ \(\d+ past SLA\)/g, '') ?? '',
    ]),
  )
  return Object.fromEntries(told)
}

complianceStory('files are read back and say of each host and CVE what the page says', async ({ signedIn: page }) => {
  const { counts, sentence } = await settled(page)
  await page.goto('/compliance')
  const file = (word: string) => downloadedBy(page, page.getByRole('link', { name: `Export as ${word}` }))
  const csv = csvRows((await file('CSV')).toString())
  const text = (await file('JSON')).toString()
  const json = ComplianceExport.parse(JSON.parse(text))
  const vex = VexDocument.parse(JSON.parse((await file('VEX')).toString()))

  await expect(page.getByRole('region', { name: 'In one sentence' })).toContainText(json.sentence)
  expect([json.sentence, json.counts]).toEqual([sentence, counts])
  const key = (host: string | undefined, cve: string | undefined, word: string | undefined) => `${host} ${cve} ${word}`
  const rows = json.rows.map(({ host, cve, exposure }) => key(host.id, cve, exposure)).sort()
  expect(csv.map((row) => key(row['host id'], row.cve, row.exposure)).sort()).toEqual(rows)

  await page.getByRole('link', { name: `Hosts with something open: ${counts.exposed}` }).press('Enter')
  const open: Record<string, Record<string, number>> = {}
  for (const { host = '', severity = '' } of csv.filter(({ exposure = '' }) => OPEN.includes(exposure))) {
    const ofHost = open[host] ?? {}
    open[host] = ofHost
    ofHost[severity] = (ofHost[severity] ?? 0) + 1
  }
  const words = (ofHost: Record<string, number>) =>
    ['critical', 'high', 'medium', 'low', 'unknown']
      .filter((severity) => ofHost[severity] !== undefined)
      .map((severity) => `${ofHost[severity]} ${severity === 'unknown' ? 'not scored' : severity}`)
      .join(', ')
  const ofFile = Object.fromEntries(Object.entries(open).map(([host, ofHost]) => [host, words(ofHost)]))
  expect(await openOnPage(page)).toEqual(ofFile)

  const said = (...statuses: string[]) =>
    vex.statements
      .filter(({ status }) => statuses.includes(status))
      .flatMap(({ vulnerability, products }) =>
        products.map((product) => `${product['@id'].replace('urn:uuid:', '')} ${vulnerability.name}`),
      )
      .sort()
  const ofRows = (...exposures: string[]) =>
    json.rows
      .filter(({ exposure }) => exposures.includes(exposure))
      .map(({ host, cve }) => `${host.id} ${cve}`)
      .sort()
  expect(said('affected')).toEqual(ofRows('exposed', 'accepted', 'fixed_on_disk'))
  expect(said('under_investigation')).toEqual(ofRows('unknown'))
  const patched = ComplianceExport.parse(await read(page, '/compliance/export.json?status=fixed_by_livepatch'))
  expect(patched.rows.length, 'some CVE is live patched on some host').toBeGreaterThan(0)
  expect(said('fixed')).toEqual(patched.rows.map(({ host, cve }) => `${host.id} ${cve}`).sort())
})

/** Reports by the form, sent now; the text of its row once that says how it went. */
const sendReport = async (page: Page, name: string, channel: string, withCsv: boolean): Promise<void> => {
  await page.getByRole('button', { name: 'Add a report' }).first().press('Enter')
  const form = page.getByRole('dialog', { name: 'Add a report' })
  await form.getByLabel('Name').fill(name)
  await form.getByLabel('Channel').selectOption({ label: channel })
  if (withCsv) await form.getByLabel(/Attach what is open as CSV/).check()
  else await expect(form.getByLabel(/Attach what is open/)).toBeHidden()
  await form.getByRole('button', { name: 'Add the report' }).press('Enter')
  await expect(form).toBeHidden()
  const row = page.getByRole('list', { name: 'Reports' }).getByRole('listitem').filter({ hasText: name })
  await expect(row).toContainText('not due yet')
  await row.getByRole('link', { name }).press('Enter')
  const own = page.getByRole('dialog', { name: `Report ${name}` })
  await own.getByRole('button', { name: 'Send now' }).press('Enter')
  await expect(own).toContainText('Delivered', { timeout: 20_000 })
  await page.keyboard.press('Escape')
  await expect(row).toContainText('by hand')
}

complianceStory(
  'T13 a report is made and sent by mail and webhook, and what arrives is what the page says',
  async ({ signedIn: page, program }) => {
    const { counts, sentence } = await settled(page)
    const received: string[] = []
    const receiver = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      received.push(body)
      response.writeHead(204).end()
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const mail = await startMailServer(await certificateFor('mail.example'), { disabledCommands: ['STARTTLS', 'AUTH'] })
    const events = { decisions: ['paused'], auditHeads: null }
    await send(page, program, '/channels', {
      ...{ kind: 'smtp', name: 'managers', events, address: `smtp://127.0.0.1:${mail.port}`, pages: program.address },
      mail: { from: 'rebootless@example.org', to: ['ann@example.org'] },
    })
    const { port } = receiver.address() as AddressInfo
    await send(page, program, '/channels', {
      ...{ kind: 'webhook', name: 'archive', events, address: `http://127.0.0.1:${port}/` },
    })
    await page.goto('/compliance/reports')
    await expect(page.getByRole('heading', { name: 'No report is sent yet' })).toBeVisible()
    await auditAll(page, 'no reports')
    await page.setViewportSize(DESK)
    await sendReport(page, 'State of the fleet', 'managers, Mail', true)
    await sendReport(page, 'For the archive', 'archive, Webhook', false)
    await auditAll(page, 'reports')
    await page.setViewportSize(DESK)

    const [hook = ''] = received
    const { type, data } = JSON.parse(hook) as ComplianceReport
    expect([received.length, type, data.sentence, data.counts]).toEqual([1, 'compliance.report', sentence, counts])

    expect(mail.mails.map(({ from, to }) => [from, ...to])).toEqual([['rebootless@example.org', 'ann@example.org']])
    const raw = mail.mails[0]?.text ?? ''
    // Lines of quoted-printable are put together again; base64 has none.
    const text = raw.replace(/=\r\n/g, '').replace(/=3D/g, '=')
    expect(text).toMatch(/^Subject: State of the fleet\r$/m)
    const [, base64 = ''] = /Content-Disposition: attachment[\s\S]*?\r\n\r\n([\w+/=\r\n]+?)\r\n--/.exec(raw) ?? []
    const attached = csvRows(Buffer.from(base64, 'base64').toString())
    const link = new RegExp(`${program.address}(/compliance\\?at=\\S+Z)`).exec(text)?.[1] ?? ''
    const at = new URLSearchParams(link.split('?')[1]).get('at') ?? ''
    const then = ComplianceExport.parse(await read(page, `/compliance/export.json?at=${at}`))
    expect(attached.map((row) => `${row['host id']} ${row.cve} ${row.exposure}`).sort()).toEqual(
      then.rows
        .filter(({ exposure }) => OPEN.includes(exposure))
        .map(({ host, cve, exposure }) => `${host.id} ${cve} ${exposure}`)
        .sort(),
    )
    await page.goto(link)
    await expect(page.getByRole('status').filter({ hasText: 'The past:' })).toBeVisible()
    await expect(page.getByRole('region', { name: 'In one sentence' })).toContainText(sentence)
    await mail.stop()
    receiver.closeAllConnections()
    receiver.close()
  },
)
