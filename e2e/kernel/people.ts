import { spawn } from 'node:child_process'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { type APIRequestContext, type APIResponse, expect, request } from '@playwright/test'
import type {
  AuthorisationDetail,
  AuthorisationRequest,
  CommandView,
} from '@rebootless/shared/contract/commands-api.ts'
import type { KeySignature } from '@rebootless/shared/contract/signed.ts'
import type { Role } from '@rebootless/shared/domain/words.ts'
import type { Program } from '../program.ts'

const CLI = path.resolve(import.meta.dirname, '../../server/dist/rebootless.mjs')
/** A wish takes hold in seconds; an emulated kernel, on a machine that has other work, needs some more. */
const ENDS_WITHIN_MS = 90_000
export const PASSWORD = 'correct horse battery staple'

/** What is asked for; the reason is the test's. */
export type Act = Pick<AuthorisationRequest, 'action' | 'hosts'> & Partial<Omit<AuthorisationRequest, 'reason'>>

/** Somebody with a role of his own, over the API with a session of his own. */
export interface Person {
  readonly username: string
  readonly api: APIRequestContext
}

/** An approver, with a key that the server never has. */
export interface Approver extends Person {
  readonly keyFile: string
  readonly publicKey: string
}

/** Signs in as the one whom every program has. */
export async function signInAsAdmin({ address }: Program): Promise<Person> {
  const api = await request.newContext({ baseURL: address, extraHTTPHeaders: { Origin: address } })
  await answer(api.post('/api/v1/session', { data: { username: 'admin', password: PASSWORD } }))
  return { username: 'admin', api }
}

/** Made by an admin, signed in by the link that this gives, and with a password from then on. */
export async function addPerson(admin: Person, { address }: Program, username: string, role: Role): Promise<Person> {
  await proveAgain(admin)
  const { link } = await answer(admin.api.post('/api/v1/users', { data: { username, role } }))
  const api = await request.newContext({ baseURL: address, extraHTTPHeaders: { Origin: address } })
  const token = new URL(link.path, address).hash.replace('#token=', '')
  await answer(api.post('/api/v1/session/link', { data: { token } }))
  await answer(api.put('/api/v1/session/password', { data: { password: PASSWORD } }))
  return { username, api }
}

/** With a key that the command line made in a folder of his own machine. */
export async function addApprover(
  admin: Person,
  program: Program,
  username: string,
  folder: string,
): Promise<Approver> {
  const person = await addPerson(admin, program, username, 'approver')
  const keyFile = path.join(folder, `${username}.pem`)
  const publicKey = (await rebootless(['keygen', keyFile], '')).trim()
  await answer(person.api.post('/api/v1/approver-keys', { data: { publicKey, name: `${username}’s` } }))
  return { ...person, keyFile, publicKey }
}

/** What an answer holds, which must be a good one. */
export async function answer(asked: Promise<APIResponse>) {
  const response = await asked
  expect(response.status(), `${response.url()}: ${await response.text()}`).toBeLessThan(300)
  return response.status() === 204 ? null : await response.json()
}

/** Dangerous acts ask for it, of whoever signed in a while ago. */
export const proveAgain = ({ api }: Person) =>
  answer(api.post('/api/v1/session/authenticate', { data: { password: PASSWORD } }))

/** Asks for something to be done, freshly proven; whatever the answer. */
export async function tryToAsk(person: Person, what: Act): Promise<APIResponse> {
  await proveAgain(person)
  return await person.api.post('/api/v1/authorisations', { data: { reason: 'as the test has it', ...what } })
}

/** Asks as soon as the program has heard of what makes it possible. */
export async function askWhenPossible(person: Person, what: Act): Promise<AuthorisationDetail> {
  let asked: AuthorisationDetail | undefined
  const refusal = async () => {
    const response = await tryToAsk(person, what)
    const said = await response.json()
    if (response.ok()) asked = said
    return response.ok() ? null : said.detail
  }
  await expect.poll(refusal, { timeout: ENDS_WITHIN_MS }).toBeNull()
  return asked as AuthorisationDetail
}

/** As an approver does it: the command line shows the text and signs, and he hands the signature in. */
export async function approve(approver: Approver, { id, payload, hostCount }: AuthorisationDetail): Promise<void> {
  const signature = await signText(approver, payload, hostCount)
  await proveAgain(approver)
  await answer(approver.api.post(`/api/v1/authorisations/${id}/signatures`, { data: signature }))
}

export async function signText({ keyFile }: Approver, payload: string, hostCount: number): Promise<KeySignature> {
  return JSON.parse(await rebootless(['approve', '-', '--key', keyFile], `${payload}\n${hostCount}\n`))
}

/** The one command of a request for one host. */
export async function commandOf(person: Person, { id }: Pick<AuthorisationDetail, 'id'>): Promise<CommandView> {
  const { items } = await answer(person.api.get('/api/v1/commands', { params: { authorisation: id } }))
  return items[0]
}

/** What became of it, in the host's own words. */
export async function endOf(person: Person, asked: Pick<AuthorisationDetail, 'id'>): Promise<CommandView> {
  const ended = async () => {
    const { state, waitingFor } = await commandOf(person, asked)
    return state === 'waiting' || state === 'sent' ? `${state}: ${waitingFor}` : 'ended'
  }
  await expect.poll(ended, { timeout: ENDS_WITHIN_MS, intervals: [250] }).toBe('ended')
  return await commandOf(person, asked)
}

/** Runs the command line, with what somebody types; answers what it prints. */
export async function rebootless(words: readonly string[], input: string): Promise<string> {
  const child = spawn(process.execPath, [CLI, ...words], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  const code = new Promise((resolve) => child.once('close', resolve))
  const [out, said] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect(await code, said).toBe(0)
  return out
}
