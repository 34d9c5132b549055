// Goal: what ships for Prometheus and Grafana asks for numbers that /metrics has, and sends people to runbooks that exist. Method:
// the names in the files against a backend's own answer. A real Prometheus reads them in e2e/monitoring.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts'
import { startTestBackend, type TestBackend } from '../test-backend.ts'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')
const shipped = (name: string) => readFileSync(path.join(root, 'docs', 'monitoring', name), 'utf8')

let database: TestDatabase
let backend: TestBackend
beforeAll(async () => {
  database = await createTestDatabase()
  backend = await startTestBackend(database)
})
afterAll(async () => {
  await backend.close()
  await database.drop()
})

test.each(['prometheus-rules.yml', 'grafana-dashboard.json'])('%s asks for numbers that there are', async (name) => {
  const { text } = await backend.call('GET', '/metrics')
  const told = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, metric]) => metric))
  const asked = [...shipped(name).matchAll(/\b((?:rebootless|process)_[a-z_0-9]+)/g)].map(([, metric = '']) => metric)
  expect(asked.length).toBeGreaterThan(5)
  const missing = asked.filter((metric) => !told.has(metric.replace(/_(bucket|count|sum)$/, '')) && !told.has(metric))
  expect([...new Set(missing)]).toEqual([])
})

test('each runbook that a rule names exists', () => {
  const named = [...shipped('prometheus-rules.yml').matchAll(/docs\/runbooks\/[a-z-]+\.md/g)].map(([file]) => file)
  expect(named.length).toBeGreaterThan(5)
  expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
})
