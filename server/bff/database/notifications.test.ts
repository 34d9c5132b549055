// Goal: what is notified is heard, and after a loss every subscriber is told to read again. Method: a real server that
// cuts the listening connection.
import pg from 'pg'
import pino from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Notifications, openNotifications } from './notifications.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

let database: TestDatabase
let client: pg.Client
let notifications: Notifications
beforeAll(async () => {
  database = await createTestDatabase()
  client = new pg.Client(database.connection)
  await client.connect()
  const connection = { ...database.connection, application_name: 'listening' }
  notifications = openNotifications(connection, pino({ level: 'silent' }), () => 0)
})
afterAll(async () => {
  await notifications.close()
  await client.end()
  await database.drop()
})

const subscriber = () => ({ notified: vi.fn<(payload: string) => void>(), mayHaveMissed: vi.fn<() => void>() })
const notify = (channel: string, payload: string) => client.query('select pg_notify($1, $2)', [channel, payload])

test('each channel is heard by its own subscribers, until they end it', async () => {
  const [one, two, elsewhere] = [subscriber(), subscriber(), subscriber()]
  const end = await notifications.subscribe('hosts changed', one)
  await notifications.subscribe('hosts changed', two)
  await notifications.subscribe('other', elsewhere)
  await notify('hosts changed', 'first')
  await vi.waitFor(() => expect(two.notified.mock.calls).toEqual([['first']]))
  expect(one.notified.mock.calls).toEqual([['first']])
  end()
  await notify('hosts changed', 'second')
  await vi.waitFor(() => expect(two.notified.mock.calls).toEqual([['first'], ['second']]))
  expect(one.notified).toHaveBeenCalledTimes(1)
  expect(elsewhere.notified).not.toHaveBeenCalled()
  expect(two.mayHaveMissed).not.toHaveBeenCalled()
})

test('T37 a cut connection comes back, subscribers are told, and later ones are heard', async () => {
  const one = subscriber()
  await notifications.subscribe('cut', one)
  await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'listening'`)
  await vi.waitFor(() => expect(one.mayHaveMissed).toHaveBeenCalledTimes(1), 5_000)
  await notify('cut', 'after')
  await vi.waitFor(() => expect(one.notified.mock.calls).toEqual([['after']]))
})

test('a subscriber that throws does not stop the others', async () => {
  const [broken, one] = [subscriber(), subscriber()]
  broken.notified.mockImplementation(() => {
    throw new Error('bug')
  })
  await notifications.subscribe('throwing', broken)
  await notifications.subscribe('throwing', one)
  await notify('throwing', 'x')
  await vi.waitFor(() => expect(one.notified).toHaveBeenCalledWith('x'))
  expect(broken.notified).toHaveBeenCalled()
})
