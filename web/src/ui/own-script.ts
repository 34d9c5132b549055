interface ScriptUrlPolicy {
  createScriptURL(url: string): unknown
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): ScriptUrlPolicy
}

/** T03: the one policy that the content security policy allows; it lets nothing pass but a script of our own origin. */
const ownScript = (url: string): string => {
  if (new URL(url, location.href).origin !== location.origin) throw new TypeError(`not a script of ours: ${url}`)
  return url
}

let policy: ScriptUrlPolicy | null = null

/** The URL of a worker, as a browser with Trusted Types takes it. @throws TypeError for a script of elsewhere */
export const ownScriptUrl = (url: string): string => {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  if (trustedTypes === undefined) return ownScript(url)
  policy ??= trustedTypes.createPolicy('rebootless', { createScriptURL: ownScript })
  // The types of the DOM do not know TrustedScriptURL yet.
  return policy.createScriptURL(url) as string
}
