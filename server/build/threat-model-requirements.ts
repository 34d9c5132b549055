interface Requirement {
  readonly number: string
  readonly name: string
  /** What holds, in one or a few sentences. */
  readonly text: string
}
interface Group {
  readonly title: string
  readonly requirements: readonly Requirement[]
}

const requirement = (number: string, name: string, text: string): Requirement => ({ number, name, text })

/** What must hold, by the border where it holds. Tests name the numbers in their titles. */
export const REQUIREMENTS: readonly Group[] = [
  {
    title: 'Browser',
    requirements: [
      requirement(
        'T01',
        'Sessions',
        'The session cookie is `__Host-`, `Secure`, `HttpOnly` and `SameSite=Strict`, holds 256 random bits, and is stored as a hash. A session ends when idle, after a week, at sign-out, and when its user’s role or scope changes or he is disabled; then it ends on all servers, its event streams within five seconds. A sign-in link works once and for ten minutes. Plain HTTP is served on loopback alone; elsewhere it is TLS, a declared proxy, or no start.',
      ),
      requirement(
        'T02',
        'Only our own pages write',
        'A write needs JSON and our own `Origin` and `Sec-Fetch-Site`. A `Host` header that is not on the list is refused, so that a rebound name reaches nothing. GET changes nothing, and no other site is ever invited.',
      ),
      requirement(
        'T03',
        'Headers',
        'Every answer, errors too, forbids inline script, framing, plugins and a foreign base, enforces Trusted Types (`/docs` apart), and tells nothing to the next site. What was answered to somebody is stored nowhere.',
      ),
      requirement(
        'T04',
        'Text from hosts is text',
        'Names of tasks, hosts, units, modules and functions, lines of the kernel’s log and of ELF files are shown as text, with control and bidirectional characters as visible escapes and their length bounded, on pages, in titles, exports and terminals.',
      ),
      requirement(
        'T05',
        'No way out by a path',
        'Where somebody is sent after signing in is a path of ours. Static files are served from their folder alone.',
      ),
    ],
  },
  {
    title: 'API',
    requirements: [
      requirement(
        'T06',
        'Denied unless declared',
        'A route without roles or without a rule of scope neither compiles nor mounts. No answer leaves without a decision that let it. A changed role acts on the next request.',
      ),
      requirement(
        'T07',
        'Objects and fields',
        'What belongs to others, or lies out of scope, answers to the byte as what is not there. Fields that the contract does not declare never leave, and no cache serves one person what was made for another.',
      ),
      requirement(
        'T08',
        'Strict input',
        'Unknown keys, wrong types, parameters given twice and keys that reach into prototypes are refused. Role, author and state come from the server alone. Whatever is sent, the answer is 2xx or a 4xx problem.',
      ),
      requirement(
        'T09',
        'Limits',
        'Addresses, headers, bodies, pages, filters, times, streams, and requests a second are bounded. Clients that read slowly are cut before they cost memory.',
      ),
      requirement(
        'T10',
        'Guessing is slow',
        'Sign-in attempts are counted in the database by account and source, over all servers and restarts. Nobody is locked out by another’s guesses, and an unknown name costs what a known one does.',
      ),
      requirement(
        'T11',
        'Single sign-on and API tokens',
        'OpenID Connect by code and PKCE with an exact redirect and fixed algorithms; an account is issuer and subject, never an address. API tokens are hashed, end, never exceed their creator, and cannot approve.',
      ),
      requirement(
        'T12',
        'Calls to other servers',
        'They go by TLS to public addresses, judged as they are connected to. Redirects are not followed; time and size are bounded. A setting may name other networks. What webhooks carry is signed.',
      ),
      requirement(
        'T13',
        'Tables that people open',
        'No cell of an exported table is a formula, and reading it back gives the same text.',
      ),
      requirement(
        'T14',
        'Uploads',
        'A file is streamed to disk, bounded packed and unpacked, and named by its hash. What is not a livepatch of a known kind is refused with a reason, whatever its headers claim.',
      ),
    ],
  },
  {
    title: 'Agents',
    requirements: [
      requirement(
        'T15',
        'Join tokens',
        'Hashed, valid for an hour at most, bound to labels, pinning the authority, and consumed by the very write that creates the host.',
      ),
      requirement(
        'T16',
        'Certificates',
        'A host’s key is born on the host and never leaves it. Of a request for a certificate the key alone counts. TLS 1.3; the role in the certificate decides, headers about certificates never do.',
      ),
      requirement(
        'T17',
        'Renewal and revocation',
        'Certificates last days and are renewed with a new key; the old one ends when the new one is first used. Revoking one ends new and open links on all servers, a lost notification included.',
      ),
      requirement(
        'T18',
        'Identity',
        'The certificate names the host, and ids in messages must match it. Ids are never reused. Two machines with one identity are quarantined: seen, and not commanded.',
      ),
      requirement(
        'T19',
        'Order',
        'Epoch and sequence rise both ways and are on disk before anything is done. A command repeated, reordered, late, or meant for another host has no effect.',
      ),
      requirement(
        'T20',
        'Frames',
        'At most 1 MiB, uncompressed, strictly parsed. A flooding link is slowed or dropped, and others stay fresh.',
      ),
      requirement(
        'T21',
        'Versions and clocks',
        'Neighbouring versions work together; others read only and say so. Clocks that are minutes apart stop commands and are shown.',
      ),
    ],
  },
  {
    title: 'Commands',
    requirements: [
      requirement(
        'T22',
        'A hostile server',
        'The agent acts only when both signatures, host, kernel, artefact, start, expiry, sequence and its own policy agree, and says which did not. Whoever holds every key of the server can delay or stop what people approved, and nothing else.',
      ),
      requirement(
        'T23',
        'Signatures',
        'Ed25519 over type and exact bytes. Distinct keys count once each, the threshold is at least one, and approvers’ keys change on the host alone.',
      ),
      requirement(
        'T24',
        'Artefacts',
        'What was hashed is what is loaded. Kind, kernel, build and dependencies must match, an older release needs an authorisation that says so, and nothing is forced past the kernel’s own checks.',
      ),
      requirement(
        'T25',
        'Several people',
        'A change of a production host needs an approver who did not ask for it; force, reverse, disable and downgrade need two. An admin alone approves nothing, and any edit voids approvals.',
      ),
      requirement(
        'T26',
        'Force',
        'Only for the stalled transition that runs, with its blocking tasks stored, where the policy allows it. After it nothing is loaded or disabled until the host was rebooted.',
      ),
      requirement(
        'T27',
        'The host’s own policy',
        'Nothing sent changes an agent’s policy, pins or code. A policy that is missing, malformed, or writable by others means that the agent observes and no more.',
      ),
      requirement(
        'T28',
        'Stop',
        'A file on the host stops it; a freeze stops the fleet, in the transaction that would send a command and at the agents. Lifting a freeze takes two people.',
      ),
      requirement(
        'T29',
        'Programs and paths',
        'No shell: fixed arguments, absolute tools, a clean environment. Names match the kernel’s pattern, and paths stay below their root.',
      ),
    ],
  },
  {
    title: 'Evidence, secrets, failure',
    requirements: [
      requirement(
        'T30',
        'Audit',
        'Who, what, whom, why and with what result, refusals too, written with the act or not at all, in one chain that the application cannot alter. Its signed heads are held by hosts and by receivers elsewhere. An export is verified without the server.',
      ),
      requirement(
        'T31',
        'Secrets',
        'Passwords are hashed by argon2id; other secrets are hashed, or encrypted by a key outside the database. None is in logs, errors, metrics, addresses or arguments.',
      ),
      requirement(
        'T32',
        'Backup',
        'A backup is encrypted. What is restored ends sessions, voids approvals, and repeats nothing.',
      ),
      requirement(
        'T33',
        'Doubt means no',
        'When database, clock, policy, key, identity provider or audit fails, changes are refused, reading goes on where it can, and the answer says why.',
      ),
      requirement(
        'T34',
        'Supply',
        'Dependencies are pinned with their hashes, come from the registry alone, and run no script when installed. The agent’s bundle is reproducible, holds listed modules alone, and is signed; each program has a bill of materials. A newer agent takes the place of the one that runs only by the signature of the makers whom the host names, and goes back when it does not prove itself.',
      ),
    ],
  },
  {
    title: 'Reliability',
    requirements: [
      requirement(
        'T35',
        'The driver may die',
        'A rollout’s driver that dies between any two effects leads to the same end.',
      ),
      requirement(
        'T36',
        'Simulated faults',
        'Loss, repetition, partitions, clock jumps and torn writes, from a seed, break no invariant.',
      ),
      requirement(
        'T37',
        'Real faults',
        'Killed processes, a restarted database, a full disk and a leader woken late end in recovery or a clear state.',
      ),
      requirement(
        'T38',
        'The agent may die',
        'Its journal is on disk before each act. After a crash it observes the kernel and reports, and never repeats blindly.',
      ),
      requirement(
        'T39',
        'Storms',
        'All agents that reconnect at once come back, while pages are served and no command is lost.',
      ),
      requirement('T40', 'The tests can fail', 'Planted bugs are each found by a named test.'),
    ],
  },
]
