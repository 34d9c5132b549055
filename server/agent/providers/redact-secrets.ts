/** Stands where a secret was. */
export const REDACTED = '[redacted]'

/**
 * Shapes of secrets, whichever tool printed them. Each provider takes out what it knows of; this is for what it does not.
 * Every expression is linear: what it repeats is bounded, and cannot begin at more than one place in a run of characters.
 */
const SECRETS: readonly { readonly shape: RegExp; readonly becomes: string }[] = [
  // An Uptrack access key is 64 hexadecimal digits (uptrack.conf, `accesskey`).
  { shape: /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi, becomes: REDACTED },
  // `Key: …` of Uptrack's status and results, `token = …`: a value that is long and has a digit, unlike a word.
  {
    shape: /(?<![\w-])((?:key|token)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?)(?=[\w+/=.-]{0,64}\d)[\w+/=.-]{12,1024}/gi,
    becomes: `$1${REDACTED}`,
  },
  // `accesskey = …`, `"machineToken": "…"`, `resource-token: …`, `X-Api-Key: …`.
  {
    shape:
      /((?:access|auth|api|machine|resource|contract|server|client|registration|license|secret|private)[-_ ]?(?:key|token)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?)(?=[\w+/=.-]{0,64}\d)[\w+/=.-]{8,1024}/gi,
    becomes: `$1${REDACTED}`,
  },
  {
    shape:
      /((?:password|passwd|passphrase)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?)(?:(?<=["'])[^"'\n]{1,512}|[^\s,;}\]"']{1,512})/gi,
    becomes: `$1${REDACTED}`,
  },
  { shape: /(\b(?:authorization: ?basic|bearer)[ \t]{1,8})[\w+/=.~-]{8,2048}/gi, becomes: `$1${REDACTED}` },
  // What stands before the @ of an address: RFC 3986, §3.2.1.
  { shape: /(:\/\/)[^\s/@"'<>]{1,256}@/g, becomes: `$1${REDACTED}@` },
]

/** A text of a host without what looks like a key, a token or a password. */
export const redactSecrets = (text: string): string =>
  SECRETS.reduce((rest, { shape, becomes }) => rest.replace(shape, becomes), text)
