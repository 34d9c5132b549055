// Goal: a production host acts on what enough of its own approvers signed, and on nothing else (T25). Method: a real backend
// over PostgreSQL, people of each role, and links whose other end is the test.

import { AuthorisationDetail } from '@rebootless/shared/contract/commands-api.ts'
import { PAYLOAD_TYPES } from '@rebootless/shared/domain/signing-bytes.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stalledSample } from '../ingest/test-messages.ts'
import { eventually } from '../link/link-test-bench.ts'
import { addTestHost, newApproverKey } from './test-fleet.ts'
import {
  type Person,
  production,
  type RequestBench,
  STALLED_LIVEPATCHES,
  signatureOf,
  startRequestBench,
} from './test-requests.ts'

let bench: RequestBench
beforeAll(async () => {
  bench = await startRequestBench()
})
afterAll(() => bench.end())

describe('T25 a production host', () => {
  test('acts once an approver whom it knows has signed, and on his signature over the stored text alone', async () => {
    const [approver, other] = [await bench.approverWithKey(), await bench.approverWithKey()]
    const host = await addTestHost(bench.kysely, { policy: production([approver]) })
    const { stub, heard } = bench.linked(host)
    const asked = await bench.requested(await bench.person('operator'), [host])
    expect(asked).toMatchObject({ state: 'waiting', approvalsNeeded: 1 })
    const path = `/api/v1/authorisations/${asked.id}/signatures`
    for (const [signature, reason] of [
      [signatureOf(approver, `${asked.payload} `), /does not fit/],
      [signatureOf(approver, asked.payload, PAYLOAD_TYPES.command), /does not fit/],
      [{ ...signatureOf(other, asked.payload), publicKey: approver.publicKey }, /does not fit/],
      [signatureOf(other, asked.payload), /not registered as yours/],
      [signatureOf(newApproverKey(), asked.payload), /not registered as yours/],
    ] as const) {
      const answer = await bench.post(approver, path, signature)
      expect(answer.json()).toMatchObject({
        type: '/problems/signature_refused',
        detail: expect.stringMatching(reason),
      })
    }
    expect(stub.effects).toEqual([])
    const signed = AuthorisationDetail.parse(
      (await bench.post(approver, path, signatureOf(approver, asked.payload))).json(),
    )
    expect(signed).toMatchObject({ state: 'approved', cannotSign: 'You have signed it.' })
    await eventually('done', async () => (await bench.commandsOf(asked.id))[0]?.state === 'done')
    const sent = heard.find((message) => message.type === 'command')
    expect(sent?.type === 'command' && sent.authorisation).toMatchObject({
      payload: asked.payload,
      signatures: [signatureOf(approver, asked.payload)],
    })
    expect(await bench.auditOf('authorisation.sign', asked.id)).toHaveLength(1)
  })

  test('does nothing on keys that it does not name, however many', async () => {
    const known = await bench.approverWithKey()
    const host = await addTestHost(bench.kysely, { policy: production([known]) })
    const { stub } = bench.linked(host)
    const asked = await bench.requested(await bench.person('operator'), [host])
    const stranger = await bench.approverWithKey()
    const late = await bench.post(
      stranger,
      `/api/v1/authorisations/${asked.id}/signatures`,
      signatureOf(stranger, asked.payload),
    )
    expect(late.json().detail).toMatch(/registered after the request/)
    const again = await bench.requested(await bench.person('operator'), [host])
    await bench.post(stranger, `/api/v1/authorisations/${again.id}/signatures`, signatureOf(stranger, again.payload))
    await eventually('tried', async () =>
      /other keys have signed/.test((await bench.commandsOf(again.id))[0]?.waitingFor ?? ''),
    )
    expect(stub.effects).toEqual([])
  })

  test.each(['force', 'reverse', 'disable', 'downgrade'] as const)(
    '%s takes two people, neither of whom asked',
    async (what) => {
      const [one, two] = [await bench.approverWithKey(), await bench.approverWithKey()]
      const needsTransition = what === 'force' || what === 'reverse'
      const host = await addTestHost(bench.kysely, {
        policy: production([one, two]),
        snapshot: needsTransition ? { transition: stalledSample(), livepatches: STALLED_LIVEPATCHES } : {},
      })
      const { stub } = bench.linked(host)
      const fields = what === 'downgrade' ? { downgrade: true } : { action: what, artefact: null, patch: 'lp_fix' }
      const mine = await bench.requested(one, [host], fields)
      expect(
        (await bench.post(one, `/api/v1/authorisations/${mine.id}/signatures`, signatureOf(one, mine.payload))).json()
          .detail,
      ).toMatch(/asked for it cannot approve it/)
      const asked = await bench.requested(await bench.person('operator'), [host], fields)
      expect(asked.approvalsNeeded).toBe(2)
      const path = `/api/v1/authorisations/${asked.id}/signatures`
      await bench.post(one, path, signatureOf(one, asked.payload))
      const twice = await bench.post(one, path, signatureOf(one, asked.payload))
      expect(twice.json().detail).toMatch(/have signed it/)
      // The same person by another session, with another of his keys.
      const secondKey = newApproverKey()
      const again = await bench.signIn(one.userId)
      await bench.post(again, '/api/v1/approver-keys', { publicKey: secondKey.publicKey, name: 'second' })
      expect((await bench.post(again, path, signatureOf(secondKey, asked.payload))).json().detail).toMatch(
        /have signed it/,
      )
      await bench.backend.commands.look()
      expect(stub.effects).toEqual([])
      await bench.post(two, path, signatureOf(two, asked.payload))
      await eventually('done', async () => (await bench.commandsOf(asked.id))[0]?.state === 'done')
      expect(stub.effects).toEqual([`${asked.id} action`])
    },
  )

  test('a key is one person’s for ever, and of a foreign one nothing is told', async () => {
    const [one, two] = [await bench.approverWithKey(), await bench.approverWithKey()]
    const taken = await bench.post(two, '/api/v1/approver-keys', { publicKey: one.publicKey, name: 'mine' })
    expect(taken.json().type).toBe('/problems/approver_key_refused')
    const revoke = (who: Person) =>
      bench.backend.call('DELETE', `/api/v1/approver-keys/${one.keyId}`, {
        cookie: who.cookie,
        body: { reason: 'lost' },
      })
    expect((await revoke(two)).status).toBe(404)
    expect((await revoke(one)).status).toBe(204)
    const again = await bench.post(one, '/api/v1/approver-keys', { publicKey: one.publicKey, name: 'again' })
    expect(again.json().type).toBe('/problems/approver_key_refused')
  })

  test.each(['disabled', 'role', 'key'] as const)(
    'an approver who lost his place (%s) makes it void, also when he gets it back',
    async (how) => {
      const [one, two] = [await bench.approverWithKey(), await bench.approverWithKey()]
      const host = await addTestHost(bench.kysely, { policy: production([one, two], 2) })
      const { stub } = bench.linked(host)
      const operator = await bench.person('operator')
      const asked = await bench.requested(operator, [host])
      const path = `/api/v1/authorisations/${asked.id}/signatures`
      await bench.post(one, path, signatureOf(one, asked.payload))
      const set = (values: object) =>
        bench.kysely.updateTable('users').set(values).where('id', '=', one.userId).execute()
      if (how === 'disabled') await set({ disabled_at: new Date() })
      if (how === 'role') await set({ role: 'operator' })
      if (how === 'key')
        await bench.backend.call('DELETE', `/api/v1/approver-keys/${one.keyId}`, {
          cookie: one.cookie,
          body: { reason: 'lost' },
        })
      const answer = await bench.post(two, path, signatureOf(two, asked.payload))
      expect(answer.json().type).toBe('/problems/authorisation_closed')
      await eventually('void', async () => (await bench.auditOf('authorisation.void', asked.id)).length === 1)
      await set({ disabled_at: null, role: 'approver' })
      const now = AuthorisationDetail.parse((await bench.read(operator, `/api/v1/authorisations/${asked.id}`)).json())
      expect(now).toMatchObject({ state: 'void' })
      await bench.backend.commands.look()
      expect([stub.effects, (await bench.commandsOf(asked.id))[0]?.state]).toEqual([[], 'cancelled'])
    },
  )

  test('its time over, it is expired and nobody signs it any more', async () => {
    const approver = await bench.approverWithKey()
    const host = await addTestHost(bench.kysely, { policy: production([approver]) })
    const asked = await bench.requested(await bench.person('operator'), [host], { validHours: 1 })
    await bench.kysely
      .updateTable('authorisations')
      .set({ expires_at: bench.backend.clock.now() })
      .where('id', '=', asked.id)
      .execute()
    const answer = await bench.post(
      approver,
      `/api/v1/authorisations/${asked.id}/signatures`,
      signatureOf(approver, asked.payload),
    )
    expect(answer.json().type).toBe('/problems/authorisation_closed')
    await eventually('ended', async () => (await bench.commandsOf(asked.id))[0]?.state === 'expired')
  })

  test('cancelled, nothing is made of it, though it was approved', async () => {
    const approver = await bench.approverWithKey()
    const host = await addTestHost(bench.kysely, { policy: production([approver]) })
    const operator = await bench.person('operator')
    const asked = await bench.requested(operator, [host])
    await bench.post(approver, `/api/v1/authorisations/${asked.id}/signatures`, signatureOf(approver, asked.payload))
    expect((await bench.post(operator, `/api/v1/authorisations/${asked.id}/cancel`)).json().state).toBe('cancelled')
    const { commands } = bench.linked(host)
    await bench.backend.commands.look()
    expect([commands(), (await bench.commandsOf(asked.id))[0]?.state]).toEqual([0, 'cancelled'])
  })

  test('an admin alone approves nothing, and a label makes no lab of it', async () => {
    const admin = await bench.person('admin')
    const host = await addTestHost(bench.kysely, {
      policy: production([await bench.approverWithKey()]),
      labels: { class: 'lab' },
    })
    const { stub } = bench.linked(host)
    const asked = await bench.requested(admin, [host])
    const key = newApproverKey()
    expect((await bench.post(admin, '/api/v1/approver-keys', { publicKey: key.publicKey, name: 'x' })).status).toBe(403)
    expect(
      (await bench.post(admin, `/api/v1/authorisations/${asked.id}/signatures`, signatureOf(key, asked.payload)))
        .status,
    ).toBe(403)
    await bench.backend.commands.look()
    expect(stub.effects).toEqual([])
  })

  test('dangerous acts, and signing, want a proof of minutes ago', async () => {
    const host = await addTestHost(bench.kysely)
    const operator = await bench.person('operator')
    const approver = await bench.approverWithKey()
    const asked = await bench.requested(operator, [host], {
      reason: 'a',
      hosts: [{ id: (await addTestHost(bench.kysely, { policy: production([approver]) })).id }],
    })
    bench.backend.clock.advance(6 * 60_000)
    for (const answer of [
      await bench.request(operator, [host], { action: 'disable', artefact: null, patch: 'lp_fix' }),
      await bench.request(operator, [host], { downgrade: true }),
      await bench.post(approver, `/api/v1/authorisations/${asked.id}/signatures`, signatureOf(approver, asked.payload)),
    ])
      expect(answer.json().type).toBe('/problems/authentication_too_old')
    expect((await bench.request(operator, [host])).status).toBe(201)
  })
})
