/** A bug as somebody might write it: one piece of one file, replaced. */
export interface PlantedBug {
  readonly name: string
  readonly file: string
  readonly find: string
  readonly instead: string
  /** The test file whose named test must fail, by the beginning of its title or of its group's. */
  readonly test: string
  readonly title: string
  /** Needs a database, so that only the full run plants it. */
  readonly slow?: true
}

const VERIFY = 'server/agent/commands/verify-command.ts'
const VERIFY_TEST = 'server/agent/commands/verify-command.test.ts'
const ROUTES = 'server/bff/http/mount-routes.ts'

/** The bugs of T40. `find` must stand in its file exactly once, so that a change of the code asks for a look here. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'the agent takes a command again',
    file: VERIFY,
    find: 'const isNew = last === null ||',
    instead: 'const isNew = true ||',
    test: VERIFY_TEST,
    title: 'T19 the same number again',
  },
  {
    name: 'the agent takes a command for another host',
    file: VERIFY,
    find: 'if (command.hostId !== hostId)',
    instead: 'if (false)',
    test: VERIFY_TEST,
    title: 'T22 another host',
  },
  {
    name: 'a command never ends',
    file: VERIFY,
    find: 'if (now >= Date.parse(command.expiresAt))',
    instead: 'if (false)',
    test: VERIFY_TEST,
    title: 'T22 the command is over',
  },
  {
    name: 'a host of class observe acts',
    file: VERIFY,
    find: "if (policy.hostClass === 'observe')",
    instead: 'if (false)',
    test: VERIFY_TEST,
    title: 'T22 ',
  },
  {
    name: 'the stop file is not looked at',
    file: VERIFY,
    find: 'if (facts.stopped)',
    instead: 'if (false)',
    test: VERIFY_TEST,
    title: 'T22 ',
  },
  {
    name: 'a signature is not verified',
    file: 'server/signing/ed25519.ts',
    find: 'return verify(null,',
    instead: 'return true || verify(null,',
    test: VERIFY_TEST,
    title: 'T23 forged',
  },
  {
    name: 'one key counts twice',
    file: 'server/agent/commands/check-approvals.ts',
    find: 'if (new Set(keys).size < keys.length)',
    instead: 'if (false)',
    test: VERIFY_TEST,
    title: 'T23 by one twice',
  },
  {
    name: 'a signature does not cover the type',
    file: 'shared/domain/signing-bytes.ts',
    find: 'signingBytes = (type: PayloadType, payload: string): Uint8Array => {',
    instead: 'signingBytes = (_: PayloadType, payload: string): Uint8Array => {\n  const type = PAYLOAD_TYPES.command',
    test: VERIFY_TEST,
    title: 'T23 of another type',
  },
  {
    name: 'a text that is not canonical is read',
    file: 'server/agent/commands/signatures.ts',
    find: 'if (canonicalJson(json) !== payload ||',
    instead: 'if (',
    test: VERIFY_TEST,
    title: 'T23 an authorisation re-ordered',
  },
  {
    name: 'one approver is enough to force',
    file: 'shared/domain/approvals-needed.ts',
    find: 'Math.max(2, host.threshold)',
    instead: 'host.threshold',
    test: VERIFY_TEST,
    title: 'T2',
  },
  {
    name: 'a secret opens for any purpose',
    file: 'server/bff/secrets/secret-box.ts',
    find: 'additional = (purpose: string) =>',
    instead: "additional = (_: string, purpose = '') =>",
    test: 'server/bff/secrets/secrets.test.ts',
    title: 'T31 a sealed secret',
  },
  {
    name: 'any address is called',
    file: 'server/bff/outgoing/guarded-fetch.ts',
    find: 'new RequestFilteringHttpsAgent({',
    instead: 'new HttpsAgent({',
    test: 'server/bff/outgoing/guarded-fetch.test.ts',
    // Those of this machine alone: with the bug in place the call is made.
    title: 'T12 without the setting, no packet to https://127',
  },
  {
    name: 'a named address is resolved again',
    file: 'server/bff/outgoing/guarded-fetch.ts',
    find: ': new HttpAgent({ lookup: pinned(found) })',
    instead: ': new HttpAgent({ lookup })',
    test: 'server/bff/outgoing/guarded-fetch.test.ts',
    title: 'T12 a resolver that changes its answer',
  },
  {
    name: 'a cell may be a formula',
    file: 'shared/domain/csv.ts',
    find: '(FORMULA.test(plain) ?',
    instead: '(false ?',
    test: 'shared/domain/csv.test.ts',
    title: 'T13',
  },
  {
    name: 'slow readers are never cut',
    file: 'server/bff/http/unsent-answers.ts',
    find: 'if (this.#bytes <= UNSENT_ANSWER_BYTES_MAX || eldest === answer) return',
    instead: 'if (eldest !== undefined) return',
    test: 'server/bff/http/limits.test.ts',
    title: 'T09 answers that are not taken',
  },
  {
    name: 'roles are not looked at',
    file: 'server/bff/http/authorise.ts',
    find: 'if (!audience.includes(signedIn.role))',
    instead: 'if (false)',
    test: 'server/bff/http/authorisation.test.ts',
    title: 'T06 the authorisation matrix',
    slow: true,
  },
  {
    name: 'a route of the whole fleet takes a scope',
    file: 'server/bff/http/require-scope.ts',
    find: "if (rule === 'whole fleet' && scope.text !== null)",
    instead: 'if (false)',
    test: 'server/bff/http/authorisation.test.ts',
    title: 'T06 the authorisation matrix',
    slow: true,
  },
  {
    name: 'a foreign host is acted on',
    file: ROUTES,
    find: 'await requireHost(definition.scope, scope, params, options.hostInScope)',
    instead: '',
    test: 'server/bff/http/authorisation.test.ts',
    title: 'T06 the authorisation matrix',
    slow: true,
  },
  {
    name: 'a proof may be as old as it likes',
    file: 'server/bff/http/authorise.ts',
    find: 'if (reauthenticate === undefined) return',
    instead: 'return',
    test: 'server/bff/http/authorisation.test.ts',
    title: 'T06 the authorisation matrix',
    slow: true,
  },
  {
    name: 'any site may write',
    file: ROUTES,
    find: 'requireOwnOrigin(request, definition.requestMedia)',
    instead: '',
    test: 'server/bff/http/origin.test.ts',
    title: 'T02 writes',
    slow: true,
  },
  {
    name: 'the list shows every host',
    file: 'server/bff/hosts/queries.ts',
    find: ".select(keyTexts(order).as('key'))\n    .where(scope.condition)",
    instead: ".select(keyTexts(order).as('key'))",
    test: 'server/bff/http/scope.test.ts',
    title: 'T07 with a scope',
    slow: true,
  },
  {
    name: 'a stream tells of every host',
    file: 'server/bff/events/event-view.ts',
    find: 'if (this.#seen === undefined) return',
    instead: 'if (frames !== undefined) return',
    test: 'server/bff/http/scope.test.ts',
    title: 'T07 the event stream of a scope',
    slow: true,
  },
  {
    name: 'a late message counts as news',
    file: 'server/bff/ingest/write-readings.ts',
    find: '(host_readings.epoch, host_readings.sequence) < (excluded.epoch, excluded.sequence)',
    instead: 'true',
    test: 'server/bff/ingest/ingest-order.test.ts',
    title: 'T19 any order',
    slow: true,
  },
  {
    name: 'an act does not wait for its row in the audit log',
    file: 'server/bff/audit/append-audit.ts',
    find: 'if (entries.length === 0) return',
    instead: 'if (entries.length > -1) return',
    test: 'server/bff/http/doubt.test.ts',
    title: 'T33 T30 the audit log takes nothing',
    slow: true,
  },
  {
    name: 'the agent acts without a word in its journal',
    file: 'server/agent/commands/act-journal.ts',
    find: "await journal.write({ kind: 'effect', id, effect: { tasks: [], ...effect } })",
    instead: '',
    test: 'server/agent/commands/crash.test.ts',
    title: 'T38',
    slow: true,
  },
]
