// Goal: each rule of alerts has a runbook that says what it means, what to look at, what to do and what not, and the API gives
// that text. Method: docs/runbooks against the rules and against the module that is written from it.
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ALERT_RULES } from '../../shared/domain/alerts/alert-rules.ts'
import { ALERT_RULE_IDS } from '../../shared/domain/alerts/alert-words.ts'
import { runbookTexts } from './runbooks.ts'

const root = path.resolve(import.meta.dirname, '../..')

test('a runbook for each rule, and none beside', async () => {
  const files = await readdir(path.join(root, 'docs/runbooks'))
  expect(files.sort()).toEqual(ALERT_RULE_IDS.map((id) => `${id}.md`).sort())
})

test.each(ALERT_RULE_IDS)('%s: all four parts, each with something in it', async (id) => {
  const text = await readFile(path.join(root, 'docs/runbooks', `${id}.md`), 'utf8')
  expect(text.split('\n')[0]).toBe(`# ${ALERT_RULES[id].title}`)
  const parts = text.split(/^## /m).slice(1)
  expect(parts.map((part) => part.split('\n')[0])).toEqual([
    'What it means',
    'What to look at',
    'What to do',
    'What not to do',
  ])
  for (const part of parts) expect(part.split('\n').slice(1).join(' ').trim().length).toBeGreaterThan(40)
})

test('the module that the API gives them from is not stale', async () => {
  const written = await readFile(path.join(root, 'server/bff/alerts/runbook-texts.ts'), 'utf8')
  expect(written).toBe(await runbookTexts(root))
})
